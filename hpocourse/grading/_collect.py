"""Take what was handed in; name what is refused."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ._course import Course, Record
from ._flags import find_flags
from ._names import Owner, find_owner, unwrap
from ._submission import ENOUGH, Cell, check_cells, likeness, read_cells, rebuild
from ._uploads import File, Refused, find_notebooks, list_files, read_file


def _by_owner(files: list[File], chapter: str) -> dict[Owner, list[File]]:
    """Return the files of each student."""
    skip = unwrap([file.parts for file in files], chapter)
    owned: dict[Owner, list[File]] = {}
    for file in files:
        parts = file.parts[skip:]
        # What was written into Moodle itself is no file of the student's.
        if not any("_assignsubmission_onlinetext" in part for part in parts):
            owned.setdefault(find_owner(parts, chapter), []).append(file)
    return owned


def _choose(
    files: list[File], released: dict[str, NotebookNode]
) -> tuple[str, list[Cell]]:
    """Return which assignment a student has handed in, and the notebook's cells."""
    read, problems = [], []
    for file in find_notebooks(files):
        try:
            cells = read_cells(read_file(file))
        except Refused as error:
            problems.append(error)
            continue
        share, name = max((likeness(cells, released[name]), name) for name in released)
        read.append((share, name, cells, file.parts[-1]))
    if not read:
        raise problems[0]
    fitting = [each for each in read if each[0] >= ENOUGH]
    _share, name, cells, _file = (fitting or read)[0]
    if any(each[2] != cells for each in fitting):
        names = ", ".join(sorted(file for *_others, file in fitting))
        raise Refused(f"more than one notebook, and they differ: {names}")
    return name, cells


def _take(
    course: Course,
    owner: Owner,
    files: list[File],
    released: dict[str, NotebookNode],
    old: Record | None,
) -> Record:
    """Put a student's notebook where nbgrader looks for it, if it is a new one."""
    if not owner.name:
        raise Refused("its name does not say whose it is")
    name, cells = _choose(files, released)
    check_cells(cells, released[name])
    notebook, changed = rebuild(cells, released[name])
    record = Record(*owner, assignment=name, status="collected")
    path, text = course.notebook("submitted", record), nbformat.writes(notebook)
    if old and path.is_file() and path.read_text("utf-8") == text:
        return old
    if old:
        course.forget(old)
    record.flags = find_flags(notebook)
    if changed:
        record.notes.append(f"put back: {', '.join(changed)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return record


def collect(course: Course, chapter: str, path: Path) -> list[Record]:
    """Take a download of Moodle's or Google Classroom's, or a folder.

    Parameters
    ----------
    course : Course
        The course.
    chapter : str
        The chapter whose exercises were handed in.
    path : Path
        A folder or a zip.

    Returns
    -------
    list of Record
        Those found in the download, refused ones included.

    Raises
    ------
    Refused
        If the download is neither a folder nor a zip.
    """
    released = course.released(chapter)
    # Files whose names do not say whose they are, are looked at anew each time.
    records = {k: each for k, each in course.records(chapter).items() if each.name}
    found = []
    for owner, files in _by_owner(list_files(path), chapter).items():
        old = records.get(owner.id)
        try:
            record = _take(course, owner, files, released, old)
        except Refused as error:
            if old:
                course.forget(old)
            record = Record(*owner, reason=str(error))
        records[record.student] = record
        found.append(record)
    course.save(chapter, records)
    return found
