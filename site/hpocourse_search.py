"""The search of each edition: what it can find, section by section.

The search itself is MiniSearch, which runs in the reader's browser. Pagefind reads its
index with `fetch`, which browsers refuse to a page that was opened from a folder; here
what is searched is a script for each language, loaded when a reader first searches.

MiniSearch 7.2.0 as it is used here beside Pagefind 1.6.0 with its defaults, over the
`article` of the same 48 pages of each edition (compressed, in Chromium; the queries
are those of ``tests/site/queries.yml``):

=========================================== ============= =============
Portuguese, Spanish, Russian                MiniSearch    Pagefind
=========================================== ============= =============
kB loaded for the first search              251, 257, 311 288, 297, 284
kB loaded after all queries                 251, 257, 311 909, 911, 825
the place expected is first (20, 15, 16)    20, 15, 16    5, 5, 5
26 inflected Russian forms find first what
the word itself finds                       20            19
=========================================== ============= =============

Both take Snowball's stemmer; neither knows that «сеток» is a form of «сетка».
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sphinx.search
from docutils import nodes
from hpocourse_html import language_at, source_of
from hpocourse_pages import LANGUAGES, Language, translations
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.search import SearchLanguage, languages
from sphinx.util import import_object

from tools.wording import wording

__all__ = ["entries", "search_language", "setup", "stemmer"]

#: What of a page is no text to find.
SILENT = (
    nodes.comment,
    nodes.image,
    nodes.raw,
    nodes.section,
    nodes.title,
    addnodes.toctree,
)
#: What stands for a formula, which is in a page as it is typed.
FORMULA = "…"
#: Stemmers that Sphinx has in the form of the others, but does not name.
STEMMERS = {"en": "porter-stemmer.js"}
IDENTIFIER = re.compile(r"[^\W\d]\w{3,}")
Entry = dict[str, Any]


def search_language(language: Language) -> type[SearchLanguage]:
    """Return Sphinx's class with the stemmer and the stop words of a language.

    Parameters
    ----------
    language : Language
        The language.

    Raises
    ------
    ExtensionError
        If Sphinx has none.
    """
    code = language.tag.split("-")[0]
    if code not in languages:
        raise ExtensionError(
            f"there is no stemmer for {language.tag!r}; Sphinx has some for "
            f"{', '.join(sorted(languages))}"
        )
    found = languages[code]
    return import_object(found) if isinstance(found, str) else found


def stemmer(native: type[SearchLanguage]) -> str:
    """Return the name of the script with a language's stemmer.

    Parameters
    ----------
    native : type of sphinx.search.SearchLanguage
        Sphinx's class of the language.

    Raises
    ------
    ExtensionError
        If there is none.
    """
    name = native.js_stemmer_rawcode or STEMMERS.get(native.lang)
    if name is None:
        raise ExtensionError(f"there is no script with a stemmer for {native.lang!r}")
    return name


def _texts(node: nodes.Node, code: set[str]) -> Iterator[str]:
    """Yield the words below a node; put the names in code into a set."""
    if isinstance(node, nodes.literal_block):
        code.update(IDENTIFIER.findall(node.astext()))
    elif isinstance(node, nodes.Text):
        yield node.astext()
    elif isinstance(node, (nodes.math, nodes.math_block)):
        yield FORMULA
    elif not isinstance(node, SILENT):
        for child in node.children:
            yield from _texts(child, code)
        is_block = isinstance(node, (nodes.Body, nodes.term))
        if is_block and not isinstance(node, nodes.Inline):
            yield " "


def _entry(node: nodes.Element, kind: str, title: str, anchor: str) -> Entry:
    code: set[str] = set()
    texts = [text for child in node.children for text in _texts(child, code)]
    entry = {
        "anchor": anchor,
        "kind": kind,
        "title": title,
        "text": " ".join("".join(texts).split()),
    }
    return entry | ({"code": " ".join(sorted(code))} if code else {})


def _term(item: nodes.Element) -> Entry:
    """Return a term of the glossary.

    It is found by its words in other languages too, and by what other books call it,
    but shows what it means alone.
    """
    term, meaning = item.next_node(nodes.term), item.next_node(nodes.definition)
    means, elsewhere, *_used = meaning.children
    shown = nodes.definition("", means.deepcopy())
    entry = _entry(shown, "term", term.astext(), term["ids"][0])
    others = [
        each for each in elsewhere.findall(nodes.inline) if "word" in each["classes"]
    ]
    words = [*(other[-1].astext() for other in others), *term.get("also", [])]
    return entry | {"code": " ".join(words)}


def entries(doctree: nodes.document) -> Iterator[Entry]:
    """Yield what can be found on a page: its sections, and terms of the glossary.

    Parameters
    ----------
    doctree : docutils.nodes.document
        The page.

    Yields
    ------
    dict
        ``anchor``, ``kind`` (``"page"``, ``"section"`` or ``"term"``), ``title``,
        ``text``, and ``code``, which is found but not shown: the names that occur
        in code, or what else a term is called.
    """
    for section in doctree.findall(nodes.section):
        is_page = isinstance(section.parent, nodes.document)
        title = section.next_node(nodes.title)
        terms = [
            item
            for listed in section.children
            if isinstance(listed, addnodes.glossary)
            for item in listed.findall(nodes.definition_list_item)
        ]
        if terms:
            section = nodes.section("", *(c for c in section.children[:2]))
        yield _entry(
            section,
            "page" if is_page else "section",
            title.astext() if title else "",
            "" if is_page else (section["ids"] or [""])[0],
        )
        for item in terms:
            yield _term(item)


def _write(app: Sphinx, exception: Exception | None) -> None:
    """Write what each language's search finds, and the stemmers it needs."""
    if exception is not None or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    scripts = Path(sphinx.search.__file__).parent / "minified-js"
    shutil.copy(scripts / "base-stemmer.js", static)
    for language in LANGUAGES:
        pages, found = [], []
        for docname in sorted(app.env.found_docs):
            if source_of(app, docname) is None:
                continue
            if language_at(app, docname) != language:
                continue
            title = app.env.titles[docname].astext()
            pages.append({"uri": app.builder.get_target_uri(docname), "title": title})
            for entry in entries(app.env.get_doctree(docname)):
                found.append({"page": len(pages) - 1} | entry)
        if not pages:
            continue
        native = search_language(language)
        shutil.copy(scripts / stemmer(native), static)
        known = {
            "letters": dict(wording(language.folder).same_letters),
            "stopwords": sorted(native.stopwords),
            "stemmer": stemmer(native),
            "pages": pages,
            "entries": found,
        }
        text = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
        path = static / f"searched-{language.folder}.js"
        path.write_text(f"const searched = {text};\n", "utf-8")


def _leave_out_sphinx_s(app: Sphinx) -> None:
    app.builder.search = False


def _search_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    translate = translations(language_at(app, None).catalogue).gettext
    yield "search", {"title": translate("Search")}, "search.html"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the search with Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        The extension's metadata.
    """
    app.connect("builder-inited", _leave_out_sphinx_s)
    app.connect("html-collect-pages", _search_page)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
