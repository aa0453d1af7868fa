"""The tasks of the chapter on ASHA and plans of equal epochs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import Task


def _ends(times: np.ndarray, workers: int) -> float:
    """Return when the last one is ready if whoever is free takes the next."""
    free = np.zeros(workers)
    for time in times:
        free[free.argmin()] += time
    return float(free.max())


def _idle_share(answer: Any, rng: np.random.Generator) -> None:
    diagnoses = (
        _("Nobody waits for a whole batch: whoever is free takes the next network."),
        _("A machine takes the next network when it is free, not in turns."),
        _("The queue keeps its order: the longest one does not come first."),
        _("This is how long they work, not how long they wait."),
        _("Divide by the time of all machines together."),
        _("The waiting time is asked for as a share, not in minutes."),
    )
    for workers, n in ((2, 7), (3, 10), (4, 11)):
        while True:  # until each fault shows
            times = rng.integers(1, 20, size=n)
            total, end = times.sum(), _ends(times, workers)
            batches = sum(times[k : k + workers].max() for k in range(0, n, workers))
            turns = max(times[k::workers].sum() for k in range(workers))
            sorted_end = _ends(np.sort(times)[::-1], workers)
            right, *wrongs = shares = [
                1 - total / (workers * end),
                1 - total / (workers * batches),
                1 - total / (workers * turns),
                1 - total / (workers * sorted_end),
                total / (workers * end),
                (workers * end - total) / end,
                workers * end - total,
            ]
            if len({*np.round(shares, 4)}) == len(shares):
                break
        wrong = zip(wrongs, diagnoses, strict=True)
        Call(answer, times.tolist(), workers).judge(right, *wrong)


def _idle_share_hints() -> tuple[str, ...]:
    return (
        _("Keep a list with the time at which each machine gets free."),
        _("`free.index(min(free))` is the machine that gets free first."),
        _("All machines together have `workers * max(free)`; they work `sum(times)`."),
    )


def _promote(losses: np.ndarray, eta: int, least: int = 1, up: int = 0) -> list[int]:
    """Return who goes on, each judged among those that came before, and itself."""
    return [
        k
        for k in range(len(losses))
        if (losses[:k] < losses[k]).sum() < max((k + 1 + up) // eta, least)
    ]


def _promoted(answer: Any, rng: np.random.Generator, least: int = 1) -> None:
    diagnoses = (
        _("This waits for all: decide with those that have arrived so far."),
        _("The share is rounded down."),
        _("There is always a place: the first to arrive is not stopped."),
        _("Whoever arrives is counted, too."),
        _("Lower is better: these are losses."),
        _("Whoever was stopped does not come back later."),
    )
    for eta in (3, 2, 4):
        while True:  # until each fault shows
            losses = rng.permutation(np.arange(5, 60 + 154 * least, 11))[: 14 * least]
            losses = losses / 100
            best = [
                losses[:n].argsort()[: max(n // eta, least)]
                for n in range(1, len(losses) + 1)
            ]
            right, *wrongs = lists = [
                _promote(losses, eta, least),
                sorted(best[-1]),
                _promote(losses, eta, least, up=eta - 1),
                _promote(losses, eta, least - 1),
                _promote(losses, eta, least, up=-1),
                _promote(-losses, eta, least),
                sorted(set().union(*best)),
            ]
            if len({*map(tuple, lists)}) == len(lists):
                break
        wrong = zip(wrongs, diagnoses, strict=True)
        Call(answer, losses.tolist(), eta).judge(right, *wrong)


def _promoted_hints() -> tuple[str, ...]:
    return (
        _("Go through the arrivals: `losses[: k + 1]` is all that is known then."),
        _("How many of those who came before have a lower loss?"),
    )


def _regret(answer: Any, rng: np.random.Generator, budget: int | None = None) -> None:
    diagnoses = (
        _("The seed of the search does not judge: its luck would count."),
        _("The search chooses by its own seed; it does not know the others."),
        _("Compare with the best of all networks, not only of those in `rows`."),
        _("The other seeds judge, not the one that chose."),
        _("Places in `rows` are no rows of `finals`."),
        _("The regret is a difference: subtract the loss of the best network."),
    )
    for seed, size in ((0, 8), (2, 9), (4, 10)):
        while True:  # until each fault shows
            finals = rng.uniform(0.1, 0.9, size=(14, 1)) + rng.normal(0, 0.1, (14, 5))
            finals = finals.round(3)
            every = rng.permutation(14)[:size]
            rows = every[:budget]
            others = np.delete(finals, seed, axis=1).mean(axis=1)
            place = finals[rows, seed].argmin()
            best = rows[place]
            right, *wrongs = values = [
                others[best] - others.min(),
                finals[best].mean() - finals.mean(axis=1).min(),
                others[rows].min() - others.min(),
                others[best] - others[rows].min(),
                finals[best, seed] - finals[:, seed].min(),
                others[place] - others.min(),
                others[best],
            ]
            if len({*np.round(values, 4)}) == len(values):
                break
        wrong = zip(wrongs, diagnoses, strict=True)
        Call(answer, finals, every.tolist(), seed).judge(right, *wrong)


def _regret_hints() -> tuple[str, ...]:
    return (
        _("Two questions: who is chosen, with `seed`; how good it is, without it."),
        _("`np.delete(finals, seed, axis=1)` leaves the column of the search out."),
        _("`rows[place]` turns a place in `rows` into a row of `finals`."),
    )


TASKS = {
    "1": Task(_idle_share, _idle_share_hints),
    "2": Task(_promoted, _promoted_hints),
    "3": Task(_regret, _regret_hints),
}
