"""The tasks of the chapter on Bayesian optimization in practice."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import Task


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


def _pick_hints() -> tuple[str, ...]:
    return (
        _("Cut the line from 0 to 1 into equal parts, one for each choice."),
        _("`int(unit * len(choices))` gives the part. What about the number 1?"),
    )


def _trained(answer: Any, rng: np.random.Generator, step: int = 1) -> None:
    while True:  # until each fault gives another number
        widths = rng.integers(8, 11, size=12) + rng.choice([-0.3, 0.0, 0.3], size=12)
        names = rng.choice(["relu", "tanh"], size=12).tolist()
        asked = (step * widths).round(1)
        proposals = list(zip(asked.tolist(), names, strict=True))
        right = len({(round(width / step), name) for width, name in proposals})
        cut = len({(int(width / step), name) for width, name in proposals})
        alone, exact = len({round(width) for width in widths}), len(set(proposals))
        if len({right, cut, alone, exact, 12}) == 5:
            break
    Call(answer, proposals).judge(
        right,
        (12, _("What was asked for is not yet trained: some proposals repeat.")),
        (exact, _("Widths that round to the same make one network.")),
        (cut, _("The objective rounds: `int` would cut.")),
        (alone, _("The activation makes another network, too.")),
    )


def _trained_hints() -> tuple[str, ...]:
    return (
        _("What does the objective function do with a width of 8.7?"),
        _("A set holds each of its elements once."),
    )


def _batch(answer: Any, rng: np.random.Generator, less: float = 0) -> None:
    grid, n = np.linspace(0, 1, 101).round(2), 6 if less else 3

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

    while True:  # until each fault makes other proposals
        x = rng.choice(grid, 4, replace=False).tolist()
        y = rng.uniform(0, 1, size=4).round(2).tolist()
        right, best, last = asked(min(y) - less), asked(max(y)), asked(min(y) - less, 1)
        plain = asked(min(y)) if less else None
        if right != best != last != right != plain:
            break
    Call(answer, suggest, x, y, n).judge(
        right,
        (right[:1] * n, _("Nothing was told between two requests: the same answer.")),
        (best, _("A good lie draws the next proposal near: lie with the worst.")),
        (last, _("All the pending proposals need a lie, not only the last.")),
        ([*x, *right], _("Return the new proposals only.")),
    )


def _batch_hints() -> tuple[str, ...]:
    return (
        _("After each proposal, act as if its score had come: which one?"),
        _("Work on copies: `x, y = list(x), list(y)`, and `append` to both."),
    )


TASKS = {
    "1": Task(_pick, _pick_hints),
    "2": Task(_trained, _trained_hints),
    "3": Task(_batch, _batch_hints),
}
