"""The search of each edition: the language's stemmer, and no regard to accents."""

import json
import unicodedata
from typing import ClassVar

from hpocourse_pages import Language
from sphinx.errors import ExtensionError
from sphinx.search import SearchLanguage, languages
from sphinx.util import import_object

from tools.wording import wording

__all__ = ["fold", "search_language"]


def fold(word: str) -> str:
    """Return a word of Latin letters without its accents.

    >>> fold("otimização")
    'otimizacao'
    """
    letters = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


class _AccentBlind:
    """Finds a word also when it is typed without its accents."""

    def split(self, input: str) -> list[str]:
        words = super().split(input)
        return words + [folded for word in words if (folded := fold(word)) != word]


class _SameLetters:
    """Takes letters for those that readers write in their place."""

    letters: ClassVar[dict[str, str]]

    def split(self, input: str) -> list[str]:
        return super().split(input.translate(str.maketrans(self.letters)))


# What the page of the search does with the words that are typed.
SPLIT = """
function splitQuery(query) {
  const letters = %s;
  return Array.from(query, (letter) => letters[letter] ?? letter).join("")
    .split(/[^\\p{Letter}\\p{Number}_]+/u).filter((word) => word);
}
"""


def search_language(language: Language) -> type[SearchLanguage]:
    """Return the class with which Sphinx searches an edition.

    Parameters
    ----------
    language : Language
        The edition's language.

    Raises
    ------
    ExtensionError
        If Sphinx has no stemmer for it.
    """
    code = language.tag.split("-")[0]
    if code not in languages:
        raise ExtensionError(
            f"Sphinx cannot search in {language.tag!r}; it can in "
            f"{', '.join(sorted(languages))}: write a class for it in "
            "site/hpocourse_search.py"
        )
    found = languages[code]
    base = import_object(found) if isinstance(found, str) else found
    letters = dict(wording(language.folder).same_letters)
    if not letters:
        return type(f"Search_{code}", (_AccentBlind, base), {})
    letters |= {old.upper(): new.upper() for old, new in letters.items()}
    members = {
        "letters": letters,
        "js_splitter_code": SPLIT % json.dumps(letters, ensure_ascii=False),
    }
    return type(f"Search_{code}", (_SameLetters, base), members)
