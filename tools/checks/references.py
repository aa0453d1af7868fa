"""Every work that the book cites stands in its bibliography, and is cited."""

from collections.abc import Iterator
from pathlib import Path

from hpocourse.languages import LANGUAGES
from tools.checks.markdown import parse
from tools.checks.page import Page, Problem
from tools.notebooks import ROOT
from tools.references import FILE, cited_works, load

__all__ = ["CELL", "PAGE", "check", "check_data"]

CELL = "closing"  # where chapters name what to read further
PAGE = "references.md"


def check(page: Page) -> list[Problem]:
    """Return the works that a chapter recommends and the bibliography lacks."""
    try:
        works = load(page.root)
    except ValueError:
        return []  # The problem of the data, which `check_data` tells.
    known = {work.address for work in works.values()}
    return [
        page.problem(cell, f"links to {link}, which is not in {FILE.as_posix()}")
        for cell in page.notebook.cells
        if works and cell.get("id") == CELL
        for link in parse(cell.source).links
        if link.startswith(("http:", "https:")) and link not in known
    ]


def check_data(root: Path = ROOT) -> list[Problem]:
    """Return what is wrong with the bibliography and the pages that show it.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.
    """
    name = FILE.as_posix()
    try:
        works = load(root)
    except ValueError as error:
        return [Problem(name, "", str(error).removeprefix(f"{name}: "))]
    if not works:
        return []
    problems = []
    for language in LANGUAGES:
        path = Path("book", language.folder, PAGE)
        text = (root / path).read_text("utf-8") if (root / path).exists() else ""
        problems += [
            Problem(path.as_posix(), "", message)
            for message in _compare(cited_works(text), set(works))
        ]
    return problems


def _compare(cited: dict[str, str], works: set[str]) -> Iterator[str]:
    for key in sorted(works - set(cited)):
        yield f"does not list {key!r} of {FILE.as_posix()}"
    for key in sorted(set(cited) - works):
        yield f"lists {key!r}, which is not in {FILE.as_posix()}"
    for key, reason in cited.items():
        if not reason:
            yield f"says nothing about {key!r}"
