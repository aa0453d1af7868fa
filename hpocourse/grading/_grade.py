"""Grade what was collected, one student after the other, and say how it went."""

from __future__ import annotations

import warnings

import nbformat
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import SAWarning
from tqdm import tqdm

from ._course import Course, Record


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # of nbgrader's own queries
            course.convert(Autograde, record.assignment, record.student)
        record.notes = [*kept, *_interrupted(course, record)]
        record.status, record.reason = "graded", ""
    except (NbGraderException, RuntimeError, OSError) as error:
        course.remove_score(record)
        record.status = "failed"
        record.reason = f"not graded, see grading.log: {error}"


def grade(course: Course, chapter: str, again: bool = False) -> None:
    """Grade what was collected and is not graded yet.

    Parameters
    ----------
    course : Course
        The course.
    chapter : str
        The chapter.
    again : bool, optional
        Whether to grade those that are graded, too.
    """
    records = course.records(chapter)
    due = ("collected", "failed", "graded") if again else ("collected", "failed")
    chosen = [record for record in records.values() if record.status in due]
    for record in tqdm(chosen, desc="grading", unit="notebook", disable=not chosen):
        grade_one(course, record)
        course.save(chapter, records)  # an interrupted run goes on from here
