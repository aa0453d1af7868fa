"""Checks of exercises: four outcomes, hints, and a diagnosis for each usual fault."""

import json
import math
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

import hpocourse
from hpocourse._check import _feedback
from hpocourse._check._answer import same, same_items, show
from hpocourse._check._outcomes import (
    AnswerRaised,
    NotAttempted,
    UnknownTask,
    WrongAnswer,
)
from hpocourse.languages import LANGUAGES

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
        f"{chapter}/{number}"
        for chapter, module in _feedback.CHAPTERS.items()
        for number in __import__(f"hpocourse._check.{module}", fromlist=["TASKS"]).TASKS
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


def product(grid):
    return math.prod(len(values) for values in grid.values())


def fits(combine):
    def count(grid, folds):
        if isinstance(grid, list):
            return sum(product(each) for each in grid) * folds + 1
        return combine(grid, folds)

    return count


def numeric(grid):
    return [name for name in grid if name != "kernel"]


def places(grid, best):
    return [n for n in numeric(grid) if grid[n].index(best[n]) in (0, len(grid[n]) - 1)]


def decided(half):
    def verdict(first, second):
        gaps = np.subtract(first, second)
        if abs(gaps.mean()) <= half(first, second, gaps):
            return "undecided"
        return "first" if gaps.mean() > 0 else "second"

    return verdict


def t_times(spread, n):
    return stats.t.ppf(0.975, n - 1) * spread


def corrected(gaps):
    n = len(gaps)
    return t_times(gaps.std(ddof=1) * np.sqrt(1 / n + 1 / (n - 1)), n)


def split(rows, k):
    return np.array_split(np.array(rows), k)


def shuffled(n, seed):
    return np.random.default_rng(seed).permutation(n)


def equal_folds(n, k, seed):
    size = n // k
    rows = shuffled(n, seed)
    return [rows[i * size : (i + 1) * size] for i in range(k)]


