"""Release a chapter's exercises: the students' version, without solutions."""

from __future__ import annotations

import re
from pathlib import Path
from zlib import crc32

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment

from .._check._answer import decimal
from .._check._feedback import CHAPTERS, find_tasks
from ..languages import Language, use_language
from ..languages import gettext as _
from ..languages import gettext as translate
from ._course import Course, CourseError

PACKAGE = Path(__file__).parent
# In the wheel; beside the package where that is a checkout of the repository.
PACKAGED = (PACKAGE / "exercises/{}", PACKAGE.parents[1] / "book/{}/exercises")

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
CHECK = re.compile(r'hpocourse\.check\("(?P<task>[^"]+)", \w+\)')


def find_source(chapter: str, language: Language, folder: Path | None) -> Path:
    """Return the path of an exercise notebook with its solutions.

    Raises
    ------
    CourseError
        If there is none of that name.
    """
    packaged = [Path(str(each).format(language.folder)) for each in PACKAGED]
    places = [folder] if folder else [each for each in packaged if each.is_dir()]
    for place in places:
        if (place / f"{chapter}.ipynb").is_file():
            return place / f"{chapter}.ipynb"
    known = sorted(path.stem for place in places for path in place.glob("*.ipynb"))
    raise CourseError(
        f"no exercises of the chapter {chapter!r} in {language.name}; there are: "
        f"{', '.join(known) or 'none'}"
    )


def vary(notebook: NotebookNode, chapter: str, seed: int) -> None:
    """Make a notebook's variant of a seed, in the current language.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook with its solutions; it is changed.
    chapter : str
        The chapter's name.
    seed : int
        The instructor's number: the same one makes the same variant in each language.

    Raises
    ------
    CourseError
        If nothing in it varies, or if a solution is not the one that the course has.
    """
    tasks = find_tasks(chapter)
    cells = {cell.get("id", ""): cell for cell in notebook.cells}
    varied = False
    for name, cell in cells.items():
        found = CHECK.match(cell.source)
        if not (name.startswith("check-") and found):
            continue
        task, call = found["task"], found[0]
        rng = np.random.default_rng([seed, crc32(task.encode())])
        seeds = rng.integers(2**53, size=3).tolist()
        if variant := task in tasks and tasks[task].variant:
            varied = True
            value = variant.values[int(rng.integers(len(variant.values)))]
            answer = cells[name.replace("check", "answer")]
            for old, new in variant.edits.items():
                if old not in answer.source:
                    raise CourseError(
                        f"{task}: its solution has no {old.strip()!r} to vary; release "
                        "it without --seed"
                    )
                new = new.format(**{variant.name: value})
                answer.source = answer.source.replace(old, new)
            call = f"{call[:-1]}, {variant.name}={value})"
            cell.source = f"{call}\n{BEGIN}\n{END}"
            change = translate(variant.change).format(**{variant.name: decimal(value)})
            text = _(
                "**In this version:** {change} `hpocourse.hint` does not know of it."
            )
            text = text.format(change=change)
            cells[name.replace("check", "task")].source += f"\n\n{text}"
        # The task's own check, with data that only these seeds give.
        hidden = f"for seed in {seeds}:\n    {call[:-1]}, seed=seed)\n"
        cell.source = cell.source.replace(END, hidden + END)
    if not varied:
        raise CourseError(
            f"nothing in the exercises of {chapter!r} varies; release them without "
            f"--seed, or take one of: {', '.join(CHAPTERS)}"
        )


def release(
    course: Course,
    chapter: str,
    language: Language,
    folder: Path | None = None,
    seed: int | None = None,
) -> Path:
    """Make the students' version of a chapter's exercises.

    Parameters
    ----------
    course : Course
        The course.
    chapter : str
        The chapter's name.
    language : Language
        The language.
    folder : Path, optional
        Where to take the notebook from, in place of the course's own.
    seed : int, optional
        Makes a private variant.

    Returns
    -------
    Path
        The notebook for the students.

    Raises
    ------
    CourseError
        If there are no such exercises, or if a variant is asked for and nothing
        in them varies.
    """
    source = find_source(chapter, language, folder)
    assignment = f"{chapter}-{language.folder}"
    kept = course.folder / "source" / assignment / source.name
    made = course.folder / "release" / assignment / source.name
    text = source.read_text("utf-8")
    if seed is not None:
        notebook = nbformat.reads(text, as_version=4)
        with use_language(language):
            vary(notebook, chapter, seed)
        text = nbformat.writes(notebook) + "\n"
    same = kept.is_file() and kept.read_text("utf-8") == text
    if same and made.is_file():
        return made
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(text, "utf-8")
    with use_language(language):
        course.config.ClearSolutions.text_stub = _("*Write your answer here.*")
    course.convert(GenerateAssignment, assignment)
    return made
