"""Whatever is particular to a language stands in one record, and all of it."""

import re

import pytest
from lingua import Language

from hpocourse.languages import LANGUAGES
from tools import wording as module
from tools.checks.numbers import SMALL
from tools.glossary import sort_key
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
