"""Checks of exercises: four outcomes, hints, and a diagnosis for each usual fault."""

import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

import hpocourse
from hpocourse._check import _feedback
from hpocourse._check._answer import same, same_items, show
from hpocourse._check._outcomes import (
    AnswerRaised,
    NotAttempted,
    UnknownTask,
    WrongAnswer,
)
from hpocourse._check._task import TASKS, Variant
from hpocourse.languages import ENGLISH, LANGUAGES

EXERCISES = Path(__file__).parents[2] / "book" / "pt" / "exercises"
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.M | re.S)
TIMES = 4  # the data of each call are drawn anew


def cells(chapter):
    notebook = json.loads((EXERCISES / f"{chapter}.ipynb").read_text("utf-8"))
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}


def answers(chapter, *, solved):
    """Return the functions of an exercise notebook by task, or their stubs."""
    found, names = cells(chapter), {}
    exec(found["imports"], names)
    functions = {}
    for name, source in found.items():
        if name.startswith("answer-") and source.startswith("def "):
            before = set(names)
            exec(source if solved else SOLUTION.sub(r"\1...", source), names)
            (function,) = set(names) - before
            functions[f"{chapter}/{name.removeprefix('answer-')}"] = names[function]
    return functions


SOLVED = {
    k: f for each in _feedback.CHAPTERS for k, f in answers(each, solved=True).items()
}
STUBS = {
    k: f for each in _feedback.CHAPTERS for k, f in answers(each, solved=False).items()
}


def test_every_task_that_is_checked_stands_in_a_notebook():
    known = [
        name for chapter in _feedback.CHAPTERS for name in _feedback.find_tasks(chapter)
    ]
    assert known == list(SOLVED)
    assert len(known) >= 11


@pytest.mark.parametrize("task", SOLVED)
def test_solution_passes(task):
    for _ in range(TIMES):
        assert task in repr(hpocourse.check(task, SOLVED[task]))


@pytest.mark.parametrize("task", STUBS)
def test_stub_is_not_attempted(task):
    for stub in (STUBS[task], None, ...):
        with pytest.raises(NotAttempted, match=f"^✗ {task}: not attempted yet"):
            hpocourse.check(task, stub)

    def as_nbgrader_leaves_it(*arguments):
        raise NotImplementedError

    with pytest.raises(NotAttempted):
        hpocourse.check(task, as_nbgrader_leaves_it)


# --- Usual faults ------------------------------------------------------------------


FAULTS, ALIKE = {}, []
for path in sorted((Path(__file__).parent / "faults").glob("*.py")):
    names = runpy.run_path(str(path))
    FAULTS |= names["FAULTS"]
    ALIKE += names["ALIKE"]


def test_every_task_has_three_faults():
    assert list(FAULTS) == list(SOLVED)
    for faults in FAULTS.values():
        assert len({diagnosis for _, diagnosis in faults}) >= 3


@pytest.mark.parametrize(
    ("task", "answer", "diagnosis"),
    [(task, *each) for task, faults in FAULTS.items() for each in faults],
)
def test_fault_is_diagnosed(task, answer, diagnosis):
    for _ in range(TIMES):
        with pytest.raises(WrongAnswer, match=diagnosis) as caught:
            hpocourse.check(task, answer)
        assert f'hpocourse.hint("{task}")' in str(caught.value)


# --- Answers that look different ------------------------------------------------------


@pytest.mark.parametrize(("task", "change"), ALIKE)
def test_right_answers_that_look_different(task, change):
    for _ in range(TIMES):
        hpocourse.check(task, lambda *arguments: change(SOLVED[task](*arguments)))


def test_comparison():
    assert same([1, 2.0], np.array([1, 2]))
    assert same(0.1 + 0.2, 0.3)
    assert same(" first\n", "first")
    assert not same([1, 2], [2, 1])
    assert not same([[1], [2, 3]], [1, 2])
    assert not same("1", 1)
    assert same_items({"b", "a"}, ["a", "b"])
    assert not same_items("ab", ["a", "b"])
    assert not same_items(3, [3])
    assert not same_items(np.where([True, True]), [1])


def test_values_are_shown_on_one_line():
    assert show(np.zeros((5, 5))) == "array(shape=(5, 5))"
    assert show(np.array([1, 2])) == "[1, 2]"
    assert show(np.float64(2)) == "2.0"
    assert show((np.int64(1), {np.str_("C"): [np.float64(2)]})) == "(1, {'C': [2.0]})"
    assert show("a" * 500).endswith("…")
    assert show(same) == "same"


