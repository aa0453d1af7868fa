// What the theme changes of Sphinx's search: its words, and files opened from a folder.
"use strict";

{
  const results = document.getElementById("search-results");
  Documentation.addTranslations({
    locale: document.documentElement.lang,
    messages: JSON.parse(results.dataset.messages),
    plural_expr: "0",
  });
  // A browser does not let a page from a folder read its neighbors.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}
