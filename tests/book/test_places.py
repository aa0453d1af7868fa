"""What a language lacks outside of its folder is named, file by file."""

import shutil

import pytest

from hpocourse.languages import ENGLISH, LANGUAGES, Language
from tools.checks import check_book, places
from tools.notebooks import ROOT


@pytest.fixture
def root(tmp_path):
    """The catalogues and the table of contents of the course."""
    for name in ("site", "hpocourse"):
        for path in (ROOT / name / "locale").rglob("*.po"):
            target = tmp_path / path.relative_to(ROOT)
            target.parent.mkdir(parents=True)
            shutil.copy(path, target)
    shutil.copy(ROOT / "_toc.yml", tmp_path)
    return tmp_path


def test_no_language_lacks_a_place():
    assert list(places.check()) == []


def test_all_that_a_fourth_language_lacks_is_named(root, monkeypatch):
    fourth = Language("xx", "xx", "xx", "Xish")
    monkeypatch.setattr(places, "LANGUAGES", (*LANGUAGES, fourth))
    said = [str(problem) for problem in places.check(root)]
    assert said == [
        "site/locale/xx/LC_MESSAGES/site.po: is missing: translate a copy of another "
        "one",
        "hpocourse/locale/xx/LC_MESSAGES/hpocourse.po: is missing: translate a copy of "
        "another one",
        "_toc.yml: has no part for 'xx': - file: book/xx/index",
    ]
    # `make check` passes it on.
    (root / "book").mkdir()
    assert {*places.check(root)} <= {*check_book(root)}


def test_english_needs_no_catalogue_of_the_package(root, monkeypatch):
    monkeypatch.setattr(places, "LANGUAGES", (ENGLISH,))
    # Where the course has an English edition, they are there.
    (root / "site/locale/en/LC_MESSAGES/site.po").unlink(missing_ok=True)
    toc = (root / "_toc.yml").read_text("utf-8").replace("book/en/index", "")
    (root / "_toc.yml").write_text(toc, "utf-8")
    said = [problem.notebook for problem in places.check(root)]
    assert said == ["site/locale/en/LC_MESSAGES/site.po", "_toc.yml"]


def test_a_catalogue_that_is_gone_is_named(root):
    (root / "site/locale/ru/LC_MESSAGES/site.po").unlink()
    (problem,) = places.check(root)
    assert problem.notebook == "site/locale/ru/LC_MESSAGES/site.po"
