"""A tiny exercise in three languages, and a course that has released it."""

import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from hpocourse.languages import LANGUAGES

CHAPTER = "tiny"
SECRET = "tope-secreto"  # stands in each hidden test


def _cell(name, source, points=None, locked=True, solution=False):
    new = new_markdown_cell if source.startswith(("#", "Text", "*")) else new_code_cell
    if name.startswith("answer-3"):
        new = new_markdown_cell
    grading = {"grade": points is not None, "grade_id": name, "locked": locked}
    grading |= {"schema_version": 3, "solution": solution, "task": False}
    if points is not None:
        grading["points"] = points
    return new(source, id=name, metadata={"nbgrader": grading})


def _answer(name, body):
    source = f"def {name}(x):\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"
    return source


def _check(shown, hidden, secret):
    return (
        f"assert {shown}\n### BEGIN HIDDEN TESTS\n"
        f'assert {hidden}, "{secret}"\n### END HIDDEN TESTS'
    )


def make_exercise(language):
    """Return the source of the tiny exercise."""
    solved = {"locked": False, "solution": True}
    cells = [
        _cell("opening", f"# Tiny ({language})\n\nText."),
        _cell("imports", f"import math  # {language}"),
        _cell("task-1", f"## Task 1 ({language})"),
        _cell("answer-1", _answer("double", "return 2 * x"), **solved),
        _cell("check-1", _check("double(1) == 2", "double(21) == 42", SECRET), 2),
        _cell("task-2", f"## Task 2 ({language})"),
        _cell("answer-2", _answer("square", "return x * x"), **solved),
        _cell("check-2", _check("square(2) == 4", "square(-3) == 9", SECRET), 3),
        _cell("answer-3", "### BEGIN SOLUTION\nText.\n### END SOLUTION", 5, **solved),
    ]
    metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    return new_notebook(cells=cells, metadata=metadata)


@pytest.fixture(scope="session")
def exercises(tmp_path_factory):
    """Return a function that gives the folder of the exercise in a language."""
    root = tmp_path_factory.mktemp("exercises")
    for language in LANGUAGES:
        folder = root / language.folder
        folder.mkdir()
        nbformat.write(make_exercise(language.folder), folder / f"{CHAPTER}.ipynb")
    return lambda language: root / language


@pytest.fixture(scope="session")
def make_course(tmp_path_factory, exercises):
    """Return a function that makes a course with the exercise in some languages."""
    from hpocourse.grading._course import Course, init
    from hpocourse.grading._release import release
    from hpocourse.languages import get_language

    template = tmp_path_factory.mktemp("template")
    init(template)  # slow, as nbgrader starts a program for it

    def make(*languages, settings=""):
        folder = tmp_path_factory.mktemp("Курс") / "курс"
        shutil.copytree(template, folder)
        with (folder / "nbgrader_config.py").open("a") as file:
            file.write(settings)
        course = Course(folder)
        for each in languages:
            release(course, CHAPTER, get_language(each), exercises(each))
        return course

    return make


@pytest.fixture(scope="session")
def released(make_course):
    """Return the released notebook in Portuguese."""
    return make_course("pt").released(CHAPTER)["tiny-pt"]
