"""Whatever is particular to a language stands in one record, and all of it."""

import ast
import re
from collections.abc import Iterator

import pytest
from lingua import Language

from hpocourse.languages import LANGUAGES
from tests.sample import SAMPLE
from tools import wording as module
from tools.checks.numbers import SMALL
from tools.glossary import sort_key
from tools.notebooks import ROOT
from tools.quiz.data import COUNTS
from tools.wording import WORDINGS, wording

FOLDERS = [each.folder for each in LANGUAGES]


def test_every_language_has_its_words():
    assert set(WORDINGS) == set(FOLDERS)
    for what in ("setup_comment", "quiz_heading"):
        assert len({getattr(words, what) for words in WORDINGS.values()}) == len(
            FOLDERS
        )


@pytest.mark.parametrize("folder", FOLDERS)
def test_words_can_be_used(folder):
    words = WORDINGS[folder]
    assert hasattr(Language, words.detector)
    assert 1 <= len(words.setup_comment) <= 77
    assert len(words.quiz_letters) >= max(COUNTS)
    assert words.decimal in ",."
    numbers = words.numbers.split("|")
    assert len(numbers) == SMALL + 1
    for pattern in (*",".join(numbers).split(","), words.units, words.minutes):
        assert pattern
        re.compile(pattern)
    re.compile(words.wrong_quotes)
    assert bool(words.wrong_quotes) == bool(words.quotes)


def test_language_without_words_is_named(monkeypatch):
    monkeypatch.setattr(module, "WORDINGS", {})
    with pytest.raises(
        ValueError, match=r"tools/wording.py: .* no entry 'pt'; add one"
    ):
        wording("pt_BR")


@pytest.mark.parametrize(
    ("word", "key"),
    [("Épocas", "epocas"), ("ёлка", "елка"), ("йод", "йод"), ("Ñu", "nu")],
)
def test_accents_do_not_count_in_order(word, key):
    assert sort_key(word) == key


# --- Nothing else lists the languages -----------------------------------------

#: Where they may stand, and why.
RECORDS = {
    "tests/sample.py": "the samples of the tests are written in these three",
    "tools/wording.py": "what the tools know of each language, beside the registry",
}
CODE = rf"\b({'|'.join(SAMPLE)})\b"
LIST = re.compile(r"[\W_]{1,9}".join([CODE] * len(SAMPLE)))


def listed_languages(source: str, is_code: bool) -> Iterator[int]:
    """Yield the lines that name the first three languages side by side.

    In any list, call, text or regular expression, and, `is_code`, as the keys of a
    dictionary or the first of each tuple.
    """
    for found in LIST.finditer(source):
        if set(found.groups()) == set(SAMPLE):
            yield source.count("\n", 0, found.start()) + 1
    for node in ast.walk(ast.parse(source)) if is_code else ():
        parts = list(ast.iter_child_nodes(node))
        parts += [each.elts[0] for each in parts if getattr(each, "elts", None)]
        names = {each.value for each in parts if isinstance(each, ast.Constant)}
        if names >= set(SAMPLE):
            yield node.lineno


def test_no_other_place_lists_the_languages():
    # A fourth would be missing there. Words in tests may stand by language.
    files = [ROOT / "Makefile", ROOT / "hatch_build.py"]
    for folder in ("benchmarks", "hpocourse", "site", "tests", "tools"):
        files += (ROOT / folder).rglob("*")
    found = []
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in {".py", ".js", ".html", ""} and path.is_file():
            is_code = path.suffix == ".py" and not name.startswith("tests/")
            lines = listed_languages(path.read_text("utf-8"), is_code)
            found += [f"{name}:{line}" for line in lines]
    assert {place.partition(":")[0] for place in found} == set(RECORDS), found


@pytest.mark.parametrize("codes", [SAMPLE, SAMPLE[::-1]])
@pytest.mark.parametrize(
    "source",
    [
        "for folder in ('%s', '%s', '%s'): pass",
        'FOLDERS = {\n    "%s",\n    "%s",\n    "%s",\n}',
        "make('%s', '%s', '%s')",
        "pattern = r'/(%s|%s|%s)/'",
        "folders = 'en %s %s %s'.split()",
        "WORDS = {'%s': 'um', '%s': 'uno', '%s': 'один'}",
        "WORDS = [('%s', 'um'), ('%s', 'uno'), ('%s', 'один')]",
    ],
)
def test_a_list_of_languages_is_found(source, codes):
    assert 2 in listed_languages("x = 1\n" + source % codes, True)


def test_some_of_the_languages_or_other_names_are_no_list():
    source = "x = ('pt', 'es', 'fr'), {'pt': 1, 'es': 2}, ['pt-BR', 'es-MX', 'ru-RU']"
    assert not list(listed_languages(source, True))
