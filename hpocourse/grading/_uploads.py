"""Read what was handed in: folders, and zips without ever unpacking them to disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from click import ClickException

MEGABYTE = 2**20
LARGEST = 20 * MEGABYTE  # of a notebook, and of a zip that a student hands in
UNPACKED = 60 * MEGABYTE  # of all that such a zip holds
MANY = 1000  # files in such a zip
HIDDEN = {"__MACOSX", ".ipynb_checkpoints"}


class Refused(ClickException):
    """A submission that is not graded; says why."""


@dataclass(frozen=True)
class File:
    """One file of a download.

    Attributes
    ----------
    parts : tuple of str
        Its path within the download.
    size : int
        Its size in bytes, as the folder or the zip says.
    open : callable
        Opens it for reading.
    problem : str
        Why it must not be read; empty if it may be.
    """

    parts: tuple[str, ...]
    size: int
    open: Callable[[], IO[Any]]
    problem: str = ""

    def ends_with(self, *endings: str) -> bool:
        """Return whether the file's name has one of some endings."""
        return self.parts[-1].lower().endswith(endings)


def _shown(parts: tuple[str, ...]) -> bool:
    return not any(part in HIDDEN or part.startswith("._") for part in parts)


def _from_folder(folder: Path) -> Iterator[File]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        problem = f"{path.name} is a link, not a file" if path.is_symlink() else ""
        if (problem or path.is_file()) and _shown(parts):
            opened = partial(path.open, "rb")
            yield File(parts, path.lstat().st_size, opened, problem)


def _from_zip(source: Path | io.BytesIO, name: str) -> Iterator[File]:
    try:
        archive = zipfile.ZipFile(source)
    except Exception as error:  # damaged, perhaps on purpose
        raise Refused(f"{name} is neither a folder nor a zip: {error}") from None
    for entry in archive.infolist():
        name = entry.filename
        if not entry.flag_bits & 0x800:  # not marked as UTF-8, and often is
            with suppress(UnicodeError):
                name = name.encode("cp437").decode()
        path = PurePosixPath(name.replace("\\", "/"))
        parts = tuple(part for part in path.parts if part not in ("..", "/"))
        if entry.is_dir() or not parts or not _shown(parts):
            continue
        problem = ""
        if len(parts) < len(path.parts):
            problem = f"the zip's path {name} leads out of it"
        yield File(parts, entry.file_size, partial(archive.open, entry), problem)


def list_files(path: Path) -> list[File]:
    """Return the files of a download, a folder or a zip.

    Raises
    ------
    Refused
        If it is neither.
    """
    found = _from_folder(path) if path.is_dir() else _from_zip(path, str(path))
    return list(found)


def read_file(file: File) -> bytes:
    """Return the bytes of a file that may be read and is not too large.

    Raises
    ------
    Refused
        If it is too large, or must not be read.
    """
    if file.problem:
        raise Refused(file.problem)
    name, size = file.parts[-1], file.size
    if size > LARGEST:
        limit = f"{LARGEST / MEGABYTE:.0f}"
        raise Refused(f"{name} has {size / MEGABYTE:.0f} MB, more than {limit}")
    try:
        with file.open() as opened:
            return opened.read(LARGEST)  # the size that a zip states may be a lie
    except Exception as error:  # damaged, with a password, packed in an unknown way
        raise Refused(f"{name} cannot be read: {error}") from None


def find_notebooks(files: list[File]) -> list[File]:
    """Return the notebooks among a student's files, zips looked into.

    Raises
    ------
    Refused
        If there is none, or a zip is broken, too large or dangerous.
    """
    found = []
    for file in files:
        if file.ends_with(".ipynb", ".ipynb.txt", ".ipynb.json"):
            found.append(file)
        elif file.ends_with(".zip"):
            name = file.parts[-1]
            inner = list(_from_zip(io.BytesIO(read_file(file)), name))
            size = sum(each.size for each in inner)
            if size > UNPACKED or len(inner) > MANY:
                unpacked = f"{size / MEGABYTE:.0f} MB in {len(inner)} files"
                raise Refused(f"{name} unpacks to {unpacked}: too much")
            if problem := next((each.problem for each in inner if each.problem), ""):
                raise Refused(f"{name}: {problem}")
            found += [each for each in inner if each.ends_with(".ipynb")]
    if not found:
        names = ", ".join(file.parts[-1] for file in files[:3])
        raise Refused(f"no notebook (.ipynb) among what was handed in: {names}")
    return found
