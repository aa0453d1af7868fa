"""Grade thirty solved notebooks in the sandbox and without it.

Run ``python benchmarks/bench_grading.py``. It ends with status 1 if the ratio misses
the goal.

Prints the seconds that a submission takes in either, and their ratio: what the
protection costs. The goal is at most twice the time.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in the sandbox
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import copy
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from tqdm import tqdm

from hpocourse.grading._collect import collect
from hpocourse.grading._course import Course, init
from hpocourse.grading._grade import grade_one
from hpocourse.grading._release import find_source, release
from hpocourse.grading._sandbox import check_sandbox
from hpocourse.grading._tables import make_table
from hpocourse.languages import get_language
from tools.exercises import unmarked

CHAPTER = "grid-search"
STUDENTS = 30
GOAL = 2.0


def hand_in(course: Course, folder: Path) -> None:
    """Write the solved notebook of each student into a folder of their own."""
    (released,) = course.released(CHAPTER).values()
    source = nbformat.read(find_source(CHAPTER, get_language("pt"), None), 4)
    solved = {cell.id: cell.source for cell in unmarked(source).cells}
    for number in range(STUDENTS):
        notebook = copy.deepcopy(released)
        for cell in notebook.cells:
            if cell.id.startswith("answer-"):
                cell.source = solved[cell.id]
        path = folder / f"Estudante {number:02}" / f"{CHAPTER}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


def seconds(courses: list[Course]) -> list[float]:
    """Grade the class in each course, turn by turn; return seconds a submission."""
    taken = [0.0 for _course in courses]
    records = courses[0].records(CHAPTER)
    for record in tqdm(records.values(), unit="student"):
        for number, course in enumerate(courses):
            start = time.perf_counter()
            grade_one(course, record)
            taken[number] += time.perf_counter() - start
            course.save(CHAPTER, records)
            rows = {row["student"]: row for row in make_table(course, CHAPTER)}
            if (points := rows[record.student]["points"]) != "10":
                raise RuntimeError(f"all should have 10 of 15 points, got {points!r}")
    return [each / len(records) for each in taken]


def main() -> int:
    """Print the seconds and the ratio; return whether the goal is missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "course"
        init(folder)
        check_sandbox(folder)
        course = Course(folder)
        release(course, CHAPTER, get_language("pt"))
        hand_in(course, Path(name) / "download")
        collect(course, CHAPTER, Path(name) / "download")
        unprotected = Course(folder)
        unprotected.config.SafeExecute.sandbox = False
        bare, boxed = seconds([unprotected, course])
    ratio = boxed / bare
    print(f"without sandbox: {bare:.2f} s a submission")
    print(f"with sandbox:    {boxed:.2f} s a submission")
    print(f"ratio {ratio:.2f} (goal: at most {GOAL:.1f})")
    return int(ratio > GOAL)


if __name__ == "__main__":
    sys.exit(main())
