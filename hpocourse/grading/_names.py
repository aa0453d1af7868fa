"""Whose a file is, and what it was called before it was copied, saved and sent."""

from __future__ import annotations

import re
import unicodedata
from itertools import takewhile
from typing import NamedTuple

QUOTES = " \t_'\"«»„“”"
# What Colab, Drive, Windows, macOS and Jupyter add to the name of a copy.
COPIED = re.compile(
    r"""
    \b (?: copy\ of | c[oó]pia\ de | копия (?:\ блокнота)? ) \s+
    | \s+ [-–—] \s+ (?: copy | c[oó]pia | копия ) \b (?! \s+\w )
    | \s* \(\d+\) | -copy\d+ | \.ipynb (?: \.txt | \.json )?
    """,
    re.IGNORECASE | re.VERBOSE,
)
MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_[a-z]+(?:_.*)?")
UNSAFE = re.compile(r"[\x00-\x1f/\\*?\[\]{}:\"<>|+]")
LONGEST = 180  # bytes: file systems allow 255, and nbgrader adds endings


def canonical(name: str) -> str:
    """Return the name of a notebook without its ending and all that copying added."""
    return COPIED.sub("", unicodedata.normalize("NFC", name)).strip(QUOTES)


class Owner(NamedTuple):
    """A student, as a download names them.

    Attributes
    ----------
    id : str
        The name of the student's folder, and the key in the gradebook.
    name : str
        The student's name; empty where it is not known.
    moodle : str
        The number that Moodle gives the participant; empty elsewhere.
    """

    id: str
    name: str = ""
    moodle: str = ""


def make_owner(name: str, moodle: str = "") -> Owner | None:
    """Return a student by name; None where nothing is left that could be a name."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    safe = UNSAFE.sub("_", name).strip(". _")
    safe = safe.encode()[:LONGEST].decode(errors="ignore").strip()
    if not safe:
        return None
    return Owner(f"{safe}_{moodle}" if moodle else safe, name, moodle)


def find_owner(parts: tuple[str, ...], chapter: str) -> Owner:
    """Return whose a file is, by its path within a download.

    Parameters
    ----------
    parts : tuple of str
        The folders and the file's name.
    chapter : str
        The chapter's name, which may be part of the file's.

    Returns
    -------
    Owner
        Without a name, and with the path for an id, if the path does not say it.
    """
    for part in parts:
        if found := MOODLE.fullmatch(part):
            name, moodle = found.groups()
            break
    else:
        stem, moodle = canonical(parts[-1]), ""
        word, gap = re.escape(chapter), f"[{QUOTES}–—-]+"
        name = re.sub(f"^{word}{gap}|{gap}{word}$", "", stem)
        if name == stem and len(parts) > 1:
            name = parts[0]
        if name == chapter:
            name = ""
    return make_owner(name, moodle) or Owner("/".join(parts))


def unwrap(paths: list[tuple[str, ...]], chapter: str) -> int:
    """Return how many folders around a whole download say nothing of whose it is."""
    if not paths or any(MOODLE.fullmatch(part) for path in paths for part in path):
        return 0
    lengths = {len(path) for path in paths}
    names = {canonical(path[-1]) for path in paths}
    # Side by side in one folder, notebooks with names of their own say whose they are.
    flat = len(lengths) == 1 and len(names) > 1 and chapter not in names
    deepest = min(lengths) - (1 if flat else 2)
    levels = zip(*paths, strict=False)
    shared = sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, levels))
    return max(0, min(shared, deepest))
