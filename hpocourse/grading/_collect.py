"""Take what was handed in; name what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ._course import Course, Record
from ._flags import find_flags, imported
from ._names import Owner, find_owner, unwrap
from ._submission import ENOUGH, check_cells, likeness, read_cells, rebuild
from ._uploads import File, Refused, find_notebooks, list_files, read_file


def _by_owner(files: list[File], chapter: str) -> dict[Owner | None, list[File]]:
    """Return the files of each student; under None, those that may be anybody's."""
    skip = unwrap([file.parts for file in files], chapter)
    owned: dict[Owner | None, list[File]] = {}
    for file in files:
        parts = file.parts[skip:]
        # What was written into Moodle itself is no file of the student's.
        if not any("_assignsubmission_onlinetext" in part for part in parts):
            owned.setdefault(find_owner(parts, chapter), []).append(file)
    return owned


def _choose(
    files: list[File], released: dict[str, NotebookNode]
) -> tuple[str, NotebookNode, list[str], str]:
    """Return a student's assignment, notebook, what was put back in it, and hash."""
    read, problems = {}, []
    for file in find_notebooks(files):
        try:
            data = read_file(file)
            cells = read_cells(data)
        except Refused as error:
            problems.append(error)
            continue
        share, name = max((likeness(cells, released[name]), name) for name in released)
        read[hashlib.sha256(data).hexdigest()] = (share, name, cells, file.parts[-1])
    if not read:
        raise problems[0]
    fitting = {key: each for key, each in read.items() if each[0] >= ENOUGH}
    if len(fitting) > 1:
        names = ", ".join(sorted(each[3] for each in fitting.values()))
        raise Refused(f"more than one notebook, and they differ: {names}")
    key, (_share, name, cells, _file) = next(iter((fitting or read).items()))
    check_cells(cells, released[name])
    notebook, changed = rebuild(cells, released[name])
    given = nbformat.writes(released[name]).encode()
    return name, notebook, changed, hashlib.sha256(key.encode() + given).hexdigest()


def _flags(notebook: NotebookNode) -> list[str]:
    """Return what to look at in the code that is the student's, with the cells."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    modules = set().union(*(imported(cell.source) for cell in code))
    return [
        f"{flag} ({cell.id})"
        for cell in code
        if not cell.metadata.get("nbgrader", {}).get("locked")
        for flag in find_flags(cell.source, modules)
    ]


def _take(
    course: Course,
    record: Record,
    files: list[File],
    released: dict[str, NotebookNode],
    old: Record | None,
) -> Record:
    """Put a student's notebook where nbgrader looks for it, if it is a new one."""
    name, notebook, changed, digest = _choose(files, released)
    if old and (old.assignment, old.digest) == (name, digest):
        return old
    if old:
        course.forget(old)
    record.assignment, record.digest, record.status = name, digest, "collected"
    record.flags = _flags(notebook)
    if changed:
        record.notes.append(f"put back: {', '.join(changed)}")
    path = course.notebook("submitted", record)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
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
    owned = _by_owner(list_files(path), chapter)
    # Files whose names do not say whose they are, are looked at anew each time.
    records = {k: each for k, each in course.records(chapter).items() if each.name}
    found = []
    for owner, files in owned.items():
        if owner is None:
            why = "its name does not say whose it is"
            found += [Record("/".join(file.parts), reason=why) for file in files]
            continue
        record = Record(owner.id, owner.name, owner.moodle)
        old = records.get(owner.id)
        try:
            record = _take(course, record, files, released, old)
        except Refused as error:
            if old:
                course.forget(old)
            record.reason = str(error)
        found.append(record)
    records.update({record.student: record for record in found})
    course.save(chapter, records)
    return found
