"""Solutions and hidden tests are taken out of exercise notebooks."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.codetext import skeleton
from tools.exercises import (
    MarkerError,
    find_exercises,
    is_exercise,
    page,
    split,
    student,
    unmarked,
)
from tools.notebooks import find_notebooks, write

ANSWER = """\
def double(x):
    ### BEGIN SOLUTION
    # twice
    return 2 * x
    ### END SOLUTION"""
TEST = """\
check("a/1", double)
### BEGIN HIDDEN TESTS
assert double(3) == 6  # secret
### END HIDDEN TESTS"""
TEXT = "### BEGIN SOLUTION\nBecause.\n### END SOLUTION"


@pytest.fixture
def notebook():
    return new_notebook(
        cells=[
            new_markdown_cell("# Title", id="opening"),
            new_code_cell(ANSWER, id="answer-1"),
            new_code_cell(TEST, id="check-1"),
            new_markdown_cell(TEXT, id="answer-2"),
        ]
    )


def test_split():
    assert split("x = 1") == [("", "x = 1")]
    assert split(TEST) == [
        ("", 'check("a/1", double)'),
        ("HIDDEN TESTS", "assert double(3) == 6  # secret"),
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("### BEGIN SOLUTION\nx", "'### END SOLUTION' is missing"),
        ("x\n### END SOLUTION", "partner is missing"),
        ("### BEGIN SOLUTION\n### END HIDDEN TESTS", "partner is missing"),
        ("### BEGIN SOLUTION\n### BEGIN HIDDEN TESTS", "partner is missing"),
        ("### BEGIN SOLUTIONS\nx", "no marker that nbgrader knows"),
        ("###BEGIN HIDDEN TESTS", "no marker that nbgrader knows"),
    ],
)
def test_markers_in_pairs(source, message):
    with pytest.raises(MarkerError, match=message):
        split(source)


def test_student(notebook):
    made = [cell.source for cell in student(notebook, "es").cells]
    assert made == [
        "# Title",
        "def double(x):\n    ...",
        'check("a/1", double)',
        "*Escribe aquí tu respuesta.*",
    ]
    assert notebook.cells[1].source == ANSWER


def test_page(notebook):
    made = page(notebook, "pt").cells
    assert [cell.id for cell in made] == [
        *("opening", "answer-1", "answer-1-solution", "check-1"),
        *("answer-2", "answer-2-solution"),
    ]
    assert made[2].source == (
        "<details>\n<summary>Solução</summary>\n\n```python\ndef double(x):\n"
        "    # twice\n    return 2 * x\n```\n\n</details>"
    )
    assert "Because." in made[5].source
    everything = "".join(cell.source for cell in made)
    assert "###" not in everything
    assert "secret" not in everything


def test_unmarked_is_the_same_code(notebook):
    for before, after in zip(notebook.cells, unmarked(notebook).cells, strict=True):
        assert "###" not in after.source
        if before.cell_type == "code":
            assert skeleton(before.source) == skeleton(after.source)


def test_exercises_are_no_chapters(tmp_path):
    for name in ("pt/a", "pt/exercises/a", "ru/exercises/b"):
        path = tmp_path / "book" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, new_notebook())
        assert is_exercise(path) == ("exercises" in name)
    assert [path.stem for path in find_notebooks(root=tmp_path)] == ["a"]
    found = [path.parent.parent.name for path in find_exercises(root=tmp_path)]
    assert found == ["pt", "ru"]
    assert [path.stem for path in find_exercises("ru", tmp_path)] == ["b"]
