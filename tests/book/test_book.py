"""The book itself passes every check."""

import pytest

from hpocourse.languages import LANGUAGES
from tools import checks
from tools.checks import PAGE_CHECKS, Page, check_book
from tools.checks.budget import share
from tools.notebooks import find_notebooks

CHAPTERS = ["index", "grid-search"]


def test_real_book_has_chapters_in_every_language():
    for language in LANGUAGES:
        slugs = [path.stem for path in find_notebooks(language.folder)]
        assert [slug for slug in slugs if slug in CHAPTERS] == CHAPTERS


@pytest.fixture(scope="module")
def pages():
    return [Page.load(path) for path in find_notebooks()]


# What tells languages takes seconds for all pages; `make check` asks it, too.
@pytest.mark.parametrize(
    "check",
    [
        pytest.param(check, marks=pytest.mark.slow if check == "language" else ())
        for check in PAGE_CHECKS
    ],
)
def test_real_pages(check, pages):
    problems = [problem for page in pages for problem in PAGE_CHECKS[check](page)]
    assert not problems, "\n".join(map(str, problems))


@pytest.mark.slow
def test_real_book(record_property, monkeypatch, pages):
    monkeypatch.setattr(checks, "PAGE_CHECKS", {})  # each has its test, above
    problems = check_book()
    assert not problems, "\n".join(map(str, problems))
    ignored, total = share(pages)
    record_property(
        "summary",
        f"{ignored} of the book's {total} code cells ({ignored / total:.1%}) have "
        "outputs that are not compared",
    )
