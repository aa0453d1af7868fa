"""The exercises: as nbgrader wants them, equal in all languages, solved in time."""

import copy
import resource
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from hpocourse.grading._collect import collect
from hpocourse.grading._course import Course, init
from hpocourse.grading._grade import grade
from hpocourse.grading._release import release
from hpocourse.grading._tables import make_table
from hpocourse.languages import LANGUAGES
from tools.checks import Page, exercises
from tools.exercises import find_exercises, student, unmarked
from tools.notebooks import ROOT, read

FOLDERS = [each.folder for each in LANGUAGES]
LONGEST = 2 * 60  # seconds of a processor: a minute of two


@pytest.fixture(scope="module")
def pages():
    return [Page.load(path) for path in find_exercises()]


@pytest.mark.slow
def test_real_exercises(pages):
    assert {page.slug for page in pages} >= {
        "exercises/grid-search",
        "exercises/parameters-and-hyperparameters",
        "exercises/validation",
    }
    problems = exercises.check(pages, FOLDERS)
    assert not problems, "\n".join(map(str, problems))


@pytest.fixture
def problems(pages):
    """Return a function that says what is wrong once a cell has been changed."""

    def find(name, change, language="es"):
        slug = "exercises/grid-search"
        chosen = [copy.deepcopy(page) for page in pages if page.slug == slug]
        (page,) = (page for page in chosen if page.language == language)
        page.text = ""
        (cell,) = (cell for cell in page.notebook.cells if cell.id == name)
        change(cell)
        return "\n".join(map(str, exercises.check(chosen, FOLDERS)))

    return find


def replaced(old, new):
    def change(cell):
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def graded(**values):
    return lambda cell: cell.metadata["nbgrader"].update(values)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("answer-1", replaced("### END SOLUTION", ""), "'### END SOLUTION' is missing"),
        ("answer-1", replaced("### BEGIN SOLUTION", "### BEGIN"), "no marker"),
        ("answer-1", replaced("folds + 1", "folds"), "code differs"),
        ("answer-1", replaced("Cada diccionario es", "Cada dicionário é"), None),
        ("check-1", replaced("assert ", ""), "assert nothing"),
        ("check-1", replaced("grid-search/1", "grid-search/2"), "must begin with"),
        ("check-1", graded(points=9), "has 9 points, the title"),
        ("check-1", graded(grade_id="answer-1"), "its grade_id is 'answer-1'"),
        ("check-1", graded(locked=False), "must be locked"),
        ("check-1", graded(schema_version=2), "schema 3"),
        ("check-1", lambda cell: cell.metadata.pop("nbgrader"), "schema 3"),
        ("check-1", lambda cell: cell.update(execution_count=1), "has outputs"),
        ("task-1", graded(solution=True, locked=False), "has markers of []"),
        ("task-1", replaced("Escribe", "Escreva a função que faz isto, você:"), None),
        ("task-1", replaced("pliegues", "folds"), "the course's term is 'pliegue'"),
        ("task-2", replaced("`on_edge(grid, best)`", "`on_edge`"), "code spans differ"),
        ("check-4", graded(grade=False), "schema 3"),
    ],
)
def test_faults_are_caught(problems, name, change, message):
    found = problems(name, change)
    if message is not None:
        assert message in found
        assert f"cell {name}" in found


def test_markers_at_other_places_are_caught(problems):
    def move(cell):
        first, rest = cell.source.split("    ### BEGIN SOLUTION\n")
        lines = rest.split("\n")
        cut = (
            next(k for k, line in enumerate(lines) if not line.startswith("    #")) + 1
        )
        lines.insert(cut, "    ### BEGIN SOLUTION")
        cell.source = first + "\n".join(lines)

    assert "leaves other code" in problems("answer-1", move)


def test_open_task_is_asked_for(problems):
    def close(cell):
        cell.metadata["nbgrader"].update(grade=False)
        cell.metadata["nbgrader"].pop("points")

    assert "no task that somebody grades" in problems("answer-5", close)


def processor_seconds():
    """Return what ended kernels took: other work on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
@pytest.mark.parametrize("path", find_exercises("pt"), ids=lambda path: path.stem)
def test_solved_notebook_runs(path):
    """Code is the same in each language, so that one edition shows it."""
    notebook = read(path)
    before = processor_seconds()
    NotebookClient(notebook, timeout=900, kernel_name="python3").execute(
        cwd=str(path.parent)
    )
    assert processor_seconds() - before < LONGEST
    outputs = {cell.id: cell.get("outputs", []) for cell in notebook.cells}
    for name, found in outputs.items():
        assert all(each.output_type != "stream" for each in found), name


@pytest.mark.slow
def test_nbval_leaves_them_out():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "--nbval",
         "--nbval-current-env", "book/pt/exercises", "book/pt/validation.ipynb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert "book/pt/validation.ipynb" in done.stdout, done.stdout + done.stderr
    assert "exercises" not in done.stdout


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Return a course of an instructor."""
    folder = tmp_path_factory.mktemp("course")
    init(folder)
    return Course(folder)


@pytest.mark.slow
@pytest.mark.needs("sandbox")
def test_graders_give_a_solved_exercise_its_points(course, tmp_path):
    language = LANGUAGES[-1]
    notebook = read(release(course, "grid-search", language))
    (source,) = (
        each for each in find_exercises(language.folder) if each.stem == "grid-search"
    )
    solved = {cell.id: cell.source for cell in unmarked(read(source)).cells}
    for cell in notebook.cells:
        if cell.id.startswith("answer-"):
            cell.source = solved[cell.id]
    nbformat.write(notebook, tmp_path / "Копия блокнота grid-search - Анна.ipynb")
    collect(course, "grid-search", tmp_path)
    grade(course, "grid-search")
    (row,) = make_table(course, "grid-search")
    seen = [row[name] for name in ("student", "status", "points", "maximum", "reason")]
    assert seen == ["Анна", "graded", "10", "15", "to be read: answer-5"]


@pytest.mark.slow
def test_graders_release_what_the_site_offers(course):
    for language in LANGUAGES:
        path = release(course, "grid-search", language)
        (source,) = (
            each
            for each in find_exercises(language.folder)
            if each.stem == "grid-search"
        )
        offered = student(read(source), language.folder).cells
        given = read(path).cells
        assert [cell.source for cell in given] == [cell.source for cell in offered]
        assert [cell.id for cell in given] == [cell.id for cell in offered]
