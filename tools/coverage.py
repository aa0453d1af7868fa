"""Say where the course teaches what its sources contain: ``python -m tools.coverage``.

The table in ``book/COVERAGE.md`` names the cells; each must be there in every
language. What no cell teaches yet is open.
"""

import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hpocourse.languages import LANGUAGES
from tools.checks.markdown import parse
from tools.checks.page import Problem
from tools.notebooks import ROOT, read

__all__ = ["FILE", "Row", "check", "load", "main", "summary"]

FILE = Path("book", "COVERAGE.md")
HEAD = ["id", "subject", "chapter", "cells"]
NOTHING = "—"


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes
    ----------
    id : str
        The document's number and the subject's in it: ``"000-01"``.
    subject : str
        What it is.
    chapters : tuple of str
        The pages that are to teach it.
    cells : dict of str to tuple of str
        The cells that do, by page; labels without the language where the page
        is no notebook.
    """

    id: str
    subject: str
    chapters: tuple[str, ...]
    cells: dict[str, tuple[str, ...]]

    @property
    def open(self) -> tuple[str, ...]:
        """The pages that do not teach it yet."""
        return tuple(each for each in self.chapters if each not in self.cells)


def load(root: Path = ROOT) -> tuple[list[Row], list[Problem]]:
    """Return the rows of the table, and what is wrong with its form.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.
    """
    rows, faults = [], []
    lines = (root / FILE).read_text("utf-8").split("\n")
    table = [_split(line) for line in lines if line.startswith("|")]
    if not table or table[0] != HEAD:
        faults.append(f"must have a table of the columns {', '.join(HEAD)}")
    for parts in table[2:]:
        if len(parts) != len(HEAD) or not re.fullmatch(r"\d{3}-\d{2}", parts[0]):
            faults.append(f"no row of the table: {' | '.join(parts)!r}")
            continue
        row = _row(parts, faults)
        before = rows[-1].id if rows else ""
        follows = row.id[:3] == before[:3] and int(row.id[4:]) == int(before[4:]) + 1
        begins = row.id[:3] > before[:3] and row.id.endswith("-01")
        if not follows and not begins:
            faults.append(f"{row.id} cannot follow {before or 'the head'}")
        rows.append(row)
    return rows, [Problem(FILE.as_posix(), "", fault) for fault in faults]


def _split(line: str) -> list[str]:
    return [part.strip() for part in line.strip().strip("|").split("|")]


def _row(parts: list[str], faults: list[str]) -> Row:
    name, subject, chapter, said = parts
    chapters = tuple(each.strip() for each in chapter.split(","))
    cells: dict[str, tuple[str, ...]] = {}
    for part in said.split(";") if said != NOTHING else []:
        slug, colon, ids = (each.strip() for each in part.partition(":"))
        listed = tuple(each.strip() for each in ids.split(",") if each.strip())
        if not colon or not listed:
            faults.append(f"{name}: {part.strip()!r} must read `chapter: cell, cell`")
        elif slug not in chapters:
            faults.append(f"{name}: cells of {slug!r}, which the row does not name")
        else:
            cells[slug] = listed
    if not subject or not all(chapters):
        faults.append(f"{name}: names no subject or no chapter")
    return Row(name, subject, chapters, cells)


def check(root: Path = ROOT) -> list[Problem]:
    """Return what is wrong with the table, in its form or in what it points to.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.
    """
    rows, problems = load(root)
    _places.cache_clear()
    for row in rows:
        for slug, cells in row.cells.items():
            for language in LANGUAGES:
                places = _places(root, language.folder, slug)
                where = f"book/{language.folder}/{slug}"
                gone = [cell for cell in cells if cell not in (places or cells)]
                messages = [f"{where} has no {cell!r}" for cell in gone]
                if places is None:
                    messages = [f"there is no {where}"]
                problems += [
                    Problem(FILE.as_posix(), "", f"{row.id}: {message}")
                    for message in messages
                ]
    return problems


@lru_cache(maxsize=64)
def _places(root: Path, folder: str, slug: str) -> frozenset[str] | None:
    """Return the ids of a notebook's cells, or the labels of another page."""
    path = root / "book" / folder / f"{slug}.ipynb"
    if path.exists():
        return frozenset(cell.get("id", "") for cell in read(path).cells)
    path = path.with_suffix(".md")
    if path.exists():
        labels = parse(path.read_text("utf-8")).labels
        return frozenset(label.removesuffix(f"-{folder}") for label in labels)
    return None


def summary(rows: list[Row]) -> str:
    """Return one line on what is taught and what is open.

    Parameters
    ----------
    rows : list of Row
        The table.
    """
    still_open = [row.id for row in rows if row.open]
    done = len(rows) - len(still_open)
    text = f"{done} of the {len(rows)} subjects of the sources are taught"
    return f"{text}; open: {', '.join(still_open)}" if still_open else text


def main() -> int:
    """Print what is wrong and what is open.

    Returns
    -------
    int
        The exit status: 1 where something is wrong.
    """
    rows, _ = load()
    problems = check()
    for problem in problems:
        print(problem)
    for row in rows:
        if row.open:
            print(f"{row.id}  {', '.join(row.open)}: {row.subject}")
    print(summary(rows))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
