"""The tasks of the chapter on Bayesian optimization in practice."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Drawn, Variant, faults, task


@task(
    "bayesian-optimization-in-practice/1",
    N_("Cut the line from 0 to 1 into equal parts, one for each choice."),
    N_("`int(unit * len(choices))` gives the part. What about the number 1?"),
)
def _pick(answer: Any, rng: np.random.Generator) -> None:
    choices = rng.permutation(["relu", "tanh", "elu", "gelu"]).tolist()
    for low, high, right in ((0.17, 0.24, 0), (0.9, 0.99, 3), (1.0, 1.0, 3)):
        unit = float(rng.uniform(low, high))
        Call(answer, unit, choices).judge(
            choices[right],
            (right, _("This is the place: return the choice.")),
            (choices[int(unit)], _("`int` cuts: all below 1 becomes 0.")),
            (choices[int(3 * unit)], _("The last choice gets the number 1 only.")),
            (choices[round(3 * unit)], _("The choices at the ends get half a share.")),
        )


@task(
    "bayesian-optimization-in-practice/2",
    N_("What does the objective function do with a width of 8.7?"),
    N_("A set holds each of its elements once."),
    variant=Variant(
        "step",
        (4, 8, 16, 32, 64),
        N_(
            "the objective function trains with the nearest multiple of {step}: "
            "`{step} * round(width / {step})`."
        ),
        {"round(width)": "round(width / {step})"},
    ),
)
@faults(
    N_("What was asked for is not yet trained: some proposals repeat."),
    N_("Widths that round to the same make one network."),
    N_("The objective rounds: `int` would cut."),
    N_("The activation makes another network, too."),
)
def _trained(rng: np.random.Generator, step: int = 1) -> Drawn:
    widths = rng.integers(8, 11, size=12) + rng.choice([-0.3, 0.0, 0.3], size=12)
    names = rng.choice(["relu", "tanh"], size=12).tolist()
    proposals = list(zip((step * widths).round(1).tolist(), names, strict=True))
    return (proposals,), [
        len({(round(width / step), name) for width, name in proposals}),
        len(proposals),
        len(set(proposals)),
        len({(int(width / step), name) for width, name in proposals}),
        len({round(width) for width in widths}),
    ]


@task(
    "bayesian-optimization-in-practice/3",
    N_("After each proposal, act as if its score had come: which one?"),
    N_("Work on copies: `x, y = list(x), list(y)`, and `append` to both."),
    variant=Variant(
        "less",
        (0.4, 0.7, 1, 2),
        N_("the lie is the worst of the scores minus {less}."),
        {"[min(y)]": "[min(y) - {less}]"},
    ),
)
@faults(
    N_("Nothing was told between two requests: the same answer."),
    N_("A good lie draws the next proposal near: lie with the worst."),
    N_("All the pending proposals need a lie, not only the last."),
    N_("Return the new proposals only."),
)
def _batch(rng: np.random.Generator, less: float = 0) -> Drawn | None:
    grid, n = np.linspace(0, 1, 101).round(2), 6 if less else 3
    x = rng.choice(grid, 4, replace=False).tolist()
    y = rng.uniform(0, 1, size=4).round(2).tolist()

    def suggest(x: list[float], y: list[float]) -> float:
        # The highest that scores could reach if they changed by 4 per unit at most.
        reach = np.array(y) + 4 * np.abs(grid[:, None] - np.array(x))
        return float(grid[reach.min(axis=1).argmax()])

    def asked(lie: float, kept: int = 6) -> list[float]:
        made: list[float] = []
        while len(made) < n:
            known = [*x, *made[-kept:]]
            made.append(suggest(known, [*y, *[lie] * (len(known) - len(y))]))
        return made

    right, last = asked(min(y) - less), asked(min(y) - less, 1)
    if less and right == asked(min(y)):
        return None  # the course's own solution would pass
    return (suggest, x, y, n), [
        right,
        right[:1] * n,
        asked(max(y)),
        last,
        [*x, *right],
    ]
