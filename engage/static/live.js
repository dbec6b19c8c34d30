// The live page looks every few seconds whether the meeting has moved on, and shows it without taking a pen from a hand.
"use strict";
const EVERY = 8000; // milliseconds
const region = document.getElementById("live");

// Somebody who types, or has opened a form, is told and not interrupted.
const busy = () => {
  const at = document.activeElement;
  if (at && region.contains(at) && at.matches("input, select, textarea, button")) return true;
  return [...region.querySelectorAll("textarea, input[type=text]")].some((field) => field.value !== field.defaultValue);
};

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("live");
  if (!fresh || fresh.dataset.stamp === region.dataset.stamp) return;
  if (busy()) {
    say("The meeting has moved on. Choose “Show it as it is now” when you are ready.");
    return;
  }
  region.replaceChildren(...fresh.childNodes);
  region.dataset.stamp = fresh.dataset.stamp;
  const now = document.getElementById("now-heading");
  say(now ? now.textContent : "The meeting has moved on.");
}
setInterval(look, EVERY);
