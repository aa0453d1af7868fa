"""Points, as the gradebook has them, and the tables that are made of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from nbgrader.api import MissingEntry, SubmittedAssignment

from ._course import Course, CourseError, Record

# What Moodle calls the column of points, in the languages of the course and English.
GRADE = ("Grade", "Nota", "Avaliação", "Calificación", "Оценка")


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


@dataclass(frozen=True)
class Work:
    """What the gradebook has of one student's work: nothing, until it is graded.

    Attributes
    ----------
    score, points : float
        What was got in all, and what could be.
    tasks : list of Task
        The graded cells, in their order.
    comments : dict of str to str
        What a person wrote, by the name of the cell.
    """

    score: float = 0
    points: float = 0
    tasks: list[Task] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)


def _read(submission: SubmittedAssignment) -> Work:
    (notebook,) = submission.notebooks
    grades = {each.name: each for each in notebook.grades}
    cells = submission.assignment.notebooks[0].source_cells
    ordered = [grades[cell.name] for cell in cells if cell.name in grades]
    return Work(
        submission.score,
        submission.max_score,
        [Task(g.name, g.score, g.max_score, g.needs_manual_grade) for g in ordered],
        {c.name: c.manual_comment for c in notebook.comments if c.manual_comment},
    )


def find_work(course: Course, chapter: str) -> Iterator[tuple[Record, Work]]:
    """Yield each student's record, and what was graded of the work."""
    with course.gradebook() as book:
        for student, record in course.records(chapter).items():
            work = Work()
            if record.status == "graded":
                with suppress(MissingEntry):
                    work = _read(book.find_submission(record.assignment, student))
            yield record, work


def make_table(course: Course, chapter: str) -> list[dict[str, str]]:
    """Return a row for each student: who, status, points, reason, and each task."""
    rows = []
    for record, work in find_work(course, chapter):
        unread = [task.name for task in work.tasks if task.unread]
        lost = [
            f"{task.name}: {task.score:g} of {task.points:g}"
            for task in work.tasks
            if task.score < task.points and not task.unread
        ]
        reasons = [
            record.reason,
            f"to be read: {', '.join(unread)}" if unread else "",
            *lost,
            f"look at: {', '.join(record.flags)}" if record.flags else "",
            *record.notes,
        ]
        flagged = record.flags and record.status == "graded"
        row = {
            "student": record.student,
            "name": record.name,
            "moodle": record.moodle,
            "language": record.language,
            "status": "flagged" if flagged else record.status,
            "points": f"{work.score:g}" if work.tasks else "",
            "maximum": f"{work.points:g}" if work.tasks else "",
            "unread": " ".join(unread),
            "reason": "; ".join(filter(None, reasons)),
        }
        rows.append(row | {task.name: f"{task.score:g}" for task in work.tasks})
    return rows


def export(course: Course, chapter: str) -> Path:
    """Write one row for each student, one column for each task.

    Parameters
    ----------
    course : Course
        The course.
    chapter : str
        The chapter.

    Returns
    -------
    Path
        The CSV file, in UTF-8 with a mark, as Excel wants it.
    """
    path = course.folder / f"grades-{chapter}.csv"
    table = pd.DataFrame(make_table(course, chapter))
    table.to_csv(path, index=False, encoding="utf-8-sig")
    return path


def fill_worksheet(
    course: Course, chapter: str, worksheet: Path
) -> tuple[Path, int, int]:
    """Write points into the grading worksheet that Moodle has made.

    Parameters
    ----------
    course : Course
        The course.
    chapter : str
        The chapter.
    worksheet : Path
        Moodle's CSV file; it is left as it is.

    Returns
    -------
    tuple of Path, int and int
        The filled copy, how many rows have got points, and in how many of them an
        open answer has not been read yet.

    Raises
    ------
    CourseError
        If the worksheet has no column for points.
    """
    # As it stands: no text is a number or missing, no name of a column must be unique.
    table = pd.read_csv(
        worksheet, header=None, dtype=str, keep_default_na=False, encoding="utf-8-sig"
    )
    head = table.iloc[0].str.strip()
    if not head.isin(GRADE).any():
        raise CourseError(
            f"{worksheet} has no column of points: one of {', '.join(GRADE)} is "
            f"expected, there are {', '.join(head)}"
        )
    students = make_table(course, chapter)
    graded = {student["moodle"]: student for student in students if student["points"]}
    # The first column reads "Participant 123", in Moodle's language.
    numbers = table[0].str.extract(r"(\d+)\s*$", expand=False)
    filled = numbers[numbers.isin(graded)]
    for row, number in filled.items():
        table.loc[row, head.isin(GRADE).idxmax()] = graded[number]["points"]
    path = course.folder / f"moodle-{chapter}.csv"
    table.to_csv(path, header=False, index=False)
    return path, len(filled), sum(graded[number]["unread"] != "" for number in filled)
