"""How much of the book's outputs nobody compares."""

from tools.checks.page import Page, Problem
from tools.notebooks import cell_tags, code_cells, is_setup

__all__ = ["check", "share"]

LARGEST = 0.05
IGNORED = {"nbval-ignore-output", "nbval-skip", "timing"}


def share(pages: list[Page]) -> tuple[int, int]:
    """Return how many code cells are not compared, and how many there are."""
    cells = [
        cell
        for page in pages
        for cell in code_cells(page.notebook)
        if not is_setup(cell)
    ]
    ignored = sum(bool(IGNORED & set(cell_tags(cell))) for cell in cells)
    return ignored, len(cells)


def check(pages: list[Page]) -> list[Problem]:
    """Return the cells whose output is not compared, if they are too many."""
    ignored, total = share(pages)
    if ignored <= LARGEST * total:
        return []
    return [
        page.problem(
            cell,
            f"is one of {ignored} cells of {total} whose output is not compared "
            f"({ignored / total:.1%}, at most {LARGEST:.0%})",
        )
        for page in pages
        for cell in code_cells(page.notebook)
        if IGNORED & set(cell_tags(cell))
    ]
