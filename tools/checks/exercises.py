"""Exercises: nbgrader's metadata and markers, checks, points, the same everywhere."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from nbformat import NotebookNode

from tools.checks import glossary, language, parity, structure, typography
from tools.checks.markdown import parse
from tools.checks.page import Page, Problem
from tools.codetext import skeleton
from tools.exercises import MarkerError, split, student, unmarked
from tools.glossary import GlossaryError, load
from tools.notebooks import code_cells, is_setup
from tools.wording import wording

__all__ = ["check", "check_page"]

FEWEST, MOST = 4, 6  # tasks of a notebook
KEYS = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}


def check_page(page: Page) -> list[Problem]:
    """Return what is wrong with one notebook taken by itself."""
    problems = [*structure.check(page), *_cells(page)]
    if problems:
        return problems
    bare = replace(page, notebook=unmarked(page.notebook))
    return [
        *typography.check(bare),
        *language.check(bare),
        *_rivals(bare),
        *_tasks(page),
    ]


def _rivals(page: Page) -> Iterator[Problem]:
    try:
        terms = load(page.root)
    except GlossaryError:
        return  # The problem of the data, which is told elsewhere.
    points = wording(page.language).points
    for cell in page.notebook.cells:
        if cell.cell_type == "markdown":
            for text in parse(re.sub(points, "", cell.source)).own:
                for message in glossary.rivals_in(text, page.language, terms):
                    yield page.problem(cell, message)


def _cells(page: Page) -> Iterator[Problem]:
    for cell in page.notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        wanted = KEYS | ({"points"} if about.get("grade") else set())
        if set(about) != wanted or about["schema_version"] != 3:
            yield page.problem(
                cell, f"nbgrader's metadata must have schema 3 and {sorted(wanted)}"
            )
            continue
        if about["grade_id"] != cell.id:
            yield page.problem(cell, f"its grade_id is {about['grade_id']!r}")
        if about["locked"] == about["solution"]:
            yield page.problem(cell, "must be locked exactly if it is no solution")
        if cell.get("outputs") or cell.get("execution_count"):
            yield page.problem(cell, "has outputs: exercises are kept without")
        try:
            kinds = {kind for kind, _ in split(cell.source)} - {""}
        except MarkerError as error:
            yield page.problem(cell, str(error))
            continue
        right = {"SOLUTION"} if about["solution"] else set()
        if about["grade"] and not about["solution"]:
            right = {"HIDDEN TESTS"}
        if kinds != right:
            yield page.problem(
                cell, f"has markers of {sorted(kinds)}, must be {sorted(right)}"
            )


def _tasks(page: Page) -> Iterator[Problem]:
    graded = [c for c in page.notebook.cells if c.metadata["nbgrader"]["grade"]]
    if not FEWEST <= len(graded) <= MOST:
        yield page.problem(
            None, f"has {len(graded)} graded tasks, must be {FEWEST} to {MOST}"
        )
    if not any(cell.metadata["nbgrader"]["solution"] for cell in graded):
        yield page.problem(None, "has no task that somebody grades by a rubric")
    chapter = page.slug.rpartition("/")[2]
    sources = {cell.id: cell.source for cell in page.notebook.cells}
    for number, cell in enumerate(graded, start=1):
        title = sources.get(f"task-{number}", "").split("\n")[0]
        written = re.findall(wording(page.language).points, title)
        if written != [str(points := cell.metadata["nbgrader"]["points"])]:
            yield page.problem(
                cell, f"has {points} points, the title of task-{number}: {title!r}"
            )
        if cell.cell_type != "code":
            continue
        wanted = f"{chapter}/{number}"
        (_, visible), *_rest = split(cell.source)
        if not re.match(rf'hpocourse\.check\("{re.escape(wanted)}", \w+\)', visible):
            yield page.problem(cell, f"must begin with hpocourse.check({wanted!r}, …)")
        hidden = "".join(text for kind, text in split(cell.source) if kind)
        if not any(
            isinstance(node, ast.Assert) for node in ast.walk(ast.parse(hidden))
        ):
            yield page.problem(cell, "its hidden tests assert nothing")


def _student_code(page: Page) -> list[tuple[NotebookNode, str]]:
    return [
        (cell, skeleton(cell.source))
        for cell in code_cells(student(page.notebook, page.language))
        if not is_setup(cell)
    ]


def check(pages: list[Page], languages: list[str]) -> list[Problem]:
    """Return what is wrong with the exercises, and where languages differ."""
    problems = [problem for page in pages for problem in check_page(page)]
    if problems:
        return problems
    for slug in dict.fromkeys(page.slug for page in pages):
        same = {page.language: page for page in pages if page.slug == slug}
        bare = {
            folder: replace(page, notebook=unmarked(page.notebook))
            for folder, page in same.items()
        }
        problems += parity.check(bare, languages)
        first, *others = same.values()
        for other in others:
            for (_, ours), (cell, theirs) in zip(
                _student_code(first), _student_code(other), strict=False
            ):
                if ours != theirs:
                    problems.append(
                        other.problem(cell, f"leaves other code than {first.name}")
                    )
    return problems
