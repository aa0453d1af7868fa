"""Write points as tables: one of our own, or into Moodle's grading worksheet."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from ._course import Course, CourseError, find_submission, language_of
from ._grade import find_tasks, format_number

# What Moodle calls the column of points, in the languages of the course and English.
GRADE = ("Grade", "Nota", "Avaliação", "Calificación", "Оценка")


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
    rows: list[dict[str, str]] = []
    names: dict[str, None] = {}
    with course.gradebook() as book:
        for student, record in sorted(course.records(chapter).items()):
            row = {"student": student, "name": record.name, "moodle": record.moodle}
            row["language"] = language_of(record.assignment)
            row |= {"status": record.status, "reason": record.reason}
            row["flags"] = "; ".join(record.flags)
            submission = find_submission(book, record)
            if record.status == "graded" and submission is not None:
                tasks = find_tasks(submission)
                names.update(dict.fromkeys(task.name for task in tasks))
                row["points"] = format_number(sum(task.score for task in tasks))
                row["maximum"] = format_number(sum(task.points for task in tasks))
                row["unread"] = " ".join(task.name for task in tasks if task.unread)
                row |= {task.name: format_number(task.score) for task in tasks}
            rows.append(row)
    columns = ["student", "name", "moodle", "language", "status", "points", "maximum"]
    columns += ["unread", "flags", "reason", *names]
    path = course.folder / f"grades-{chapter}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
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
    with worksheet.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    places = [number for number, name in enumerate(head) if name.strip() in GRADE]
    if not places:
        raise CourseError(
            f"{worksheet} has no column of points: one of {', '.join(GRADE)} is "
            f"expected, there are {', '.join(head)}"
        )
    points: dict[str, str] = {}
    unread: set[str] = set()
    with course.gradebook() as book:
        for record in course.records(chapter).values():
            submission = find_submission(book, record)
            if record.status == "graded" and submission is not None and record.moodle:
                tasks = find_tasks(submission)
                score = sum(task.score for task in tasks)
                points[record.moodle] = format_number(score)
                if any(task.unread for task in tasks):
                    unread.add(record.moodle)
    filled = []
    for row in rows:
        # The first column reads "Participant 123", in Moodle's language.
        number = re.search(r"\d+$", row[0].strip()) if row else None
        if number and number[0] in points:
            row[places[0]] = points[number[0]]
            filled.append(number[0])
    path = course.folder / f"moodle-{chapter}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path, len(filled), len(unread.intersection(filled))