def overlapping(n, k, seed):
    return [*split(shuffled(n, seed), k)[1:], np.arange(n // k)]


def one_large(n, k, seed):
    folds = equal_folds(n, k, seed)
    rest = np.setdiff1d(np.arange(n), np.concatenate(folds))
    moved, folds[0] = folds[0][:2], folds[0][2:]
    folds[-1] = np.concatenate([folds[-1], rest, moved])
    return folds


def accuracies(scale, measure="valid"):
    def fold_accuracies(X, y, folds):
        scores = []
        for train, valid in folds:
            scaler = StandardScaler().fit(X if scale == "all" else X[train])
            ours = scaler.transform(X) if scale != "none" else X
            model = KNeighborsClassifier(5).fit(ours[train], y[train])
            rows = train if measure == "train" else valid
            scores.append(model.score(ours[rows], y[rows]))
        return np.mean(scores) if measure == "mean" else scores

    return fold_accuracies


def weights(widths):
    return sum(a * b for a, b in pairwise(widths))


def descent(factor=2.0, mean=True, steps=None, rate=None):
    def descend(X, y, given, n):
        w = np.zeros(X.shape[1])
        for _ in range(n if steps is None else steps):
            slope = factor * X.T @ (X @ w - y) / (len(y) if mean else 1)
            w = w - (given if rate is None else rate) * slope
        return w

    return descend


FAULTS = {
    "parameters-and-hyperparameters/1": [
        (weights, "biases are missing"),
        (lambda w: weights(w) + sum(w), "inputs have no biases"),
        (lambda w: weights(w) + len(w) - 1, "a bias of its own"),
        (lambda w: sum(w[1:]), "the biases alone"),
    ],
    "parameters-and-hyperparameters/2": [
        (lambda n, b, e: n // b * e, "last batch, not full"),
        (lambda n, b, e: math.ceil(n / b), "This is one epoch"),
        (lambda n, b, e: math.ceil(n * e / b), "do not cross epochs"),
        (lambda n, b, e: n * e, "not a single row"),
        (lambda n, b, e: (n // b + 1) * e, "no batch is left over"),
    ],
    "parameters-and-hyperparameters/3": [
        (lambda v, t, s: v[np.argmax(t)], "only grows"),
        (lambda v, t, s: np.argmax(s), "place in the list"),
        (lambda v, t, s: max(s), "This is the score"),
        (lambda v, t, s: v[np.argmin(np.subtract(t, s))], "small gap"),
        (lambda v, t, s: v[np.argmin(s)], "the worst one"),
    ],
    "parameters-and-hyperparameters/4": [
        (descent(factor=-2.0), "against the gradient"),
        (descent(steps=1), "one step only"),
        (descent(factor=1.0), "factor 2"),
        (descent(mean=False), "divide the gradient"),
        (descent(rate=0.1), "is not used"),
    ],
    "validation/1": [
        (lambda v, t: (np.argmax(v), max(v)), "optimistic"),
        (lambda v, t: (np.argmax(t), max(t)), "used to choose"),
        (lambda v, t: (np.argmax(v), max(t)), "another configuration"),
        (lambda v, t: (np.argmin(v), t[np.argmin(v)]), "the worst one"),
        (lambda v, t: t[np.argmax(v)], re.escape("The shape expected is (2,)")),
    ],
    "validation/2": [
        (equal_folds, "is in no fold"),
        (overlapping, "more than one fold"),
        (one_large, "may differ by one"),
        (lambda n, k, s: split(range(n), k), "not shuffled"),
        (lambda n, k, s: [range(n)[i::k] for i in range(k)], "not shuffled"),
        (lambda n, k, s: split(shuffled(n, None), k), "other folds the second time"),
        (lambda n, k, s: split(shuffled(n, 0), k), "gave the same folds"),
        (lambda n, k, s: split(shuffled(n, s), k + 1), "folds are expected"),
        (lambda n, k, s: split(shuffled(n, s) + 1, k), "is in no fold"),
        (lambda n, k, s: split(range(n + 1), k), "numbered from 0"),
        (lambda n, k, s: n, "A list of folds"),
        (lambda n, k, s: "abc", "A list of folds"),
    ],
    "validation/3": [
        (accuracies("all"), "saw the validation rows"),
        (accuracies("none"), "were not scaled"),
        (accuracies("train", "train"), "on the rows of training"),
        (accuracies("train", "mean"), "This is the mean"),
    ],
    "grid-search/1": [
        (fits(lambda g, f: product(g) * f), "refit is missing"),
        (fits(lambda g, f: (product(g) + 1) * f), "not once in each fold"),
        (fits(lambda g, f: product(g) + 1), "fitted once in each fold"),
        (fits(lambda g, f: product(g)), "not the fits"),
        (fits(lambda g, f: sum(map(len, g.values())) * f + 1), "is a product"),
        (
            lambda g, f: (
                math.prod(map(product, g if isinstance(g, list) else [g])) * f + 1
            ),
            "add them",
        ),
        (
            lambda g, f: product(g[0] if isinstance(g, list) else g) * f + 1,
            "Only the first grid",
        ),
    ],
    "grid-search/2": [
        (places, "compare values, not places"),
        (lambda g, b: [n for n in numeric(g) if b[n] == max(g[n])], "smallest value"),
        (lambda g, b: [n for n in numeric(g) if b[n] == min(g[n])], "largest value"),
        (
            lambda g, b: [n for n in g if b[n] in (min(g[n]), max(g[n]))],
            "Texts have no order",
        ),
        (lambda g, b: 2, "A list with the names"),
    ],
    "grid-search/3": [
        (lambda g: g, "stands twice"),
        (
            lambda g: {k: sorted(set(v)) for k, v in g.items()},
            "does not use gamma",
        ),
        (
            lambda g: [
                {"kernel": ["rbf"], "C": [*{*g["C"]}], "gamma": [*{*g["gamma"]}]}
            ],
            "A model is missing",
        ),
        (lambda g: {"kernel": ["rbf"], "C": g["C"]}, "that the grid had not"),
        (lambda g: {**g, "C": [7]}, "had not: {'kernel': '"),
        (lambda g: {**g, "C": [[1, 2]]}, "does not take it"),
        (lambda g: 3, "does not take it"),
    ],
    "grid-search/4": [
        (decided(lambda a, b, gaps: 0), "contains zero"),
        (
            decided(lambda a, b, gaps: t_times(stats.sem(gaps), len(gaps))),
            "needs the correction",
        ),
        (
            decided(
                lambda a, b, gaps: t_times(np.hypot(stats.sem(a), stats.sem(b)), 10)
            ),
            "shared luck cancels",
        ),
        (
            lambda a, b: decided(lambda x, y, gaps: corrected(gaps))(b, a),
            "other way round",
        ),
        (
            lambda a, b: "first" if np.mean(a - b) > corrected(a - b) else "undecided",
            "far below zero",
        ),
        (lambda a, b: "second", "contains zero"),
        (lambda a, b: "none", "one of"),
    ],
}


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


@pytest.mark.parametrize(
    ("task", "change"),
    [
        ("grid-search/1", float),
        ("grid-search/1", lambda count: np.array([count])),
        ("grid-search/2", set),
        ("grid-search/2", lambda names: tuple(reversed(names))),
        ("grid-search/3", lambda grids: grids[::-1]),
        ("validation/1", list),
        ("validation/1", np.array),
        ("validation/2", lambda folds: [sorted(map(int, fold)) for fold in folds]),
        ("validation/2", lambda folds: folds[::-1]),
        ("validation/3", lambda scores: np.array(scores) + 1e-12),
        ("parameters-and-hyperparameters/4", list),
        ("parameters-and-hyperparameters/4", lambda w: w.reshape(-1, 1)),
        ("parameters-and-hyperparameters/4", np.float64),
    ],
)
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


def test_values_are_shown_on_one_line():
    assert show(np.zeros((5, 5))) == "array(shape=(5, 5))"
    assert show(np.array([1, 2])) == "[1, 2]"
    assert show(np.float64(2)) == "2.0"
    assert show((np.int64(1), {np.str_("C"): [np.float64(2)]})) == "(1, {'C': [2.0]})"
    assert show("a" * 500).endswith("…")


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
        product(grid[0] if isinstance(grid, list) else grid)

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


@pytest.mark.parametrize("language", [each.folder for each in LANGUAGES])
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
