"""Self-checks: the cell says what the data say, in every language the same."""

from collections.abc import Iterator
from pathlib import Path

from nbformat.v4 import new_markdown_cell

from hpocourse.languages import LANGUAGES
from tools.checks.page import Page, Problem
from tools.checks.prose_parity import compare_prose, untranslated
from tools.notebooks import ROOT, find_notebooks, label
from tools.quiz.cell import CELL, find_cell, render
from tools.quiz.data import SUFFIX, Question, QuizError, data_path, load

__all__ = ["check", "check_all", "check_names", "compare"]


def check(chapter: dict[str, Page], languages: list[str]) -> list[Problem]:
    """Return what is wrong with the questions of a chapter.

    Parameters
    ----------
    chapter : dict of str to Page
        The chapter's page by language.
    languages : list of str
        All languages, the one to compare with first.
    """
    problems: list[Problem] = []
    first: tuple[str, list[Question]] | None = None
    for language in (each for each in languages if each in chapter):
        page = chapter[language]
        path = data_path(page.root / page.name)
        name, cell = label(path, page.root), find_cell(page.notebook)
        if not path.exists():
            if cell is not None:
                problems.append(page.problem(cell, f"has no data: write {name}"))
            continue
        try:
            questions = load(path, page.root)
        except QuizError as error:
            problems += [Problem(name, "", message) for message in error.messages]
            continue
        if cell is None:
            problems.append(
                page.problem(None, f"has no Markdown cell {CELL!r} to show {name}")
            )
        elif cell.source != render(questions, language):
            problems.append(
                page.problem(cell, f"differs from {name}: edit that, then `make quiz`")
            )
        if first is None:
            first = language, questions
        else:
            problems += [
                Problem(name, "", f"{message} (compared with {first[0]!r})")
                for message in compare(first[1], questions, first[0], language)
            ]
    return problems


def check_names(root: Path = ROOT) -> list[Problem]:
    """Return the files of questions that belong to no chapter."""
    return [
        Problem(label(path, root), "", "belongs to no notebook of this name")
        for language in LANGUAGES
        for path in sorted((root / "book" / language.folder).rglob(f"*{SUFFIX}"))
        if not path.with_name(path.name.removesuffix(SUFFIX) + ".ipynb").exists()
    ]


def check_all(root: Path = ROOT) -> list[Problem]:
    """Return what is wrong with the questions of the whole book."""
    pages = [Page.load(path, root) for path in find_notebooks(root=root)]
    languages = [each.folder for each in LANGUAGES]
    problems = []
    for slug in dict.fromkeys(page.slug for page in pages):
        chapter = {page.language: page for page in pages if page.slug == slug}
        problems += check(chapter, languages)
    return [*problems, *check_names(root)]


def _parts(question: Question) -> Iterator[tuple[str, str]]:
    yield "'question'", question.text
    for number, option in enumerate(question.options, start=1):
        yield f"option {number} 'text'", option.text
        yield f"option {number} 'why'", option.why


def compare(
    first: list[Question], second: list[Question], language: str, other: str
) -> Iterator[str]:
    """Yield where questions differ from the same in another language."""
    ours, theirs = ([each.id for each in questions] for questions in (first, second))
    if ours != theirs:
        yield f"the questions are {theirs} instead of {ours}"
        return
    for model, question in zip(first, second, strict=True):
        where = f"question {question.id!r}"
        if len(model.options) != len(question.options):
            yield (
                f"{where}: has {len(question.options)} options instead of "
                f"{len(model.options)}"
            )
            continue
        if model.right != question.right:
            yield (
                f"{where}: option {question.right + 1} is right instead of "
                f"{model.right + 1}"
            )
        for (what, a), (_, b) in zip(_parts(model), _parts(question), strict=True):
            cells = new_markdown_cell(a), new_markdown_cell(b)
            for message in compare_prose(*cells, language, other):
                yield f"{where}: {what}: {message}"
            for message in untranslated(*cells):
                yield f"{where}: {what}: {message}"
