"""The tasks of the chapter on what to tune first."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import Task


def _edge_counts(answer: Any, rng: np.random.Generator, best: int = 10) -> None:
    def counts(rows: np.ndarray, edge: float = 0.2) -> list[int]:
        return [int(sum(places[rows] < edge)), int(sum(places[rows] > 1 - edge))]

    diagnoses = (
        _("These are losses: the best are the smallest."),
        _("Only the best trials count, not all of them."),
        _("The trials do not come sorted by their losses."),
        _("A fifth of the range ends at 0.2, and the last one begins at 0.8."),
        _("First the lower end, then the upper one."),
    )
    rounds = 0
    while rounds < 3:
        places, losses = rng.beta(0.6, 1, 60).round(3), rng.uniform(0.1, 1, 60).round(3)
        order = losses.argsort()
        right = counts(order[:best])
        wrongs = [
            counts(order[-best:]),
            counts(order),
            counts(np.arange(best)),
            counts(order[:best], 0.25),
            right[::-1],
        ]
        plain = [] if best == 10 else [counts(order[:10])]
        shown = {tuple(pair) for pair in (right, *wrongs, *plain)}
        if len(shown) < 6 + len(plain) or len({*losses}) < 60:
            continue  # until each fault shows
        rounds += 1
        wrong = zip(wrongs, diagnoses, strict=True)
        Call(answer, losses, places).judge(right, *wrong)


def _edge_counts_hints() -> tuple[str, ...]:
    return (
        _("Which rows of `places` belong to the smallest losses?"),
        _("`(values < 0.2).sum()` counts how many values are below 0.2."),
    )


def _tuned(answer: Any, rng: np.random.Generator, choosing: int = 6) -> None:
    diagnoses = (
        _("The seeds that chose a rate are optimistic: measure with the others."),
        _("Each width has a best rate of its own: choose it row by row."),
        _("The others measure what the first seeds chose; they do not choose."),
        _("Choose by the mean of the seeds, not by the luckiest one."),
        _("All the seeds measured: leave those that chose out."),
    )
    for _round in range(3):
        while True:  # until each fault shows
            losses = rng.uniform(0.1, 0.3, (4, 5, 1)) + rng.normal(0, 0.1, (4, 5, 16))
            first, others = losses[:, :, :choosing], losses[:, :, choosing:]
            means, again, rows = first.mean(axis=2), others.mean(axis=2), np.arange(4)
            values = [
                again[rows, means.argmin(axis=1)],
                means.min(axis=1),
                again[:, means.mean(axis=0).argmin()],
                again.min(axis=1),
                again[rows, first.min(axis=2).argmin(axis=1)],
                losses.mean(axis=2)[rows, means.argmin(axis=1)],
            ]
            if len({tuple(value.round(4)) for value in values}) == len(values):
                break
        right, *wrongs = values
        Call(answer, losses).judge(right, *zip(wrongs, diagnoses, strict=True))


def _tuned_hints() -> tuple[str, ...]:
    return (
        _("First seeds choose a rate for each width; then the others measure."),
        _("`losses[:, :, :6].mean(axis=2)` has a row for each width."),
        _("`table[np.arange(len(table)), places]` takes one number of each row."),
    )


def _gain(answer: Any, rng: np.random.Generator, trials: int = 10) -> None:
    diagnoses = (
        _("This is the gain of the whole next doubling: convert it."),
        _("The next doubling takes as many trials as there were, not half of them."),
        _("The first half is one of many: take the mean over all halves."),
        _("Of each half, the smallest loss counts."),
        _("A gain is positive: the loss of a half minus that of all."),
    )
    for n in (6, 8, 4):
        while True:  # until each fault shows
            losses = (rng.permutation(np.arange(10, 60))[:n] / 100).round(2)
            half, least, part = n // 2, losses.min(), trials / n
            gain = np.mean([min(each) for each in combinations(losses, half)]) - least
            values = [
                part * gain,
                gain,
                2 * part * gain,
                part * (losses[:half].min() - least),
                part * (losses.mean() - least),
                -part * gain,
            ]
            if len({*np.round(values, 4)}) == len(values):
                break
        right, *wrongs = values
        wrong = zip(wrongs, diagnoses, strict=True)
        Call(answer, losses.tolist()).judge(right, *wrong)


def _gain_hints() -> tuple[str, ...]:
    return (
        _("`combinations(losses, len(losses) // 2)` goes through all halves."),
        _("What did the last doubling gain? The next one takes `len(losses)` more."),
    )


TASKS = {
    "1": Task(_edge_counts, _edge_counts_hints),
    "2": Task(_tuned, _tuned_hints),
    "3": Task(_gain, _gain_hints),
}
