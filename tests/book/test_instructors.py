"""The instructors' pages: every exercise in the map, every task, points that add up."""

import re
from functools import cache

import pytest

from hpocourse.languages import LANGUAGES
from tools import notebooks
from tools.exercises import find_exercises
from tools.notebooks import ROOT

FOLDERS = [each.folder for each in LANGUAGES]
ROW = re.compile(r"^\| \[([^\]]+)\]\(exercises/([\w-]+)\.ipynb\) \| (.*) \|$", re.M)
POINTS = re.compile(r"^\| [^|]+ \| (\d+) \|", re.M)

read = cache(notebooks.read)  # every test asks for the same ones


def faults(text, folder):
    """Return what an outcome map lacks of the exercises that there are."""
    rows = {slug: (title, tasks) for title, slug, tasks in ROW.findall(text)}
    found = []
    for path in find_exercises(folder):
        if path.stem not in rows:
            found.append(f"no row: {path.stem}")
            continue
        title, tasks = rows.pop(path.stem)
        chapter = read(path.parent.parent / path.name).cells[0].source
        if not chapter.startswith(f"# {title}\n"):
            found.append(f"another title: {title}")
        automatic, opened = tasks.split(" | ")
        graded = [
            cell
            for cell in read(path).cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        ]
        for kind, said in (("code", automatic), ("markdown", opened)):
            wanted = [c.id.split("-")[1] for c in graded if c.cell_type == kind]
            if re.findall(r"(\d+): ", said) != wanted:
                found.append(f"{path.stem}: {kind} tasks are {wanted}: {said}")
    return found + [f"no exercises: {slug}" for slug in rows]


@pytest.fixture(params=FOLDERS)
def folder(request):
    return request.param


@pytest.fixture
def text(folder):
    return (ROOT / "book" / folder / "instructors.md").read_text("utf-8")


def test_map_has_every_task(text, folder):
    assert faults(text, folder) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("exercises/validation.ipynb", "validation.ipynb", "no row: validation"),
        ("exercises/validation", "exercises/gone", "no exercises: gone"),
        ("; 3: ", "; ", "code tasks are ['1', '2', '3'"),
        ("| 5: ", "| ", "markdown tasks are ['5']"),
        ("| [", "| [The ", "another title: The "),
    ],
)
def test_faults_of_the_map_are_found(text, folder, old, new, fault):
    assert fault in "\n".join(faults(text.replace(old, new), folder))


def test_rubric_adds_up_to_what_is_said(text):
    # Its only table whose second column is a number.
    points = [int(each) for each in POINTS.findall(text)]
    assert len(points) == 6
    assert sum(points) == 20
    assert re.search(r"\b20:\n", text)
