// The page of an import asks every two seconds how far it has come, until it is done. Without this, "Look again" does.
"use strict";
const timer = setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("progress");
  if (!fresh) { // it was looked at: the page says so and stays, for its columns may be being named
    clearInterval(timer);
    document.getElementById("progress").querySelector("p").textContent = "It was looked at. Look again to see what it would do.";
    document.getElementById("bar").value = 1;
    return;
  }
  document.getElementById("progress").replaceWith(fresh);
  if (!page.querySelector("script[src*=progress]")) clearInterval(timer);
}, 2000);
