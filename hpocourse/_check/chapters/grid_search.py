"""The tasks of the chapter on grid search."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call, same_items, show
from .._task import N_, Variant, task


@task(
    "grid-search/1",
    N_("How many combinations are there? `math.prod` multiplies lengths."),
    N_("Each combination is fitted in each fold, and the winner once more."),
    N_("Put a single dictionary in a list; then one loop serves both forms."),
    variant=Variant(
        "repeats",
        range(2, 10),
        N_(
            "the rows are cut into folds {repeats} times, each time in another way, "
            "and each combination is trained in all of these folds."
        ),
        {"combinations * folds": "combinations * folds * {repeats}"},
    ),
)
def _count_fits(answer: Any, rng: np.random.Generator, repeats: int = 1) -> None:
    for _round in range(3):
        sizes, folds = rng.permutation([2, 3, 5]), int(rng.integers(4, 10))
        fits = folds * repeats  # of each combination
        names = ("C", "gamma", "epsilon")
        grid = {
            name: [10.0**k for k in range(size)]
            for name, size in zip(names, sizes, strict=True)
        }
        Call(answer, grid, folds).judge(
            30 * fits + 1,
            (30 * fits, _("The refit is missing: one more fit, on all rows.")),
            (31 * fits, _("The refit happens once, not once in each fold.")),
            (31, _("Each combination is fitted once in each fold.")),
            (30, _("These are the combinations, not the fits.")),
            (10 * fits + 1, _("A grid is a product: multiply the lengths.")),
        )
    a, b = 2 * int(rng.integers(2, 4)), int(rng.integers(3, 6))
    parts = [
        {"kernel": ["rbf"], "C": list(range(1, a + 1)), "gamma": [1, 10]},
        {"kernel": ["linear"], "C": list(range(1, b + 1))},
    ]
    fits = 5 * repeats
    Call(answer, parts, 5).judge(
        fits * (2 * a + b) + 1,
        (fits * 2 * a * b + 1, _("The grids of a list stand side by side: add them.")),
        (fits * 2 * a + 1, _("Only the first grid of the list was counted.")),
    )


@task(
    "grid-search/2",
    N_("A value lies on an edge if it is the smallest or the largest offered."),
    N_("`min(values)` and `max(values)` do not care about the order of the list."),
    N_("`isinstance(value, str)` tells a category from a number."),
)
def _on_edge(answer: Any, rng: np.random.Generator) -> None:
    for _round in range(3):
        a, b, c = (10.0 ** rng.integers(-3, 2) for _i in range(3))
        grid = {
            "C": [a, 100 * a, 10 * a],  # the largest stands in the middle
            "gamma": [10 * b, b, 100 * b],
            "epsilon": [10 * c, c, 100 * c],
            "kernel": ["rbf", "linear", "poly"],
        }
        grid = {name: grid[name] for name in rng.permutation(list(grid))}
        best = {"C": 100 * a, "gamma": 10 * b, "epsilon": c, "kernel": "linear"}
        Call(answer, grid, best).judge(
            ["C", "epsilon"],
            (["gamma"], _("The lists are not sorted: compare values, not places.")),
            (["C"], _("The smallest value of a list is an edge, too.")),
            (["epsilon"], _("The largest value of a list is an edge, too.")),
            (
                ["C", "epsilon", "kernel"],
                _("Texts have no order: a category cannot lie on an edge."),
            ),
            alike=same_items,
            otherwise=_("A list with the names of the hyperparameters is expected."),
        )


def _model(point: dict[str, Any]) -> tuple[Any, ...]:
    """Return what tells one model from another: gamma is inert in a linear one."""
    linear = point.get("kernel") == "linear"
    return point.get("kernel"), point.get("C"), None if linear else point.get("gamma")


def _named(model: tuple[Any, ...]) -> str:
    """Return a model as it is written; a linear one without gamma."""
    named = zip(("kernel", "C", "gamma"), model, strict=True)
    return show({name: value for name, value in named if value is not None})


@task(
    "grid-search/3",
    N_("Two faults are to be mended: repeated values, and a gamma without effect."),
    N_("`ParameterGrid` takes a list of dictionaries, one for each kind of kernel."),
    N_("`sorted(set(values))` holds each value once."),
)
def _clean_grid(answer: Any, rng: np.random.Generator) -> None:
    from sklearn.model_selection import ParameterGrid

    for _round in range(3):
        a, b = (float(each) for each in 10.0 ** rng.integers(-3, 2, size=2))
        grid = {
            "kernel": ["rbf", "linear"],
            "C": [a, 10 * a, 10 * a],
            "gamma": [b, b, 10 * b, 100 * b],
        }
        call = Call(answer, grid)
        try:
            points = list(ParameterGrid(call.seen))
            models = Counter(map(_model, points))
        except (TypeError, ValueError) as error:
            text = _("`ParameterGrid` does not take it: {error}")
            raise call.wrong(text.format(error=error)) from None
        right = {_model(point) for point in ParameterGrid(grid)}
        full = Counter((*_model(point), point.get("gamma")) for point in points)
        if foreign := set(models) - right:
            text = _("It has a model that the grid had not: {model}.")
            raise call.wrong(text.format(model=_named(foreign.pop())))
        if missing := right - set(models):
            text = _("A model is missing: {model}.")
            raise call.wrong(text.format(model=_named(missing.pop())))
        if max(full.values()) > 1:
            raise call.wrong(_("A value that stands twice in a list is fitted twice."))
        if max(models.values()) > 1:
            raise call.wrong(
                _("A linear kernel does not use gamma: it needs a grid of its own.")
            )


@task(
    "grid-search/4",
    N_("Work with the differences: one number for each fold."),
    N_(
        "The half-width is t · s · √(1/n + 1/(n − 1)): s is the standard deviation "
        "of the differences, and t is `stats.t.ppf(share, n - 1)`: what share lies "
        "below the upper end?"
    ),
    N_("Decided means: the absolute mean is larger than the half-width."),
    variant=Variant(
        "level",
        (80, 85, 90, 98, 99),
        N_("the interval is of {level}%, not of 95%."),
        {"ppf(0.975,": "ppf(0.5 + {level} / 200,"},
    ),
)
def _verdict(answer: Any, rng: np.random.Generator, level: float = 95) -> None:
    from scipy import stats

    pattern = np.array([-1.5, -1.0, -0.7, -0.3, -0.1, 0.1, 0.3, 0.7, 1.0, 1.5])
    pattern /= pattern.std(ddof=1)
    # Ten folds: at 95 % the half-width is 1.04 deviations, and 0.72 without the
    # correction for shared training rows.
    half = stats.t.ppf(0.5 + level / 200, 9) * (1 / 10 + 1 / 9) ** 0.5
    zero = _("The interval of the difference contains zero.")
    for mean, right, why in (
        (0.2, "undecided", zero),
        (
            0.84 * half,
            "undecided",
            _("The folds share training rows: the interval needs the correction."),
        ),
        (
            3.0,
            "first",
            _("Take the differences fold by fold: the shared luck cancels."),
        ),
        (-3.0, "second", _("A difference far below zero is decided, too.")),
        (0.9 * half, "undecided", zero),
        (1.1 * half, "first", _("The interval is too wide for its level.")),
    ):
        size = rng.uniform(0.001, 0.01)
        second = np.round(0.6 + 20 * size * rng.permutation(pattern), 4)
        first = np.round(second + size * (mean + rng.permutation(pattern)), 4)
        call = Call(answer, first, second)
        if str(call.seen).strip() not in {"first", "second", "undecided"}:
            raise call.wrong(
                _("The answer is one of {words}.").format(
                    words='"first", "second", "undecided"'
                )
            )
        opposite = {"first": "second", "second": "first"}.get(right, "")
        call.judge(
            right,
            (opposite, _("It is the other way round: higher scores are better.")),
            *((word, why) for word in ("first", "second", "undecided")),
        )
