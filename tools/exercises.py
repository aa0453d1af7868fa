"""The exercise notebooks: nbgrader's source format, and what is taken out of it.

They lie in ``book/LANGUAGE/exercises`` with solutions and hidden tests, and without
outputs. A student's version has neither; a page of the site has no hidden test, and
each solution below the stub, behind a toggle.

``python -m tools.exercises FOLDER`` writes the students' versions into a new folder.
"""

import argparse
import copy
import re
import sys
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from hpocourse.languages import LANGUAGES, get_language
from tools.notebooks import ROOT, folder_of, read, write
from tools.wording import wording

__all__ = [
    "BRANCH",
    "FOLDER",
    "MarkerError",
    "find_exercises",
    "is_exercise",
    "main",
    "page",
    "split",
    "student",
    "unmarked",
    "write_students",
]

FOLDER = "exercises"
# Where the students' versions lie for Colab, which opens files of the repository.
BRANCH = "students"
STUB = "..."
SOLUTION, HIDDEN = "SOLUTION", "HIDDEN TESTS"
MARKER = re.compile(r"^\s*### (BEGIN|END) (SOLUTION|HIDDEN TESTS)\s*$")


class MarkerError(ValueError):
    """The markers of a cell do not come in pairs."""


def is_exercise(path: Path) -> bool:
    """Return whether a path is that of an exercise notebook."""
    return path.parent.name == FOLDER and path.suffix == ".ipynb"


def find_exercises(language: str | None = None, root: Path = ROOT) -> list[Path]:
    """Return the paths of the exercise notebooks, by language and name.

    Parameters
    ----------
    language : str, optional
        One language in any of its forms; every language where it is left out.
    root : Path, optional
        The folder that holds ``book/``.
    """
    chosen = LANGUAGES if language is None else [get_language(language)]
    return [
        path
        for each in chosen
        for path in sorted((root / "book" / each.folder / FOLDER).glob("*.ipynb"))
    ]


def split(source: str) -> list[tuple[str, str]]:
    """Return the parts of a cell: ``""``, ``"SOLUTION"`` or ``"HIDDEN TESTS"``.

    Raises
    ------
    MarkerError
        If markers do not come in pairs.
    """
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in source.split("\n"):
        found = MARKER.match(line)
        if found is None:
            if re.search(r"###\s*(?:BEGIN|END)", line):
                raise MarkerError(f"{line.strip()!r} is no marker that nbgrader knows")
            parts[-1][1].append(line)
            continue
        inside, which = parts[-1][0], found[2]
        if found[1] == "BEGIN" and not inside:
            parts.append((which, []))
        elif found[1] == "END" and inside == which:
            parts.append(("", []))
        else:
            raise MarkerError(f"{line.strip()!r} stands where its partner is missing")
    if parts[-1][0]:
        raise MarkerError(f"'### END {parts[-1][0]}' is missing")
    return [(kind, "\n".join(lines)) for kind, lines in parts if kind or lines]


def _stub(cell: NotebookNode, solution: str, language: str) -> str:
    if cell.cell_type == "markdown":
        return wording(language).answer_here
    first = next((line for line in solution.split("\n") if line.strip()), "")
    return f"{first[: len(first) - len(first.lstrip())]}{STUB}"


def _without(cell: NotebookNode, language: str) -> str:
    """Return a cell's source with stubs for solutions, and no hidden test."""
    return "\n".join(
        _stub(cell, text, language) if kind == SOLUTION else text
        for kind, text in split(cell.source)
        if kind != HIDDEN
    )


def student(notebook: NotebookNode, language: str) -> NotebookNode:
    """Return what a student gets: stubs for solutions, and no hidden test."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        cell.source = _without(cell, language)
    return made


def unmarked(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook with all that is in it, and no marker."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        cell.source = "\n".join(text for _, text in split(cell.source))
    return made


def page(notebook: NotebookNode, language: str) -> NotebookNode:
    """Return what the site shows: the stubs, and each solution behind a toggle."""
    made = copy.deepcopy(notebook)
    made.cells = []
    for cell in notebook.cells:
        shown = copy.deepcopy(cell)
        shown.source = _without(cell, language)
        made.cells.append(shown)
        parts = split(cell.source)
        if not any(kind == SOLUTION for kind, _ in parts):
            continue
        text = "\n".join(text for kind, text in parts if kind != HIDDEN)
        if cell.cell_type == "code":
            text = f"```python\n{text}\n```"
        toggle = (
            f"<details>\n<summary>{wording(language).solution}</summary>\n\n"
            f"{text}\n\n</details>"
        )
        made.cells.append(new_markdown_cell(toggle, id=f"{cell.id}-solution"))
    return made


def write_students(folder: Path, root: Path = ROOT) -> list[Path]:
    """Write the students' versions into a folder, by language, and return their paths.

    Parameters
    ----------
    folder : Path
        The folder, which must be new or empty: what lay there would be published.
    root : Path, optional
        The folder that holds ``book/``.

    Raises
    ------
    FileExistsError
        If something lies in the folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: remove it, or name another")
    written = []
    for path in find_exercises(root=root):
        language = folder_of(path)
        target = folder / path.relative_to(root / "book")
        target.parent.mkdir(parents=True, exist_ok=True)
        write(target, student(read(path, root), language))
        written.append(target)
    return written


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.exercises",
        description="Write the students' versions of the exercises into a folder.",
    )
    parser.add_argument("folder", type=Path, help="a new folder")
    options = parser.parse_args(arguments)
    try:
        written = write_students(options.folder)
    except FileExistsError as error:
        parser.error(str(error))
    print(f"{len(written)} notebooks in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
