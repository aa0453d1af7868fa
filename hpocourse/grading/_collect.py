"""Take what was handed in; name what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ._course import Course, Record
from ._flags import find_flags, imported
from ._names import MOODLE, Owner, find_owner, unwrap
from ._submission import ENOUGH, check_cells, likeness, read_cells, rebuild
from ._uploads import File, Refused, find_notebooks, list_files, read_file


def _by_owner(
    files: list[File], chapter: str
) -> tuple[dict[Owner, list[File]], list[File]]:
    """Return the files of each student, and those that may be anybody's."""
    skip = unwrap([file.parts for file in files], chapter)
    owned: dict[Owner, list[File]] = {}
    others = []
    for file in files:
        parts = file.parts[skip:]
        moodle = [found for part in parts if (found := MOODLE.fullmatch(part))]
        if any(found["kind"] == "onlinetext" for found in moodle):
            continue
        owner = find_owner(parts, chapter)
        if owner is None:
            others.append(file)
        else:
            owned.setdefault(owner, []).append(file)
    return owned, others


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
    owned, others = _by_owner(list_files(path), chapter)
    records = {
        student: record
        for student, record in course.records(chapter).items()
        if record.name  # whose files said so; the others are looked at anew
    }
    found = []
    for owner, files in owned.items():
        record = Record(owner.id, owner.name, owner.moodle)
        old = records.get(owner.id)
        try:
            record = _take(course, record, files, released, old)
        except Refused as error:
            if old:
                course.forget(old)
            record.reason = str(error)
        found.append(record)
    for file in others:
        name = "/".join(file.parts)
        found.append(Record(name, reason="its name does not say whose it is"))
    records.update({record.student: record for record in found})
    course.save(chapter, records)
    return found
