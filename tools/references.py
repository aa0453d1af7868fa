"""Read the works that the course cites from ``book/references.bib``."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools.notebooks import ROOT

if TYPE_CHECKING:
    from pybtex.database import Entry, Person

__all__ = ["FILE", "Work", "cited_works", "load"]

FILE = Path("book", "references.bib")
MANY = 4  # authors, beyond which only the first is named


@dataclass(frozen=True)
class Work:
    """One work.

    Attributes
    ----------
    key : str
        How it is called in the file and in the pages of references.
    authors : tuple of str
        Names as they are shown, family name first.
    year, title, place, address : str
        The place is the journal, book or publisher, with volume and pages; year
        and place may be empty.
    """

    key: str
    authors: tuple[str, ...]
    year: str
    title: str
    place: str
    address: str

    @property
    def is_long(self) -> bool:
        """Whether there are more authors than are named, as ``and others`` says too."""
        return len(self.authors) > MANY or self.authors[-1] == "others"


def load(root: Path = ROOT) -> dict[str, Work]:
    """Return the works by key, or none where the book has no such file.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.

    Raises
    ------
    ValueError
        If the file cannot be read, or an entry lacks what a reader needs.
    """
    path = root / FILE
    return dict(_parse(path.read_text("utf-8"))) if path.exists() else {}


@lru_cache(maxsize=8)
def _parse(text: str) -> dict[str, Work]:
    from pybtex.database import parse_string
    from pybtex.exceptions import PybtexError

    try:
        entries = parse_string(text, "bibtex").entries
    except PybtexError as error:
        raise ValueError(f"{FILE.as_posix()}: {error}") from None
    return {key: _work(key, entry) for key, entry in entries.items()}


def _work(key: str, entry: "Entry") -> Work:
    fields = {name.lower(): _plain(value) for name, value in entry.fields.items()}
    doi = fields.get("doi")
    address = fields.get("url") or (f"https://doi.org/{doi}" if doi else "")
    authors = tuple(_name(person) for person in entry.persons.get("author", []))
    for what, value in (
        ("author", authors),
        ("title", fields.get("title")),
        ("url or doi", address),
    ):
        if not value:
            raise ValueError(f"{FILE.as_posix()}: {key} has no {what}")
    return Work(
        key, authors, fields.get("year", ""), fields["title"], _place(fields), address
    )


def _plain(text: str) -> str:
    return text.replace("{", "").replace("}", "").replace("\\&", "&")


def _name(person: "Person") -> str:
    family = _plain(" ".join(person.prelast_names + person.last_names))
    given = (*person.first_names, *person.middle_names)
    initials = " ".join(
        "-".join(f"{part[0]}." for part in name.split("-")) for name in given
    )
    return f"{family}, {initials}" if initials else family


def _place(fields: dict[str, str]) -> str:
    name = next(
        (
            fields[key]
            for key in ("journal", "booktitle", "publisher")
            if fields.get(key)
        ),
        "",
    )
    volume = fields.get("volume", "")
    if volume and fields.get("number"):
        volume += f"({fields['number']})"
    pages = fields.get("pages", "").replace("--", "–")
    numbers = ", ".join(each for each in (volume, pages) if each)
    return f"{name} {numbers}" if volume else ", ".join(filter(None, (name, numbers)))


def cited_works(text: str) -> dict[str, str]:
    """Return what a page of references lists, with the reason given for each.

    Parameters
    ----------
    text : str
        Markdown, with blocks of ``works`` that hold lines ``key: reason``.
    """
    found: dict[str, str] = {}
    inside = False
    for line in text.split("\n"):
        if line.startswith("```"):
            inside = line.strip() == "```{works}"
        elif inside and ":" in line:
            key, reason = line.split(":", 1)
            found[key.strip()] = reason.strip()
    return found
