"""Read the terms of the course from ``book/glossary.yml``."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from hpocourse.languages import LANGUAGES
from tools.notebooks import ROOT
from tools.wording import WORDINGS

__all__ = ["FILE", "GlossaryError", "Term", "load", "sort_key"]

FILE = Path("book", "glossary.yml")
PART = {"term", "means", "rivals", "also"}
FOLDERS = [language.folder for language in LANGUAGES]


class GlossaryError(ValueError):
    """The file of the terms cannot be read.

    Attributes
    ----------
    messages : list of str
        What is wrong, one thing each.
    """

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True)
class Term:
    """One term in all languages.

    Attributes
    ----------
    id : str
        Its English name in kebab-case, to which chapters link.
    english : str
        The English term.
    words, means : dict of str
        The term and its definition, by the folder of the language.
    rivals : dict of str to tuple of re.Pattern
        What the prose of a language does not call it.
    also : dict of str to tuple of str
        What other books call it, by which the search finds it.
    """

    id: str
    english: str
    words: dict[str, str]
    means: dict[str, str]
    rivals: dict[str, tuple[re.Pattern[str], ...]]
    also: dict[str, tuple[str, ...]]


def load(root: Path = ROOT) -> list[Term]:
    """Return the terms, or none where the book has no glossary.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.
    """
    path = root / FILE
    return list(_parse(path.read_text("utf-8"))) if path.exists() else []


@lru_cache(maxsize=8)
def _parse(text: str) -> tuple[Term, ...]:
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise GlossaryError([f"is no YAML: {error}"]) from None
    if not isinstance(entries, list):
        raise GlossaryError([f"must be a list of terms, is {type(entries).__name__}"])
    faults: list[str] = []
    terms = tuple(_term(entry, number, faults) for number, entry in enumerate(entries))
    ids = [term.id for term in terms]
    faults += [f"term {name!r} stands twice" for name in _twice(ids)]
    for language in FOLDERS:
        words = [term.words[language] for term in terms]
        faults += [f"{language} term {word!r} stands twice" for word in _twice(words)]
    for first, second in zip(ids, sorted(ids), strict=True):
        if first != second:
            faults.append(f"terms are not in order: {first!r} where {second!r} belongs")
            break
    if faults:
        raise GlossaryError(faults)
    return terms


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if name and names.count(name) > 1})


def _term(entry: Any, number: int, faults: list[str]) -> Term:
    """Return one term; add what is wrong with it to the faults."""
    entry = entry if isinstance(entry, dict) else {}
    name = str(entry.get("id", ""))
    where = f"term {name!r}" if name else f"term number {number + 1}"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        faults.append(f"{where}: its id must be English words in kebab-case")
    faults += [
        f"{where}: {key!r} means nothing here"
        for key in sorted(set(entry) - {"id", "en", *FOLDERS}, key=str)
    ]
    if not entry.get("en"):
        faults.append(f"{where}: has no 'en'")
    rivals = {}
    parts = {language: entry.get(language) or {} for language in FOLDERS}
    for language, part in parts.items():
        if not isinstance(part, dict):
            faults.append(f"{where}: {language} is {part!r}, not 'term' and 'means'")
            parts[language] = part = {}
        faults += [
            f"{where}: {language} has no {key!r}"
            for key in ("term", "means")
            if not part.get(key)
        ]
        faults += [
            f"{where}: {language} {key!r} means nothing here"
            for key in sorted(set(part) - PART, key=str)
        ]
        rivals[language] = tuple(_rivals(part, f"{where}: {language}", faults))
    return Term(
        id=name,
        # An edition in English says what the term means, too.
        english=parts["en"].get("term", "")
        if "en" in parts
        else str(entry.get("en", "")),
        words={language: part.get("term", "") for language, part in parts.items()},
        means={language: part.get("means", "") for language, part in parts.items()},
        rivals=rivals,
        also={
            language: tuple(map(str, part.get("also", [])))
            for language, part in parts.items()
        },
    )


def _rivals(part: dict[str, Any], where: str, faults: list[str]) -> list[re.Pattern]:
    patterns = []
    for rival in part.get("rivals", []):
        try:
            patterns.append(re.compile(rf"\b(?:{rival})", re.IGNORECASE))
        except re.error as error:
            faults.append(f"{where} rival {rival!r} is no regular expression: {error}")
    return patterns


OWN = "".join(words.own_letters for words in WORDINGS.values())


def sort_key(word: str) -> str:
    """Return what a term of any of the languages is sorted by.

    Accents do not count, except on letters of their own such as ``й``.
    """
    return "".join(
        letter if letter in OWN else unicodedata.normalize("NFD", letter)[0]
        for letter in unicodedata.normalize("NFC", word.casefold())
    )
