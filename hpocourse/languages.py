"""The registry of the course's languages, and translation at run time.

What a student reads in a notebook is translated; exceptions are in English.
Message ids are the English texts, so English needs no catalogue. The other
catalogues are compiled by ``python hatch_build.py``, which ``make`` and
installing with pip do by themselves.
"""

import gettext as _gettext
import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Language",
    "get_language",
    "gettext",
    "ngettext",
    "set_language",
    "use_language",
]

DOMAIN = "hpocourse"
LOCALE = Path(__file__).parent / "locale"
VARIABLE = "HPOCOURSE_LANG"


@dataclass(frozen=True)
class Language:
    """One language, by each of the names under which somebody knows it.

    Attributes
    ----------
    folder : str
        Name of the folder under ``book/``, and ending of labels: ``"pt"``.
    catalogue : str
        Name of the gettext catalogue: ``"pt_BR"``.
    tag : str
        Value of the HTML attribute ``lang``: ``"pt-BR"``.
    name : str
        What readers of the language call it: ``"Português"``.
    """

    folder: str
    catalogue: str
    tag: str
    name: str


#: The languages in which the course is written, in the order of the book.
LANGUAGES = (
    Language("pt", "pt_BR", "pt-BR", "Português"),
    Language("es", "es", "es", "Español"),
    Language("ru", "ru", "ru", "Русский"),
)

#: The language of the message ids. The package speaks it, whether or not the course
#: has an edition in it.
ENGLISH = next(
    (each for each in LANGUAGES if each.folder == "en"),
    Language("en", "en", "en", "English"),
)
_SPOKEN = tuple(dict.fromkeys((*LANGUAGES, ENGLISH)))


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


_KNOWN = {_key(form): language for language in _SPOKEN for form in astuple(language)}

# A notebook's cells, its threads and its `await` cells must all see the same
# language, and a ContextVar set in one cell is seen by none of the others: so
# the default is plain state, and only the override of a block is a ContextVar.
_default: Language | None = None
_override: ContextVar[Language | None] = ContextVar("hpocourse_language", default=None)


def get_language(language: str | Language | None = None) -> Language:
    """Return a language of the registry, or the current one.

    Parameters
    ----------
    language : str or Language, optional
        Any of the four forms (``"pt"``, ``"pt_BR"``, ``"pt-BR"``,
        ``"Português"``), in upper or lower case. Without it, the current
        language is returned: that of the innermost :func:`use_language`, else
        that of :func:`set_language`, else that of the environment variable
        ``HPOCOURSE_LANG``, else English.

    Returns
    -------
    Language
        The entry of the registry.

    Raises
    ------
    ValueError
        If the language is not known.
    TypeError
        If `language` is neither a string nor a :class:`Language`.
    """
    if language is None:
        return _current()
    if isinstance(language, Language):
        language = language.folder
    if not isinstance(language, str):
        raise TypeError(
            "language must be a string such as 'pt' or a Language, "
            f"got {language!r} of type {type(language).__name__}"
        )
    try:
        return _KNOWN[_key(language.strip())]
    except KeyError:
        known = ", ".join(
            repr(form) for entry in _SPOKEN for form in dict.fromkeys(astuple(entry))
        )
        raise ValueError(f"unknown language {language!r}; use one of {known}") from None


def _current() -> Language:
    current = _override.get() or _default
    if current is not None:
        return current
    value = os.environ.get(VARIABLE)
    if not value:
        return ENGLISH
    try:
        return get_language(value)
    except ValueError as error:
        raise ValueError(f"environment variable {VARIABLE}: {error}") from None


def set_language(language: str | Language) -> None:
    """Set the language of the whole process.

    Threads, and every cell of a notebook, see it. Other processes do not:
    start them with ``HPOCOURSE_LANG`` in the environment, or set the language
    in them too. A surrounding :func:`use_language` keeps priority.

    Parameters
    ----------
    language : str or Language
        Any of the forms that :func:`get_language` accepts.

    Raises
    ------
    TypeError, ValueError
        If it is no language, or unknown.
    FileNotFoundError
        If its messages are not compiled, as in a copy that was not installed.

    Examples
    --------
    >>> import hpocourse
    >>> hpocourse.set_language("en")
    """
    global _default
    _default = _usable(language)


@contextmanager
def use_language(language: str | Language) -> Iterator[Language]:
    """Use a language within a ``with`` block, in this thread or task only.

    Parameters
    ----------
    language : str or Language
        Any of the forms that :func:`get_language` accepts.

    Yields
    ------
    Language
        The entry of the registry.

    Raises
    ------
    TypeError, ValueError
        If it is no language, or unknown.
    FileNotFoundError
        If its messages are not compiled, as in a copy that was not installed.

    Examples
    --------
    >>> import hpocourse
    >>> with hpocourse.use_language("en") as language:
    ...     print(language.name)
    English
    """
    chosen = _usable(language)
    token = _override.set(chosen)
    try:
        yield chosen
    finally:
        _override.reset(token)


def _usable(language: str | Language) -> Language:
    """Look a language up, and fail now rather than in the first translation."""
    if language is None:
        raise TypeError("language must be given, got None; use for example 'pt'")
    chosen = get_language(language)
    _translations(chosen.catalogue)
    return chosen


@cache
def _translations(catalogue: str) -> _gettext.NullTranslations:
    if catalogue == ENGLISH.catalogue:
        return _gettext.NullTranslations()
    try:
        return _gettext.translation(DOMAIN, LOCALE, [catalogue])
    except FileNotFoundError:
        # Never fall back to English in silence: the text would be wrong.
        file = LOCALE / catalogue / "LC_MESSAGES" / f"{DOMAIN}.mo"
        raise FileNotFoundError(
            f"the catalogue {catalogue!r} is not compiled: {file} is missing; "
            "compile it with `python hatch_build.py` in the root of the "
            "repository, or install the package again with pip"
        ) from None


def gettext(message: str) -> str:
    """Translate a message into the current language.

    Parameters
    ----------
    message : str
        The English text, a literal, so that Babel finds it.

    Returns
    -------
    str
        The translation.
    """
    return _translations(_current().catalogue).gettext(message)


def N_(message: str) -> str:
    """Mark a message for Babel; :func:`gettext` translates it when it is shown."""
    return message


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a message that depends on a number.

    Parameters
    ----------
    singular, plural : str
        The English texts for one and for many, literals.
    n : int
        The number that chooses the form. Russian has three.

    Returns
    -------
    str
        The translation; fill its ``{n}`` in with :meth:`str.format`.
    """
    return _translations(_current().catalogue).ngettext(singular, plural, n)
