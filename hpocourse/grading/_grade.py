"""Grade what was collected, one student after the other, and say how it went."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import nbformat
from nbgrader.api import SubmittedAssignment
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import SAWarning
from tqdm import tqdm

from ._course import Course, Record, find_submission


@dataclass(frozen=True)
class Task:
    """One graded cell of a submission.

    Attributes
    ----------
    name : str
        Its grade id.
    score, points : float
        What was got, and what could be.
    unread : bool
        Whether a person has still to read it.
    """

    name: str
    score: float
    points: float
    unread: bool


def find_tasks(submission: SubmittedAssignment) -> list[Task]:
    """Return the graded cells of a submission, in their order."""
    cells = submission.assignment.notebooks[0].source_cells
    place = {cell.name: number for number, cell in enumerate(cells)}
    tasks = [
        Task(each.name, each.score, each.max_score, bool(each.needs_manual_grade))
        for notebook in submission.notebooks
        for each in notebook.grades
    ]
    return sorted(tasks, key=lambda task: place.get(task.name, len(place)))


def find_comments(submission: SubmittedAssignment) -> dict[str, str]:
    """Return what a person wrote about a submission, by the name of the cell."""
    return {
        each.name: each.manual_comment
        for notebook in submission.notebooks
        for each in notebook.comments
        if each.manual_comment
    }


def format_number(value: float) -> str:
    """Return points as they are written: 2, and 2.5."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _interrupted(course: Course, record: Record) -> list[str]:
    """Return where the sandbox had to step in, and why."""
    notebook = nbformat.read(course.notebook("autograded", record), as_version=4)
    said: dict[str, str] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("ename") in ("CellTimeoutError", "KernelStopped"):
                said.setdefault(output.evalue, f"{cell.id}: {output.evalue}")
    return list(said.values())


def grade_one(course: Course, record: Record) -> None:
    """Grade one submission; what fails leaves no score, and says so in the record."""
    kept = [note for note in record.notes if note.startswith("put back")]
    convert = Autograde(
        coursedir=course.directory(record.assignment, record.student),
        config=course.config,
        force=True,
        log=course.log,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # of nbgrader's own queries
            convert.start()
        record.notes = [*kept, *_interrupted(course, record)]
        record.status, record.reason = "graded", ""
    except (NbGraderException, RuntimeError, OSError) as error:
        course.remove_score(record)
        record.status = "failed"
        record.reason = f"not graded, see grading.log: {error}"


def grade(course: Course, chapter: str, again: bool = False) -> dict[str, Record]:
    """Grade what was collected and is not graded yet.

    Parameters
    ----------
    course : Course
        The course.
    chapter : str
        The chapter.
    again : bool, optional
        Whether to grade those that are graded, too.

    Returns
    -------
    dict of str to Record
        All students of the chapter.
    """
    records = course.records(chapter)
    chosen = [
        record
        for _student, record in sorted(records.items())
        if record.status in ("collected", "failed")
        or (again and record.status == "graded")
    ]
    for record in tqdm(chosen, desc="grading", unit="notebook", disable=not chosen):
        grade_one(course, record)
        course.save(chapter, records)  # an interrupted run goes on from here
    return records


def make_table(
    course: Course, records: dict[str, Record]
) -> list[tuple[str, str, str, str]]:
    """Return a row for each student: who, status, points, reason."""
    rows = []
    with course.gradebook() as book:
        for student, record in sorted(records.items()):
            status, points, reasons = record.status, "", [record.reason]
            submission = find_submission(book, record)
            if record.status == "graded" and submission is not None:
                tasks = find_tasks(submission)
                got = format_number(sum(task.score for task in tasks))
                points = f"{got}/{format_number(sum(task.points for task in tasks))}"
                unread = [task.name for task in tasks if task.unread]
                missed = [
                    f"{task.name}: {format_number(task.score)} of "
                    f"{format_number(task.points)}"
                    for task in tasks
                    if task.score < task.points and not task.unread
                ]
                reasons += [f"to be read: {', '.join(unread)}"] if unread else []
                reasons += missed
            if record.flags:
                status = "flagged" if record.status == "graded" else status
                reasons.append(f"look at: {', '.join(record.flags)}")
            reasons += record.notes
            rows.append((student, status, points, "; ".join(filter(None, reasons))))
    return rows
