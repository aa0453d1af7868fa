"""Whose a file is, and what it was called before it was copied, saved and sent."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# What Colab, Drive, Windows, macOS and Jupyter add to the name of a copy.
COPY_OF = re.compile(r"(?:copy of|cópia de|copia de|копия(?: блокнота)?)\s+", re.I)
COPIED = re.compile(
    r"(?:\s*\(\d+\)|-copy\d+|\s+[-–—]\s+(?:copy|copia|cópia|копия))$", re.I
)
QUOTES = " \t_'\"«»„“”"
MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_.*)?")
UNSAFE = re.compile(r"[\x00-\x1f/\\*?\[\]{}:\"<>|+]")
LONGEST = 180  # bytes: file systems allow 255, and nbgrader adds endings


def canonical(name: str) -> str:
    """Return the name of a notebook without its ending and all that copying added."""
    stem, before = unicodedata.normalize("NFC", name), ""
    while stem != before:
        before = stem
        stem = re.sub(r"\.ipynb(?:\.txt|\.json)?$", "", stem.strip(QUOTES), flags=re.I)
        stem = COPIED.sub("", stem)
        if found := COPY_OF.match(stem):
            stem = stem[found.end() :]
    return stem


@dataclass(frozen=True)
class Owner:
    """A student, as a download names them.

    Attributes
    ----------
    id : str
        The name of the student's folder, and the key in the gradebook.
    name : str
        The student's name.
    moodle : str
        The number that Moodle gives the participant; empty elsewhere.
    """

    id: str
    name: str
    moodle: str = ""


def make_owner(name: str, moodle: str = "") -> Owner | None:
    """Return a student by name; None where nothing is left that could be a name."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    safe = UNSAFE.sub("_", name).strip(". _")
    safe = safe.encode()[:LONGEST].decode(errors="ignore").strip()
    if not safe:
        return None
    return Owner(f"{safe}_{moodle}" if moodle else safe, name, moodle)


def _beside(stem: str, chapter: str) -> str:
    """Return what stands beside the chapter's name in that of a file."""
    for sides in (stem.rpartition(" - "), stem.partition(" - ")):
        first, _dash, second = (canonical(side) for side in sides)
        if second == chapter:
            return first
        if first == chapter:
            return second
    word = re.escape(chapter)
    gap = r"[\s_-]+"
    found = re.fullmatch(f"{word}{gap}(?P<a>.+)|(?P<b>.+?){gap}{word}", stem)
    return (found["a"] or found["b"]) if found else ""


def find_owner(parts: tuple[str, ...], chapter: str) -> Owner | None:
    """Return whose a file is, by its path within a download.

    Parameters
    ----------
    parts : tuple of str
        The folders and the file's name.
    chapter : str
        The chapter's name, which may be part of the file's.

    Returns
    -------
    Owner or None
        None if the path does not say it.
    """
    for part in parts:
        if found := MOODLE.fullmatch(part):
            return make_owner(found["name"], found["number"])
    stem = canonical(parts[-1])
    if name := _beside(stem, chapter):
        return make_owner(name)
    if len(parts) > 1:
        return make_owner(parts[0])
    return None if stem == chapter else make_owner(stem)


def unwrap(paths: list[tuple[str, ...]], chapter: str) -> int:
    """Return how many folders around a whole download say nothing of whose it is."""
    if not paths or any(MOODLE.fullmatch(part) for path in paths for part in path):
        return 0
    depth = 0
    while len({path[depth] for path in paths}) == 1:
        lengths = {len(path) - depth for path in paths}
        files = {canonical(path[-1]) for path in paths}
        flat = lengths == {2} and len(files) > 1 and chapter not in files
        if min(lengths) >= 3 or flat:
            depth += 1
        else:
            break
    return depth
