"""Figures that a reader may explore: plotly's, drawn in the page at a click.

A cell that has no plotly at hand puts out what plotly draws, a dictionary of data and
layout. A page keeps it as JSON and shows a button; `explore.js` loads the library from
beside the pages when the button is first pressed. Without scripts nothing is seen.
"""

import json
from html import escape
from typing import Any

import nbformat
from babel.numbers import get_decimal_symbol
from hpocourse_html import language_at
from hpocourse_pages import Language, translations
from nbformat import NotebookNode
from sphinx.application import Sphinx

__all__ = ["MIME", "figure_html", "setup", "show_figures"]

#: What plotly calls its figures.
MIME = "application/vnd.plotly.v1+json"

PLACE = """<div data-explore>
<button type="button" aria-expanded="false" hidden>{button}</button>
<p role="status" data-failed="{failed}"></p>
<figure hidden><figcaption>{title}</figcaption>
<div class="lines" role="group" aria-label="{title}"></div>
<div class="drawn" role="img" aria-label="{title}"></div></figure>
<script type="application/json">{figure}</script>
</div>
"""


def figure_html(figure: dict[str, Any], language: Language) -> str:
    """Return what a page holds of a figure: a button, a place for it, its data.

    Parameters
    ----------
    figure : dict
        Plotly's ``data`` and ``layout``; the layout has a title.
    language : Language
        The language of the page.
    """
    translate = translations(language.catalogue).gettext
    # What comes before decimals; what parts thousands, a space in all languages.
    signs = f"{get_decimal_symbol(language.catalogue)}\N{NO-BREAK SPACE}"
    shown = {
        "data": figure["data"],
        "layout": {"separators": signs} | figure["layout"],
    }
    text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return PLACE.format(
        button=escape(translate("Explore the figure")),
        failed=escape(translate("The figure could not be loaded.")),
        title=escape(figure["layout"]["title"]["text"]),
        figure=text.replace("<", "\\u003c"),  # It cannot end the element.
    )


def show_figures(notebook: NotebookNode, language: Language) -> bool:
    """Put buttons in the place of a notebook's figures of plotly.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook, whose outputs are changed.
    language : Language
        The language of the page.

    Returns
    -------
    bool
        Whether there was any.
    """
    found = False
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if figure := output.get("data", {}).get(MIME):
                output.data = {"text/html": figure_html(figure, language)}
                found = True
    return found


def _show(app: Sphinx, docname: str, content: list[str]) -> None:
    """Let Sphinx read buttons, as it knows no figures of plotly."""
    if MIME in content[0]:
        notebook = nbformat.reads(content[0], as_version=4)
        if show_figures(notebook, language_at(app, docname)):
            content[0] = json.dumps(notebook)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the figures with Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        The extension's metadata.
    """
    app.connect("source-read", _show)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
