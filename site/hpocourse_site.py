"""The Sphinx extension of the site: what its templates know of each page.

A page's language is that of the folder in which its source lies, so that the
combined book speaks three languages and each edition one.
"""

import copy
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date
from docutils import nodes
from hpocourse_html import BOOK, FOLDERS, figure_names, language_at, source_of
from hpocourse_pages import (
    LANGUAGES,
    ROOT,
    Language,
    addresses,
    commit_dates,
    get_language,
    page_address,
    toc_pages,
    translations,
    version,
)
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from tools.exercises import BRANCH, is_exercise
from tools.notebooks import read

EXTENSIONS = (
    "hpocourse_exercises",
    "hpocourse_explore",
    "hpocourse_fonts",
    "hpocourse_html",
    "hpocourse_formulas",
    "hpocourse_front",
    "hpocourse_package",
    "hpocourse_search",
    "hpocourse_terms",
)

# What Sphinx and MyST-NB copy for themes of theirs, and no page here loads.
UNUSED = (
    "basic.css",
    "doctools.js",
    "documentation_options.js",
    "file.png",
    "language_data.js",
    "minus.png",
    "mystnb.*.css",
    "plus.png",
    "pygments.css",
    "searchtools.js",
    "sphinx_highlight.js",
    "translations.js",
)

# --- Pages -------------------------------------------------------------------


def _notebook_context(
    app: Sphinx, pagename: str, title: str, translate: Callable[[str], str]
) -> dict[str, Any]:
    """Return what a page shows of its source: buttons, date, description."""
    source = source_of(app, pagename)
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
        notebook = read(BOOK / source)
        about = notebook.metadata.get("hpocourse", {})
        context["description"] = about.get("description")
        if any(cell.cell_type == "code" for cell in notebook.cells):
            # Of the file itself, Colab would show the solutions.
            exercise = is_exercise(BOOK / source)
            place = f"{BRANCH}/{source.as_posix()}" if exercise else f"{tag}/{path}"
            context["colab_url"] = f"{addresses()['colab']}/blob/{place}"
            context["download"] = f"_sources/{pagename}.ipynb"
    return context


def _switch(app: Sphinx, pagename: str, language: Language) -> list[dict[str, Any]]:
    """Return where each language has the same page, or else its first one."""
    source = source_of(app, pagename)
    combined = Path(app.srcdir) == ROOT
    inside = source is not None and source.parts[0] in FOLDERS
    slug = source.with_suffix("").as_posix().split("/", 1)[1] if inside else None
    here = app.builder.get_target_uri(pagename)
    up = "../" * here.count("/")
    switch = []
    for other in LANGUAGES:
        exists = slug is not None and f"{other.folder}/{slug}" in toc_pages()
        if combined:
            href = f"{up}book/{other.folder}/{slug if exists else 'index'}.html"
        else:
            target = slug if exists else pagename if slug is None else "index"
            href = f"{up}../{other.folder}/{target}.html"
        switch.append(
            {
                "language": other,
                "href": href,
                "address": page_address(f"{other.folder}/{slug}") if exists else None,
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
    language = language_at(app, pagename)
    translate = translations(language.catalogue).gettext
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
    }
    if (
        "toc" in context
    ):  # A long name in code may be broken where it has an underscore.
        names = re.compile(r'(?<=<span class="pre">)[^<]+')
        context["toc"] = names.sub(
            lambda name: name[0].replace("_", "_<wbr>"), context["toc"]
        )
    context |= _notebook_context(app, pagename, title or "", translate)
    if day := context.get("commit_date"):
        context["commit_day"] = format_date(
            date.fromisoformat(day), "long", locale=language.catalogue
        )


# --- Figures -----------------------------------------------------------------


def _recall_figures(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Give Sphinx its own numbers back, to see which pages have changed."""
    env.toc_fignumbers = getattr(env, "hpocourse_figures", env.toc_fignumbers)
    return []


def _restart_figures(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Count each language's figures from 1; Sphinx counts on through the book."""
    env.hpocourse_figures = copy.deepcopy(env.toc_fignumbers)
    counted = [
        ((language_at(app, docname).folder, kind, number[:-1]), numbers, name)
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


def _remove_unused_files(app: Sphinx, exception: Exception | None) -> None:
    """Remove the styles and scripts that no page loads."""
    if exception is None:
        for pattern in UNUSED:
            for path in (Path(app.outdir) / "_static").glob(pattern):
                path.unlink()


def _keep_outputs(app: Sphinx) -> None:
    """Keep the figures of outputs beside the doctrees, not beside the pages."""
    folder = Path(app.doctreedir) / "outputs"
    app.env.mystnb_config = app.env.mystnb_config.copy(output_folder=str(folder))


# --- Setup -------------------------------------------------------------------


def _localize(app: Sphinx, config: Config) -> None:
    config.numfig_format = figure_names(get_language(config.language))
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
    for extension in EXTENSIONS:
        app.setup_extension(extension)
    app.connect("config-inited", _localize)
    app.connect("builder-inited", _keep_outputs, priority=900)
    app.connect("env-get-updated", _recall_figures, priority=100)
    app.connect("env-get-updated", _restart_figures, priority=900)
    app.connect("html-page-context", _add_page_context)
    app.connect("build-finished", _remove_unused_images)
    app.connect("build-finished", _remove_unused_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
