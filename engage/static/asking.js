// Comforts of asking: last safe days as they are typed, people as they are looked for. The page is complete without.
"use strict";
const WAIT = 350; // milliseconds after the last key

async function show(url, into) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } }).catch(() => null);
  const place = document.getElementById(into);
  if (answer?.ok && place) place.innerHTML = await answer.text();
}

const after = (act) => {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, WAIT);
  };
};

for (const form of document.querySelectorAll("form[data-live]")) {
  const look = after(() => {
    const typed = [...new FormData(form)].filter(([name, value]) => name.startsWith(form.dataset.watch) && value);
    show(`${form.dataset.live}?${new URLSearchParams(typed)}`, form.dataset.into);
  });
  form.addEventListener("input", look);
  form.addEventListener("change", look);
}

for (const field of document.querySelectorAll("input[data-find]")) {
  field.addEventListener(
    "input",
    after(() => show(`${field.dataset.find}?${new URLSearchParams({ who: field.value })}`, field.dataset.into)),
  );
}
