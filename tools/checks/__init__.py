"""What is checked about the notebooks of the book, without executing them."""

from pathlib import Path

from hpocourse.languages import LANGUAGES
from tools.checks import (
    budget,
    exercises,
    figures,
    glossary,
    language,
    letters,
    numbers,
    outputs,
    parity,
    places,
    quiz,
    reading_time,
    references,
    structure,
    texts,
    typography,
)
from tools.checks.page import Page, Problem
from tools.exercises import find_exercises
from tools.notebooks import ROOT, UnreadableError, find_notebooks

__all__ = ["PAGE_CHECKS", "Page", "Problem", "check_book", "check_page", "load_pages"]

# The checks that look at one page, by name.
PAGE_CHECKS = {
    "structure": structure.check,
    "outputs": outputs.check,
    "figures": figures.check,
    "letters": letters.check,
    "typography": typography.check,
    "language": language.check,
    "numbers": numbers.check,
    "glossary": glossary.check,
    "references": references.check,
}


def check_page(page: Page) -> list[Problem]:
    """Return what is wrong with one page taken by itself."""
    return [problem for check in PAGE_CHECKS.values() for problem in check(page)]


def load_pages(
    root: Path = ROOT, paths: list[Path] | None = None
) -> tuple[list[Page], list[Problem]]:
    """Return the pages that can be looked at, and why the others cannot.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.
    paths : list of Path, optional
        The notebooks; the chapters by default.
    """
    pages, problems = [], []
    for path in find_notebooks(root=root) if paths is None else paths:
        try:
            page = Page.load(path, root)
        except UnreadableError as error:
            problems.append(Problem(error.name, "", error.reason))
            continue
        if unreadable := structure.check_readable(page):
            problems += unreadable
        else:
            pages.append(page)
    return pages, problems


def _timed(pages: list[Page], chosen: list[Page]) -> list[Problem]:
    """Return the wrong times of reading on the chosen pages and about them."""
    slugs = {page.slug for page in chosen} | {"index"}
    return list(reading_time.check([page for page in pages if page.slug in slugs]))


def check_book(root: Path = ROOT, only: list[Path] | None = None) -> list[Problem]:
    """Return what is wrong with the book.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.
    only : list of Path, optional
        Notebooks to which the checks are restricted: to their pages, and to
        the other languages of their chapters.
    """
    pages, problems = load_pages(root)
    names = {path.resolve() for path in only or []}
    chosen = [
        page for page in pages if not names or (root / page.name).resolve() in names
    ]
    problems += [problem for page in chosen for problem in check_page(page)]
    languages = [each.folder for each in LANGUAGES]
    for slug in dict.fromkeys(page.slug for page in chosen):
        chapter = {page.language: page for page in pages if page.slug == slug}
        problems += parity.check(chapter, languages)
        problems += quiz.check(chapter, languages)
    tasks, unreadable = load_pages(root, find_exercises(root=root))
    slugs = {
        page.slug
        for page in tasks
        if not names or (root / page.name).resolve() in names
    }
    return [
        *problems,
        *unreadable,
        *exercises.check([page for page in tasks if page.slug in slugs], languages),
        *figures.check_names(pages),
        *quiz.check_names(root),
        *glossary.check_data(root),
        *references.check_data(root),
        *texts.check_all(root),
        *places.check(root),
        *budget.check(pages),
        *_timed(pages, chosen),
    ]