# --- Outcomes -----------------------------------------------------------------------


def test_code_that_raises_is_shown_with_its_call():
    def count_fits(grid, folds):
        return grid["degree"] * folds

    with pytest.raises(AnswerRaised) as caught:
        hpocourse.check("grid-search/1", count_fits)
    text = str(caught.value)
    assert "count_fits({'C': [" in text
    assert "KeyError: 'degree'" in text
    assert 'return grid["degree"] * folds' in text
    assert isinstance(caught.value.__cause__, KeyError)


def test_line_shown_is_of_the_answer_not_of_a_library():
    def descend(X, y, rate, steps):
        return np.linalg.inv(X)

    with pytest.raises(AnswerRaised, match=r"LinAlgError.*return np\.linalg\.inv"):
        hpocourse.check("parameters-and-hyperparameters/4", descend)


def test_code_that_exits_is_caught():
    with pytest.raises(AnswerRaised, match="SystemExit"):
        hpocourse.check("grid-search/1", lambda grid, folds: exit())


def test_forgotten_return_and_called_function():
    def forgets(grid, folds):
        len(grid)

    with pytest.raises(WrongAnswer, match="is the `return` missing"):
        hpocourse.check("grid-search/1", forgets)
    with pytest.raises(WrongAnswer, match="without calling it; got 31"):
        hpocourse.check("grid-search/1", 31)


def test_answer_cannot_change_what_it_is_compared_with():
    def clears(grid, best):
        right = SOLVED["grid-search/2"](grid, best)
        grid.clear()
        return right

    hpocourse.check("grid-search/2", clears)


def test_unknown_task_says_which_version_is_installed():
    for task in ("grid-search/99", "no-chapter/1", 3):
        for ask in (lambda task: hpocourse.check(task, 1), hpocourse.hint):
            with pytest.raises(UnknownTask) as caught:
                ask(task)
            assert f"hpocourse {hpocourse.__version__} is installed" in str(
                caught.value
            )
            assert "open it again" in str(caught.value)
    with pytest.raises(UnknownTask, match="grid-search/1, grid-search/2"):
        hpocourse.check("grid-search/99", 1)


def test_a_failed_check_is_an_assertion_and_shows_its_text_alone():
    with pytest.raises(AssertionError) as caught:
        hpocourse.check("grid-search/1", lambda grid, folds: 1)
    assert caught.value._render_traceback_() == [str(caught.value)]


@pytest.mark.parametrize("task", SOLVED)
def test_hints_come_in_turn(task):
    _feedback._given.clear()
    hints = [repr(hpocourse.hint(task)) for _ in range(4)]
    count = int(re.match(r"Hint 1 of (\d):", hints[0])[1])
    assert 2 <= count <= 3
    assert len(set(hints[:count])) == count
    assert hints[count] == hints[0]


def replaced(hint, variant):
    """Return what a hint has of the code that a private variant replaces."""
    numbers = re.compile(r"\d+\.\d+")
    found = [number for old in variant.edits for number in numbers.findall(old)]
    return [old for old in (*variant.edits, *found) if old in hint]


@pytest.mark.parametrize("task", SOLVED)
def test_hints_hold_for_private_variants_too(task):
    hpocourse.hint(task)  # imports the chapter's tasks
    if variant := TASKS[task].variant:
        told = [replaced(hint, variant) for hint in TASKS[task].hints]
        assert not any(told), told


def test_a_hint_with_the_public_number_is_found():
    variant = Variant("level", (90,), "{level}%", {"log(0.05)": "log(1 - {level})"})
    assert replaced("When is it at most 0.05?", variant) == ["0.05"]
    assert replaced("Begin with `math.log(0.05)`.", variant) == ["log(0.05)", "0.05"]


@pytest.mark.parametrize(
    "language", [each.folder for each in LANGUAGES if each != ENGLISH]
)
def test_feedback_is_in_the_language(language):
    said = {}
    for each in ("en", language):
        _feedback._given.clear()
        with hpocourse.use_language(each):
            texts = [
                repr(hpocourse.check("grid-search/1", SOLVED["grid-search/1"])),
                repr(hpocourse.hint("grid-search/1")),
            ]
            for answer in (None, lambda grid, folds: 1 / 0, lambda grid, folds: -1):
                with pytest.raises(AssertionError) as caught:
                    hpocourse.check("grid-search/1", answer)
                texts.append(str(caught.value))
            said[each] = texts
    assert all(a != b for a, b in zip(*said.values(), strict=True))
    letters = "".join(said[language])
    assert bool(re.search("[а-я]", letters)) == (language == "ru")
