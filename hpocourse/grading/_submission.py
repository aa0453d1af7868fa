"""Make of a submission, whatever saved it, the notebook that nbgrader expects.

Of the student's file only the sources are taken: of the cells that the student was
to write, and of cells of their own. All else comes from the released notebook.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.utils import is_locked

from ._uploads import Refused

MAKE = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
ENOUGH = 0.5  # of the given cells, which tell one notebook from another


@dataclass(frozen=True)
class Cell:
    """What is taken of one submitted cell."""

    type: str
    source: str
    grade_id: str
    attachments: dict[str, Any]


def _read_cell(cell: Any) -> Cell:
    source = "".join(cell["source"])  # one text, or a list of lines
    source.encode()  # half a character, which JSON can hold, is no text
    grade_id = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")
    attachments = cell.get("attachments", {})
    texts = [text for each in attachments.values() for text in each.values()]
    known = cell["cell_type"] in MAKE
    if not known or not all(isinstance(text, str) for text in (grade_id, *texts)):
        raise TypeError
    return Cell(cell["cell_type"], source, grade_id, attachments)


def read_cells(data: bytes) -> list[Cell]:
    """Return the cells of a file that ought to be a notebook.

    Raises
    ------
    Refused
        If it is none.
    """
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused("not a notebook: the file is no text") from None
    except json.JSONDecodeError as error:
        raise Refused(
            f"not a notebook: its JSON breaks off or is damaged at line {error.lineno}"
        ) from None
    except (RecursionError, ValueError):
        raise Refused("not a notebook: its JSON is damaged") from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise Refused("not a notebook of format 4: save it again in Jupyter or Colab")
    try:
        return [_read_cell(cell) for cell in notebook["cells"]]
    except (KeyError, TypeError, AttributeError, UnicodeEncodeError):
        raise Refused("not a notebook: its cells are damaged") from None


def _plain(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _given(released: NotebookNode) -> dict[str, NotebookNode]:
    """Return the cells that nbgrader knows, by their grade ids."""
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell
        for cell in released.cells
        if "nbgrader" in cell.metadata
    }


def likeness(cells: list[Cell], released: NotebookNode) -> float:
    """Return the share of the given cells that a submission has, unchanged."""
    given = {
        (name, _plain(cell.source))
        for name, cell in _given(released).items()
        if is_locked(cell)
    }
    kept = {(cell.grade_id, _plain(cell.source)) for cell in cells}
    return len(given & kept) / max(len(given), 1)


def check_cells(cells: list[Cell], released: NotebookNode) -> None:
    """Refuse a submission that lacks cells of the release, or has one twice.

    Raises
    ------
    Refused
        With the names of the cells.
    """
    counts = Counter(cell.grade_id for cell in cells if cell.grade_id)
    if not counts:
        raise Refused("its grade ids are stripped: no cell has metadata of nbgrader")
    if likeness(cells, released) < ENOUGH:
        heading = next((c.source for c in cells if c.source.startswith("#")), "")
        title = heading.partition("\n")[0].lstrip("# ") or "without a title"
        raise Refused(f"another notebook, not the one released: {title}")
    needed = [
        name
        for name, cell in _given(released).items()
        if cell.cell_type == "code" or cell.metadata["nbgrader"]["solution"]
    ]
    if missing := [name for name in needed if name not in counts]:
        raise Refused(f"grade ids missing (deleted cells?): {', '.join(missing)}")
    if doubled := [name for name in needed if counts[name] > 1]:
        raise Refused(f"grade ids in more than one cell: {', '.join(doubled)}")


def rebuild(
    cells: list[Cell], released: NotebookNode
) -> tuple[NotebookNode, list[str]]:
    """Return the notebook to be graded, and the given cells that had been changed."""
    made = copy.deepcopy(released)
    left = _given(made)
    made.cells, changed = [], []
    for number, cell in enumerate(cells):
        new = left.pop(cell.grade_id, None)
        if new is None:
            new = MAKE[cell.type](cell.source, id=f"extra-{number}")
        elif not is_locked(new):
            new.source = cell.source
        elif _plain(new.source) != _plain(cell.source):
            changed.append(cell.grade_id)
        if cell.attachments and new.cell_type == "markdown":
            new.attachments = cell.attachments
        made.cells.append(new)
    return made, changed
