"""Points, as the gradebook has them, and the tables that are made of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from nbgrader.api import MissingEntry, SubmittedAssignment

from ._course import Course, CourseError, Record

# What Moodle calls the column of points, in the languages of the course and English.
GRADE = ("Grade", "Nota", "Avaliação", "Calificación", "Оценка")


def format_number(value: float) -> str:
    """Return points as they are written: 2, and 2.5."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


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
    """What the gradebook has of one student's work.

    Attributes
    ----------
    tasks : list of Task
        The graded cells, in their order.
    comments : dict of str to str
        What a person wrote, by the name of the cell.
    """

    tasks: list[Task]
    comments: dict[str, str]

    @property
    def score(self) -> str:
        """What was got in all."""
        return format_number(sum(task.score for task in self.tasks))

    @property
    def points(self) -> str:
        """What could be got in all."""
        return format_number(sum(task.points for task in self.tasks))

    @property
    def unread(self) -> list[str]:
        """The tasks that a person has still to read."""
        return [task.name for task in self.tasks if task.unread]


def _read(submission: SubmittedAssignment) -> Work:
    cells = submission.assignment.notebooks[0].source_cells
    place = {cell.name: number for number, cell in enumerate(cells)}
    grades = [each for notebook in submission.notebooks for each in notebook.grades]
    grades.sort(key=lambda grade: place.get(grade.name, len(place)))
    comments = [each for notebook in submission.notebooks for each in notebook.comments]
    return Work(
        [Task(g.name, g.score, g.max_score, g.needs_manual_grade) for g in grades],
        {each.name: each.manual_comment for each in comments if each.manual_comment},
    )


def find_work(
    course: Course, records: dict[str, Record]
) -> list[tuple[Record, Work | None]]:
    """Return each student's record, and what was graded of the work, if anything."""
    found = []
    with course.gradebook() as book:
        for student, record in sorted(records.items()):
            work = None
            with suppress(MissingEntry):
                if record.status == "graded":
                    work = _read(book.find_submission(record.assignment, student))
            found.append((record, work))
    return found


def make_table(
    course: Course, records: dict[str, Record]
) -> list[tuple[str, str, str, str]]:
    """Return a row for each student: who, status, points, reason."""
    rows = []
    for record, work in find_work(course, records):
        status, points, reasons = record.status, "", [record.reason]
        if work is not None:
            points = f"{work.score}/{work.points}"
            if work.unread:
                reasons.append(f"to be read: {', '.join(work.unread)}")
            reasons += [
                f"{task.name}: {format_number(task.score)} of "
                f"{format_number(task.points)}"
                for task in work.tasks
                if task.score < task.points and not task.unread
            ]
        if record.flags:
            status = "flagged" if status == "graded" else status
            reasons.append(f"look at: {', '.join(record.flags)}")
        reason = "; ".join(filter(None, [*reasons, *record.notes]))
        rows.append((record.student, status, points, reason))
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
    rows = []
    for record, work in find_work(course, course.records(chapter)):
        row = {
            "student": record.student,
            "name": record.name,
            "moodle": record.moodle,
            "language": record.language,
            "status": record.status,
            "points": work and work.score,
            "maximum": work and work.points,
            "unread": work and " ".join(work.unread),
            "flags": "; ".join(record.flags),
            "reason": record.reason,
        }
        tasks = work.tasks if work else []
        rows.append(row | {task.name: format_number(task.score) for task in tasks})
    path = course.folder / f"grades-{chapter}.csv"
    pd.DataFrame(rows).to_csv(path, index=False, encoding="utf-8-sig")
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
    found = find_work(course, course.records(chapter))
    works = {record.moodle: work for record, work in found if work and record.moodle}
    # The first column reads "Participant 123", in Moodle's language.
    numbers = table[0].str.extract(r"(\d+)\s*$", expand=False)
    filled = numbers[numbers.isin(works)]
    for row, number in filled.items():
        table.loc[row, head.isin(GRADE).idxmax()] = works[number].score
    path = course.folder / f"moodle-{chapter}.csv"
    table.to_csv(path, header=False, index=False)
    return path, len(filled), sum(bool(works[number].unread) for number in filled)
