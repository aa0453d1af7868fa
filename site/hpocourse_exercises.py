"""The exercises on the site: stubs, solutions behind toggles, and no hidden test.

What is read is not the file but what `tools.exercises` makes of it, so that neither
the page nor the search can hold more. The file that Sphinx would copy beside the
pages is left out, and a student's version is written in its place.
"""

import json
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from hpocourse_html import BOOK, language_at, source_of
from sphinx.application import Sphinx

from tools.exercises import is_exercise, page, student
from tools.notebooks import read

__all__ = ["setup"]


def _show(app: Sphinx, docname: str, content: list[str]) -> None:
    """Let Sphinx read the page instead of the file."""
    if is_exercise(Path(app.env.doc2path(docname))):
        notebook = nbformat.reads(content[0], as_version=4)
        folder = language_at(app, docname).folder
        content[0] = json.dumps(page(notebook, folder))


def _offer(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Write the student's version, and let nobody copy the file itself."""
    source = source_of(app, pagename)
    if source is None or not is_exercise(BOOK / source):
        return
    context["sourcename"] = ""
    notebook = student(read(BOOK / source), language_at(app, pagename).folder)
    path = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook, version=4) + "\n", "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the exercises with Sphinx.

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
    app.connect("html-page-context", _offer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
