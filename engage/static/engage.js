// The only script: small comforts. Every page is complete without it.
"use strict";

// A form is sent once. The server would keep one record anyway; this spares the person the doubt.
// The button is disabled after the submission has been read, so its own name and value still go along.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  setTimeout(() => {
    for (const button of event.target.querySelectorAll("button[type=submit]")) button.disabled = true;
    say("Sending. Please wait.");
  });
});

// Coming back by the browser's back button, the form may be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("button[type=submit]:disabled")) button.disabled = false;
});

// One polite live region, made when first needed.
let voice;
function say(sentence) {
  if (!voice) {
    voice = document.createElement("p");
    voice.className = "usa-sr-only";
    voice.setAttribute("role", "status");
    document.body.append(voice);
  }
  voice.textContent = sentence;
}

// Problems are met first, wherever the page was left.
document.querySelector("[data-focus]")?.focus();

// A long text says how much room is left, once room runs short.
for (const area of document.querySelectorAll("textarea[maxlength]")) {
  const note = document.createElement("span");
  note.className = "engage-left";
  note.setAttribute("aria-live", "polite");
  area.after(note);
  const tell = () => {
    const left = area.maxLength - area.value.length;
    note.textContent = left <= area.maxLength / 5 ? `${left} characters left` : "";
  };
  area.addEventListener("input", tell);
  tell();
}

// The phone's menu closes on Escape and gives the focus back.
const menu = document.querySelector(".engage-switch");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu?.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
