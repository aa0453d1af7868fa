// What a page does beyond HTML. Every page can be read and used without it.
"use strict";

const store = (name, value) => {
  try { localStorage.setItem(name, value); } catch { /* Nothing is remembered. */ }
};

// The color mode: as the system says, or the other one; each click changes what is seen.
const mode = document.querySelector("button.mode");
const system = matchMedia("(prefers-color-scheme: dark)");
const modes = () => (system.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"]);
const setMode = (name) => {
  document.documentElement.dataset.mode = name;
  mode.title = mode.dataset[name];
  mode.setAttribute("aria-label", mode.dataset[name]);
};
const now = document.documentElement.dataset.mode;
setMode(modes().includes(now) ? now : "auto");
mode.addEventListener("click", () => {
  const known = modes();
  const next = known[(known.indexOf(document.documentElement.dataset.mode) + 1) % 3];
  setMode(next);
  store("hpocourse-mode", next);
});

// The root page sends a reader to the language that was chosen last.
const languages = document.querySelector("details.languages");
for (const link of languages.querySelectorAll("[data-language]"))
  link.addEventListener("click", () => {
    store("hpocourse-language", link.dataset.language);
    // Sections have the same names in all languages: the reader stays where he was.
    const section = [...document.querySelectorAll("article section[id]")]
      .filter((each) => each.getBoundingClientRect().top < 140).at(-1);
    if (section?.parentElement.closest("section")) link.hash = section.id;
  });
document.addEventListener("click", (event) => {
  if (!languages.contains(event.target)) languages.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !languages.open) return;
  languages.open = false;
  languages.querySelector("summary").focus();
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
  showCode();
  choice.addEventListener("change", () => {
    showCode();
    store("hpocourse-code", choice.value);
  });
}

// Scrolls a list that is longer than its frame to one of its links.
const reveal = (link, frame) => {
  const box = link.getBoundingClientRect(), edges = frame.getBoundingClientRect();
  if (box.bottom > edges.bottom || box.top < edges.top)
    frame.scrollTop += box.top - edges.top - frame.clientHeight / 2;
};

// The contents of the course show the page one is on, however far down it is listed.
const contents = document.getElementById("contents");
const openPage = contents && [...contents.querySelectorAll("a.current")].at(-1);
if (openPage) {
  reveal(openPage, contents);
  contents.addEventListener("toggle", () => reveal(openPage, contents));
}

// The section that is being read is marked in the page's own contents.
const nav = document.querySelector("nav.here");
const here = new Map();
for (const link of document.querySelectorAll("nav.here a[href^='#']")) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (target) here.set(target, link);
  link.addEventListener("click", () => { if (nav.matches(":popover-open")) nav.hidePopover(); });
}
const mark = () => {
  let current;
  const end = scrollY + innerHeight > document.documentElement.scrollHeight - 8 && scrollY > 0;
  for (const [target, link] of here) {
    link.removeAttribute("aria-current");
    if (end || target.getBoundingClientRect().top < 120) current = link;
  }
  if (!current) return;
  current.setAttribute("aria-current", "true");
  reveal(current, nav);
};
if (here.size) {
  addEventListener("scroll", mark, { passive: true });
  mark();
}

// The search is loaded when it is first wanted: at a click, at "/" or Ctrl+K.
const finder = document.getElementById("finder");
const inline = document.getElementById("find-here");
const load = (() => {
  let loading;
  const script = (name) => new Promise((resolve, reject) => {
    const made = document.createElement("script");
    made.src = `${document.documentElement.dataset.content_root}_static/${name}`;
    made.async = false;
    made.addEventListener("load", resolve);
    made.addEventListener("error", reject);
    document.head.append(made);
  });
  return () => (loading ??= (async () => {
    await Promise.all([
      script("minisearch/minisearch.js"), script("base-stemmer.js"),
      script(`searched-${document.body.dataset.folder}.js`),
    ]);
    await script(searched.stemmer);
    await script("finder.js");
  })());
})();
const attach = async (root) => {
  if (root.dataset.ready) return;
  root.dataset.ready = "soon";
  await load();
  const messages = JSON.parse(document.getElementById("messages").textContent);
  attachFinder(root, messages, document.documentElement.dataset.content_root);
  root.dataset.ready = "yes";
};
const openFinder = () => {
  if (inline) {
    inline.querySelector("input").focus();
    return;
  }
  finder.showModal();
  finder.querySelector("input").select();
  attach(finder);
};
if (inline) {
  const input = inline.querySelector("input");
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  if (input.value) attach(inline);
  else input.addEventListener("input", () => attach(inline), { once: true });
}
for (const button of document.querySelectorAll(".top .find"))
  button.addEventListener("click", (event) => {
    event.preventDefault();
    openFinder();
  });
finder?.addEventListener("click", (event) => { if (event.target === finder) finder.close(); });
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (slash || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey))) {
    event.preventDefault();
    openFinder();
  }
});
