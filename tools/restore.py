"""Bring back a notebook that another editor has saved: Colab, VS Code, Jupyter.

They add metadata of their own; Colab also writes what it made as format 4.0,
where the ids of the cells stand in the metadata.
"""

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.warnings import DuplicateCellId

from tools.notebooks import ROOT, UnreadableError, code_cells, label, read_json

__all__ = ["CELL_METADATA", "NOTEBOOK_METADATA", "clean", "is_foreign", "restore"]

# nbgrader's stand in exercises only, which a check of their own holds.
CELL_METADATA = frozenset({"tags", "mystnb", "hpocourse", "nbgrader"})
NOTEBOOK_METADATA = frozenset({"kernelspec", "language_info", "hpocourse"})
# What Colab and VS Code keep beside a table or a stream, for themselves.
FOREIGN = re.compile(r"application/vnd\.(?:google\.colaboratory|code\.notebook)\.")
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # what the format allows


def is_foreign(kind: str) -> bool:
    """Return whether a kind of output is for the editor that wrote it only."""
    return bool(FOREIGN.match(kind))


def clean(notebook: NotebookNode) -> None:
    """Remove what an editor has added, and what differs from run to run."""
    notebook.metadata = NotebookNode(
        hpocourse=notebook.metadata.get("hpocourse", NotebookNode()),
        kernelspec={
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        language_info={"name": "python"},
    )
    for cell in notebook.cells:
        for key in set(cell.metadata) - CELL_METADATA:
            del cell.metadata[key]
    for cell in code_cells(notebook):
        for output in cell.outputs:
            for kind in filter(is_foreign, list(output.get("data", {}))):
                del output.data[kind]


def _restore_ids(cells: list[dict[str, Any]]) -> Iterator[str]:
    """Put each cell's id in its place; yield the cells that have none."""
    for number, cell in enumerate(cells, start=1):
        name = cell.get("id", cell.get("metadata", {}).get("id"))
        if isinstance(name, str) and ID.fullmatch(name):
            cell["id"] = name
        else:
            source = "".join(cell.get("source", "")).strip()
            yield f"{number} ({source.split(chr(10))[0][:40]!r})"


def _executed_elsewhere(notebook: NotebookNode) -> bool:
    counts = [cell.execution_count for cell in code_cells(notebook)]
    return counts != list(range(1, len(counts) + 1)) or any(
        "executionInfo" in cell.metadata for cell in code_cells(notebook)
    )


def restore(path: Path, root: Path = ROOT) -> NotebookNode:
    """Read a notebook whoever saved it; what was written in it is kept.

    Outputs that were made elsewhere call for being made again.

    Parameters
    ----------
    path : Path
        The file, which is not written.
    root : Path, optional
        The folder from which messages name the file.

    Raises
    ------
    UnreadableError
        If the file is no notebook, or cells have lost their ids.
    """
    data = read_json(path, root)
    if lost := list(_restore_ids(data["cells"])):
        raise UnreadableError(
            label(path, root),
            f"these cells have lost their ids: {', '.join(lost)}: write into each "
            'the `"id": "…"` that it has in the other languages, or bring the '
            "committed notebook back with git and edit that",
        )
    data["nbformat_minor"] = 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DuplicateCellId)
        notebook = nbformat.reads(json.dumps(data), as_version=4)
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        reason = f"is not a valid notebook: {str(error).splitlines()[0]}"
        raise UnreadableError(label(path, root), reason) from None
    if _executed_elsewhere(notebook):
        notebook.metadata.get("hpocourse", {}).pop("executed", None)
    clean(notebook)
    return notebook
