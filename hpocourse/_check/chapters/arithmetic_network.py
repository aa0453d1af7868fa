"""The tasks of the chapter on a network that calculates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Variant, task


@task(
    "arithmetic-network/1",
    N_("`np.abs(X[:, :2]) <= limit` looks at both; what does `.all(axis=1)` do?"),
    N_("`errors[inside]` are the errors inside, and `errors[~inside]` the others."),
)
def _by_range(answer: Any, rng: np.random.Generator) -> None:
    def means(mask: np.ndarray, power: int = 1) -> list[float]:
        return [(sizes[rows] ** power).mean() for rows in (mask, ~mask)]

    for _round in range(3):
        X, y = rng.uniform(-20, 20, (60, 6)), rng.normal(size=60)
        errors, limit = X[:, 2] * X[:, 0], int(rng.integers(8, 13))
        sizes, (a, b) = abs(errors), abs(X[:, :2].T) <= limit
        signed = X[:, :2].max(axis=1) <= limit
        Call(answer, X, y, y + errors, limit).judge(
            means(a & b),
            (means(~(a & b)), _("The two stand in the other order.")),
            (means(a), _("The second operand can leave the range, too.")),
            (means(a | b), _("One operand within the range is not enough.")),
            (means(signed), _("−15 lies outside of ±10: compare without the sign.")),
            (means(a & b, 2), _("This is the MSE, not the MAE.")),
            (sizes.mean(), _("One mean hides what happens outside of the range.")),
        )


@task(
    "arithmetic-network/2",
    N_("Before the loop, `m` and `v` are zeros; the loop changes `m`, `v` and `w`."),
    N_("The steps count from 1: `for t in range(1, steps + 1)`."),
    N_("Give the corrected means names of their own, for one step only."),
    variant=Variant(
        "kept",
        (0.5, 0.6, 0.7, 0.8, 0.95),
        N_("$m$ keeps the share {kept}, not 0.9, and the gradient adds the rest."),
        {
            "0.9 * m + 0.1 * gradient": "{kept} * m + (1 - {kept}) * gradient",
            "(1 - 0.9**t)": "(1 - {kept}**t)",
        },
    ),
)
def _adam(answer: Any, rng: np.random.Generator, kept: float = 0.9) -> None:
    def run(
        steps: int, fixed: int = 1, replaced: bool = False, root: float = 0.5
    ) -> Any:
        w, m, v = start.copy(), np.zeros(2), np.zeros(2)
        for t in range(1, steps + 1):
            g = curvature * w
            m, v = kept * m + (1 - kept) * g, 0.999 * v + 0.001 * g**2
            ours, theirs = m / (1 - kept**t) ** fixed, v / (1 - 0.999**t) ** fixed
            m, v = (ours, theirs) if replaced else (m, v)
            w -= rate * ours / theirs**root
        return w

    for _round in range(3):
        curvature = rng.uniform([1, 10], [4, 30]).round(1)
        start = rng.uniform(2, 5, 2).round(1)
        rate, steps = float(rng.choice([0.1, 0.2, 0.3])), int(rng.integers(4, 9))
        Call(answer, curvature, start, rate, steps).judge(
            run(steps),
            (run(steps, fixed=0), _("The means begin at zero: correct the beginning.")),
            (
                run(steps, replaced=True),
                _("A corrected mean must not replace the mean."),
            ),
            (run(steps, root=1), _("The root of the second mean is missing.")),
            (run(1), _("This is one step only.")),
        )


@task(
    "arithmetic-network/3",
    N_("NumPy answers nan where there is no result, and `abs(nan) <= 5` is False."),
    N_("`np.tile(np.eye(3)[place], (len(a), 1))` repeats a row of 0 and 1."),
    variant=Variant(
        "scale",
        range(10, 100, 10),
        N_(
            "the last column is the result divided by {scale}; the limit is that of "
            "the result before the division."
        ),
        {"columns, results]": "columns, results / {scale}]"},
    ),
)
def _new_examples(answer: Any, rng: np.random.Generator, scale: float = 1) -> None:
    limit, kinds = 20, ["power", "root", "tangent"]
    formulas = [lambda a, b: a**b, lambda a, b: a**0.5, lambda a, b: np.tan(a)]
    for kind, formula, row in zip(kinds, formulas, np.eye(3), strict=True):
        a = np.r_[rng.uniform(-6, 6, 20), -5, -4, -2, 1.57, -1.57, 500, 0.3]
        b = np.r_[rng.uniform(-3, 3, 20), 3, 3, 3, 0.5, 2, 2.5, -2]
        X = np.column_stack([a, b, np.tile(row, (27, 1))])
        with np.errstate(invalid="ignore"):
            y, unsigned = formula(a, b), formula(abs(a), b)
        small, cut = abs(y) <= limit, np.clip(y, -limit, limit)

        def table(kept: np.ndarray, y: np.ndarray, X: np.ndarray = X) -> np.ndarray:
            return np.column_stack([X, y / scale])[kept]

        call = Call(answer, kind, a, b, limit)
        try:
            holes = np.isnan(np.array(call.seen, dtype=float)).any()
        except (TypeError, ValueError):
            holes = False  # no table of numbers: what it is, `judge` says
        if holes:
            raise call.wrong(_("Where there is no real result, there is no example."))
        call.judge(
            table(small, y),
            (table(y <= limit, y), _("A result far below zero is too large, too.")),
            (table(~np.isnan(y), y), _("The limit is not used.")),
            (table(~np.isnan(y), cut), _("A result cut off is wrong: drop the row.")),
            (table(abs(unsigned) <= limit, unsigned), _("The sign of `a` was lost.")),
            (table(small & (a > 0), y), _("A negative `a` can have a result: (−2)³.")),
        )
