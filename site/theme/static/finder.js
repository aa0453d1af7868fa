// The search: MiniSearch over the sections of the edition, loaded at first use.
"use strict";

// How many results are shown.
const MOST = 20;

// Builds the search from `searched`, which the script of the edition holds.
const makeIndex = () => {
  const { letters, stopwords, pages, entries } = searched;
  const stop = new Set(stopwords);
  const name = searched.stemmer.replace(/-stemmer\.js$/, "");
  const stemmer = new globalThis[`${name[0].toUpperCase()}${name.slice(1)}Stemmer`]();
  const swap = Object.entries(letters);
  // Words are compared without their accents, or with the letters that stand for others.
  const fold = (word) => (swap.length
    ? swap.reduce((text, [from, to]) => text.replaceAll(from, to), word)
    : word.normalize("NFD").replace(/\p{M}/gu, ""));
  const variants = (word) => {
    const plain = word.normalize("NFC").toLowerCase();
    const stem = stemmer.stemWord(plain);
    return [...new Set([fold(stem), stemmer.stemWord(fold(plain)), fold(plain)])];
  };
  const tokenize = (text) => text.normalize("NFC").match(/[\p{L}\p{N}_]+/gu) ?? [];
  const index = new MiniSearch({
    idField: "id",
    fields: ["title", "text", "code"],
    tokenize,
    processTerm: (word) => (stop.has(word.toLowerCase()) ? null : variants(word)),
  });
  index.addAll(entries.map((entry, id) => ({ id, ...entry })));

  const joined = (text, change) => tokenize(text).map(
    (word) => fold(change(word.toLowerCase())),
  ).join(" ");
  const exact = (text) => joined(text, (word) => word);
  const stems = (text) => joined(text, (word) => stemmer.stemWord(word));
  // Whoever looks a word up wants to read about it, before tasks that use it.
  const isExercise = (id) => pages[entries[id].page].uri.startsWith("exercises/");
  const options = {
    boost: { title: 6, code: 0.6 },
    boostDocument: (id) => (isExercise(id) ? 0.6 : 1)
      * ({ term: 1.5, page: 1.3, section: 1 })[entries[id].kind],
    fuzzy: (term) => (term.length > 5 ? 0.2 : false),
    weights: { fuzzy: 0.15, prefix: 0.5 },
  };
  const ask = (words, combineWith) => index.search(
    {
      combineWith,
      queries: words.map((word, k) => ({
        queries: [word], combineWith: "OR", prefix: k === words.length - 1,
      })),
    },
    options,
  );

  const search = (query) => {
    const all = tokenize(query);
    const words = all.filter((word) => !stop.has(word.toLowerCase()));
    if (!words.length) return [];
    let found = ask(words, "AND");
    if (!found.length) found = ask(words, "OR");
    const wanted = exact(query);
    const wantedStems = stems(query);
    const rank = ({ id, score }) => {
      const { title, kind } = entries[id];
      // A title in another case is that title still; letter by letter comes first.
      const same = stems(title) === wantedStems;
      const boost = exact(title) === wanted ? 20 : same ? 15 : 1;
      return score * boost * (same && kind === "page" ? 2 : 1);
    };
    return found
      .map((result) => ({ ...result, rank: rank(result) }))
      .sort((one, other) => other.rank - one.rank)
      .slice(0, MOST + 1) // whether there are more is told
      .map(({ id, terms }) => {
        const { page, anchor, kind, title, text } = entries[id];
        return {
          kind, title, text, terms: new Set(terms), page: pages[page].title,
          href: pages[page].uri + (anchor ? `#${anchor}` : ""),
        };
      });
  };

  // The words around the first match, as pairs: text, and whether it is one.
  const excerpt = ({ text, terms }, length = 170) => {
    const words = [...text.normalize("NFC").matchAll(/[\p{L}\p{N}_]+/gu)];
    const hits = words.filter(([word]) => variants(word).some((each) => terms.has(each)));
    const first = hits[0]?.index ?? 0;
    const from = first < 60 ? 0 : text.indexOf(" ", first - 60) + 1;
    const parts = [[from ? "… " : "", false]];
    let at = from;
    for (const hit of hits) {
      if (hit.index < from || hit.index > from + length) continue;
      parts.push([text.slice(at, hit.index), false], [hit[0], true]);
      at = hit.index + hit[0].length;
    }
    const end = Math.max(at, from + length);
    const last = end >= text.length ? text.length : Math.max(at, text.lastIndexOf(" ", end));
    const rest = text.slice(at, last);
    // A formula is shown as three dots: none are put after them.
    parts.push([last < text.length ? `${rest.replace(/[\s…]+$/, "")} …` : rest, false]);
    return parts;
  };
  return { search, excerpt };
};

// Lets a reader use it: results as one types, arrows, Enter.
const attachFinder = (root, messages, contentRoot) => {
  const { search, excerpt } = makeIndex();
  const input = root.querySelector("input");
  const list = root.querySelector("[role=listbox]");
  const status = root.querySelector("[role=status]");
  let chosen = -1;

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  };
  const choose = (index) => {
    const options = [...list.children];
    chosen = options.length ? (index + options.length) % options.length : -1;
    options.forEach((option, k) => option.setAttribute("aria-selected", k === chosen));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options[chosen].id);
      options[chosen].scrollIntoView({ block: "nearest" });
    }
  };
  const show = () => {
    const query = input.value.trim();
    const found = search(query);
    const results = found.slice(0, MOST);
    list.replaceChildren(...results.map((result, k) => {
      const link = element("a", "");
      link.href = contentRoot + result.href;
      link.tabIndex = -1;
      const where = result.kind === "page" ? "" : result.page;
      link.append(element("strong", "", result.title), element("small", "", where));
      link.append(element("p", "", ...excerpt(result).map(
        ([text, isHit]) => (isHit ? element("mark", "", text) : text),
      )));
      const option = element("li", result.kind, link);
      option.id = `${root.id}-${k}`;
      option.role = "option";
      return option;
    }));
    input.setAttribute("aria-expanded", results.length > 0);
    if (!query) status.textContent = "";
    else if (results.length) status.textContent = messages.found.replace(
      "{count}", found.length > MOST ? `${MOST}+` : found.length,
    );
    else status.textContent = messages.nothing;
    choose(results.length ? 0 : -1);
    list.scrollTop = 0;
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      choose(chosen + step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      list.children[chosen]?.querySelector("a").click();
    }
  });
  list.addEventListener("click", () => root.closest("dialog")?.close());
  show();
};
