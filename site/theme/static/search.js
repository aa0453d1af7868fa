// What the theme changes of Sphinx's search, before it runs.
"use strict";

Documentation.addTranslations({
  locale: document.documentElement.lang,
  messages: MESSAGES,
  plural_expr: "0",
});

// A browser does not let a page from a folder read its neighbors.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// A formula is on a page twice, as it looks and as it is meant.
const textOf = Search.htmlToText;
Search.htmlToText = (html, anchor) =>
  textOf(html.replace(/<math .*?<\/math>/gs, ""), anchor);

// Letters copied from a PDF may be a letter and its accent; the index has one for both.
const parse = Search._parseQuery;
Search._parseQuery = (query) => parse(query.normalize("NFC"));
