"""Solutions and hidden tests are taken out of exercise notebooks."""

import os
import subprocess
import sys

import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.codetext import skeleton
from tools.exercises import (
    MarkerError,
    find_exercises,
    is_exercise,
    main,
    page,
    split,
    student,
    unmarked,
    write_students,
)
from tools.notebooks import ROOT, find_notebooks, read, write

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


def test_students_versions_are_written(tmp_path, notebook, capsys):
    path = tmp_path / "book" / "es" / "exercises" / "a.ipynb"
    path.parent.mkdir(parents=True)
    write(path, notebook)
    folder = tmp_path / "made" / "students"
    assert write_students(folder, tmp_path) == [folder / "es" / "exercises" / "a.ipynb"]
    sources = [cell.source for cell in read(folder / "es/exercises/a.ipynb").cells]
    assert sources == [cell.source for cell in student(notebook, "es").cells]
    with pytest.raises(FileExistsError, match="is not empty"):
        write_students(folder, tmp_path)
    with pytest.raises(SystemExit):
        main([str(folder)])
    assert "remove it, or name another" in capsys.readouterr().err


def git(folder, *arguments):
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.mark.slow
def test_workflow_fills_the_branch_that_colab_opens(tmp_path):
    """The workflow's own commands, pushed to a repository on this machine."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/publish.yml").read_text())
    steps = workflow["jobs"]["students"]["steps"]
    (script,) = [step["run"] for step in steps if "git push" in step.get("run", "")]
    origin, clone = tmp_path / "origin.git", tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--bare", str(origin))
    git(tmp_path, "init", "--quiet", str(clone))
    git(clone, "remote", "add", "origin", str(origin))
    for name in ("book", "tools", "hpocourse", "pyproject.toml", ".gitignore"):
        (clone / name).symlink_to(ROOT / name)
    (clone / "kept.txt").write_text("only here")
    git(clone, "add", "kept.txt")
    environment = {
        **os.environ,
        "GITHUB_SHA": "0123abc",
        "PATH": f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
    }
    for _ in range(2):  # The second time, the branch is there.
        subprocess.run(["bash", "-euc", script], cwd=clone, check=True, env=environment)
    listed = git(origin, "ls-tree", "-r", "--name-only", "students").split("\n")
    assert [name for name in listed if name] == sorted(
        path.relative_to(ROOT / "book").as_posix() for path in find_exercises()
    )
    text = git(origin, "show", "students:pt/exercises/validation.ipynb")
    assert "hpocourse.check" in text
    assert "### BEGIN" not in text
    assert git(clone, "diff", "--cached", "--name-only").strip() == "kept.txt"
