"""The time that a chapter says it takes to read follows from its length."""

import re
from collections.abc import Iterator

from tools.checks.markdown import parse
from tools.checks.numbers import MINUTES
from tools.checks.page import Page, Problem
from tools.notebooks import cell_tags, code_cells, is_setup

__all__ = ["check", "reading_minutes"]

# Prose with formulas and tables, questions and answers included; code that is
# shown, read line by line. What only draws is folded, and not counted.
WORDS_A_MINUTE = 100
LINES_A_MINUTE = 10
STEP = 5


def reading_minutes(editions: list[Page]) -> int:
    """Return the minutes that a chapter takes to read, rounded to five.

    One value for all languages: words and lines are the means of the editions.
    """
    words = lines = 0
    for page in editions:
        for cell in page.notebook.cells:
            if cell.cell_type == "markdown":
                words += len(re.findall(r"\w+", parse(cell.source).text))
        for cell in code_cells(page.notebook):
            if not is_setup(cell) and "hide-input" not in cell_tags(cell):
                lines += sum(bool(line.strip()) for line in cell.source.split("\n"))
    total = (words / WORDS_A_MINUTE + lines / LINES_A_MINUTE) / len(editions)
    return max(STEP, STEP * round(total / STEP))


def _first_number(text: str) -> int | None:
    found = MINUTES.search(text)
    return int(re.match(r"\d+", found[0])[0]) if found else None


def check(pages: list[Page]) -> Iterator[Problem]:
    """Yield chapters whose opening, or whose row in the index, says another time.

    Parameters
    ----------
    pages : list of Page
        All pages of the book, in all languages.
    """
    indexes = {page.language: page for page in pages if page.slug == "index"}
    for slug in dict.fromkeys(page.slug for page in pages):
        editions = [page for page in pages if page.slug == slug]
        if not any(code_cells(page.notebook) for page in editions):
            continue
        right = reading_minutes(editions)
        for page in editions:
            opening = page.notebook.cells[0]
            said = _first_number(parse(opening.source).text)
            if said is None:
                yield page.problem(
                    opening, f"does not say how long it takes to read: {right} minutes"
                )
            elif said != right:
                yield page.problem(
                    opening,
                    f"says {said} minutes of reading; its words and lines of code "
                    f"make {right}",
                )
            if page.language in indexes:
                yield from _row(indexes[page.language], slug, right)


def _row(index: Page, slug: str, right: int) -> Iterator[Problem]:
    """Yield the row of the index's first table with another time than the chapter."""
    for cell in index.notebook.cells:
        for line in cell.source.split("\n"):
            if line.startswith("|") and f"({slug}.ipynb)" in line:
                said = _first_number(line)
                if said not in (None, right):
                    yield index.problem(
                        cell,
                        f"says {said} minutes of reading for {slug}; its words and "
                        f"lines of code make {right}",
                    )
