// What a page does beyond HTML. Every page can be read and used without it.
"use strict";

const store = (name, value) => {
  try { localStorage.setItem(name, value); } catch { /* Nothing is remembered. */ }
};

// The color mode: as the system says, light, dark.
const mode = document.querySelector("button.mode");
const modes = ["auto", "light", "dark"];
const setMode = (name) => {
  document.documentElement.dataset.mode = name;
  mode.title = mode.dataset[name];
  mode.setAttribute("aria-label", mode.dataset[name]);
};
const now = document.documentElement.dataset.mode;
setMode(modes.includes(now) ? now : "auto");
mode.hidden = false;
mode.addEventListener("click", () => {
  const next = modes[(modes.indexOf(document.documentElement.dataset.mode) + 1) % 3];
  setMode(next);
  store("hpocourse-mode", next);
});

// The root page sends a reader to the language that was chosen last.
const languages = document.querySelector("details.languages");
for (const link of languages.querySelectorAll("[data-language]"))
  link.addEventListener("click", () => store("hpocourse-language", link.dataset.language));
document.addEventListener("click", (event) => {
  if (!languages.contains(event.target)) languages.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") languages.open = false;
});

// Code can be copied.
for (const block of document.querySelectorAll("article .highlight")) {
  if (block.closest(".cell_output")) continue;
  const button = document.createElement("button");
  const { copy, copied } = document.body.dataset;
  button.type = "button";
  button.className = "copy";
  button.textContent = copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("pre").textContent.trimEnd());
    button.textContent = copied;
    setTimeout(() => { button.textContent = copy; }, 1500);
  });
  block.append(button);
}

// The code of figures is folded at first; all of it can be shown, or none.
const code = document.querySelector("label.code");
if (code) {
  const choice = code.querySelector("select");
  const showCode = () => {
    document.documentElement.dataset.code = choice.value;
    for (const cell of document.querySelectorAll("details.hidden"))
      cell.open = choice.value === "all";
  };
  let chosen;
  try { chosen = localStorage.getItem("hpocourse-code"); } catch { /* As at first. */ }
  choice.value = chosen;
  if (choice.selectedIndex < 0) choice.value = "some";
  code.hidden = false;
  showCode();
  choice.addEventListener("change", () => {
    showCode();
    store("hpocourse-code", choice.value);
  });
}

// The section that is being read is marked in the page's own contents.
const here = new Map();
for (const link of document.querySelectorAll("nav.here a[href^='#']")) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (target) here.set(target, link);
}
const mark = () => {
  let current;
  for (const [target, link] of here) {
    link.removeAttribute("aria-current");
    if (target.getBoundingClientRect().top < 120) current = link;
  }
  current?.setAttribute("aria-current", "true");
};
if (here.size) {
  addEventListener("scroll", mark, { passive: true });
  mark();
}
