// The page of an import asks every two seconds how far it has come, until it is done. Without this, "Look again" does.
"use strict";
const timer = setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("progress");
  if (!fresh) return;
  document.getElementById("progress").replaceWith(fresh);
  if (!page.querySelector("script[src*=progress]")) clearInterval(timer);
}, 2000);
