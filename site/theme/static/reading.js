// What helps while reading: how far one is, what a term means, what was read.
"use strict";

const said = JSON.parse(document.getElementById("messages").textContent);
const page = document.body.dataset.page;

// A thin line under the bar shows how much of the page lies above.
const line = document.querySelector(".top .progress");
const measure = () => {
  const room = document.documentElement.scrollHeight - innerHeight;
  line.style.scale = `${room > 0 ? Math.min(1, scrollY / room) : 0} 1`;
};
addEventListener("scroll", measure, { passive: true });
addEventListener("resize", measure);
measure();

// Chapters marked as read: on this device only, the same in every language.
const KEY = "hpocourse-read";
const whatIsRead = () => {
  try { return new Set(JSON.parse(localStorage.getItem(KEY)) ?? []); } catch { return new Set(); }
};
const slugOf = (link) => link.getAttribute("href").match(/([\w-]+)\.html$/)?.[1] ?? page;
const chapters = [...document.querySelectorAll("nav.contents a")].filter((link) =>
  link.querySelector(".section-number") || /^\d+\./.test(link.textContent.trim()));
const cards = [...document.querySelectorAll("#map tbody a")];
const slugs = [...new Set(chapters.map((link) =>
  (link.getAttribute("href").startsWith("#") ? page : slugOf(link))))];
const showRead = () => {
  const read = whatIsRead();
  [...chapters, ...cards].forEach((link) => {
    const done = read.has(link.getAttribute("href").startsWith("#") ? page : slugOf(link));
    link.classList.toggle("read", done);
    link.title = done ? said.read : "";
  });
  const count = slugs.filter((slug) => read.has(slug)).length;
  const bar = document.querySelector(".contents .count");
  bar.hidden = !count;
  bar.textContent = said.progress.replace("{read}", count).replace("{all}", slugs.length);
  const button = document.querySelector("button.read");
  if (button) button.setAttribute("aria-pressed", read.has(page));
};
const markRead = document.querySelector("button.read");
if (markRead && slugs.includes(page)) {
  markRead.hidden = false;
  markRead.addEventListener("click", () => {
    const read = whatIsRead();
    if (!read.delete(page)) read.add(page);
    try { localStorage.setItem(KEY, JSON.stringify([...read])); } catch { /* Not kept. */ }
    showRead();
  });
}
showRead();

// A term's meaning shows beside its link: on hover, on focus, at the first tap.
const note = document.createElement("div");
note.className = "meaning";
note.id = "meaning";
note.setAttribute("role", "tooltip");
note.popover = "manual";
document.body.append(note);
let shownFor = null;
const hide = () => {
  if (!shownFor) return;
  shownFor.removeAttribute("aria-describedby");
  shownFor = null;
  note.hidePopover?.();
};
const explain = (link) => {
  hide();
  shownFor = link;
  note.textContent = link.dataset.meaning;
  link.setAttribute("aria-describedby", note.id);
  note.showPopover?.();
  const box = link.getBoundingClientRect();
  const width = note.offsetWidth;
  note.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  const below = box.bottom + 8 + note.offsetHeight < innerHeight;
  note.style.top = `${below ? box.bottom + 6 : box.top - note.offsetHeight - 6}px`;
};
for (const link of document.querySelectorAll("a[data-meaning]")) {
  let touched = false;
  link.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; });
  link.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") explain(link);
  });
  link.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hide(); });
  link.addEventListener("focus", () => { if (!touched) explain(link); });
  link.addEventListener("blur", hide);
  link.addEventListener("click", (event) => {
    if (touched && shownFor !== link) {
      event.preventDefault(); // the second tap follows the link
      explain(link);
    }
  });
}
addEventListener("scroll", hide, { passive: true });
document.addEventListener("pointerdown", (event) => {
  if (shownFor && event.target !== shownFor && !shownFor.contains(event.target)) hide();
});

// The glossary shows the terms whose words, or whose words in English, hold what is typed.
const terms = document.querySelector("dl.terms");
if (terms) {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const sift = Object.assign(document.createElement("input"), {
    type: "search", className: "sift", placeholder: said.sift, ariaLabel: said.sift,
  });
  const nothing = Object.assign(document.createElement("p"), { role: "status" });
  const choose = () => {
    let none = true;
    for (const word of terms.querySelectorAll(":scope > dt")) {
      const meaning = word.nextElementSibling;
      const others = meaning.querySelector(".elsewhere").textContent;
      const shown = plain(`${word.textContent} ${others}`).includes(plain(sift.value.trim()));
      word.hidden = meaning.hidden = !shown;
      if (shown) none = false;
    }
    nothing.textContent = none ? said.nothing : "";
  };
  sift.addEventListener("input", choose);
  // A letter leads to a term, which is to be seen.
  document.querySelector(".letters")?.addEventListener("click", () => { sift.value = ""; choose(); });
  terms.before(sift);
  terms.after(nothing);
}

// Keys: arrows turn pages, Escape hides what was explained.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (document.querySelector("dialog[open], :popover-open:not(.meaning)")) return;
  const target = event.target;
  if (target.closest("input, select, textarea, [tabindex='0']")) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  if (rel) document.querySelector(`nav.turn a[rel=${rel}]`)?.click();
});

// What scrolls sideways can be reached, and scrolled, by keys.
const scrollers = document.querySelectorAll("article :is(pre, div.table, div.math, .output)");
const reach = () => {
  for (const each of scrollers) {
    if (each.scrollWidth > each.clientWidth + 1) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
  }
};
addEventListener("resize", reach);
document.addEventListener("toggle", reach, true);
addEventListener("load", reach);
reach();
