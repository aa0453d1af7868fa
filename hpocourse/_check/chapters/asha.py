"""The tasks of the chapter on ASHA and plans of equal epochs."""

from __future__ import annotations

import numpy as np

from .._task import N_, Drawn, Variant, faults, task


def ends(times: np.ndarray, workers: int) -> float:
    """Return when the last one is ready if whoever is free takes the next."""
    free = np.zeros(workers)
    for time in times:
        free[free.argmin()] += time
    return float(free.max())


@task(
    "asha/1",
    N_("Keep a list with the time at which each machine gets free."),
    N_("`free.index(min(free))` is the machine that gets free first."),
    N_("All machines together have `workers * max(free)`; they work `sum(times)`."),
)
@faults(
    N_("Nobody waits for a whole batch: whoever is free takes the next network."),
    N_("A machine takes the next network when it is free, not in turns."),
    N_("The queue keeps its order: the longest one does not come first."),
    N_("This is how long they work, not how long they wait."),
    N_("Divide by the time of all machines together."),
    N_("The waiting time is asked for as a share, not in minutes."),
)
def _idle_share(rng: np.random.Generator) -> Drawn:
    workers = int(rng.integers(2, 5))
    times = rng.integers(1, 20, size=2 * workers + 3)
    total, end = times.sum(), ends(times, workers)
    batches = sum(times[k:][:workers].max() for k in range(0, len(times), workers))
    turns = max(times[k::workers].sum() for k in range(workers))
    sorted_end = ends(np.sort(times)[::-1], workers)
    return (times.tolist(), workers), [
        1 - total / (workers * end),
        1 - total / (workers * batches),
        1 - total / (workers * turns),
        1 - total / (workers * sorted_end),
        total / (workers * end),
        (workers * end - total) / end,
        workers * end - total,
    ]


def _promote(losses: np.ndarray, eta: int, least: int = 1, up: int = 0) -> list[int]:
    """Return who goes on, each judged among those that came before, and itself."""
    return [
        k
        for k in range(len(losses))
        if (losses[:k] < losses[k]).sum() < max((k + 1 + up) // eta, least)
    ]


@task(
    "asha/2",
    N_("Go through the arrivals: `losses[: k + 1]` is all that is known then."),
    N_("How many of those who came before have a lower loss?"),
    variant=Variant(
        "least",
        (2, 3, 4, 5),
        N_("there are always {least} places at least, not one."),
        {"max((k + 1) // eta, 1)": "max((k + 1) // eta, {least})"},
    ),
)
@faults(
    N_("This waits for all: decide with those that have arrived so far."),
    N_("The share is rounded down."),
    N_("There is always a place: the first to arrive is not stopped."),
    N_("Whoever arrives is counted, too."),
    N_("Lower is better: these are losses."),
    N_("Whoever was stopped does not come back later."),
)
def _promoted(rng: np.random.Generator, least: int = 1) -> Drawn:
    eta, n = int(rng.integers(2, 5)), 14 * least
    losses = rng.permutation(np.arange(5, 60 + 11 * n, 11))[:n] / 100
    best = [losses[:k].argsort()[: max(k // eta, least)] for k in range(1, n + 1)]
    return (losses.tolist(), eta), [
        _promote(losses, eta, least),
        sorted(best[-1]),
        _promote(losses, eta, least, up=eta - 1),
        _promote(losses, eta, least - 1),
        _promote(losses, eta, least, up=-1),
        _promote(-losses, eta, least),
        sorted(set().union(*best)),
    ]


@task(
    "asha/3",
    N_("Two questions: who is chosen, with `seed`; how good it is, without it."),
    N_("`np.delete(finals, seed, axis=1)` leaves the column of the search out."),
    N_("`rows[place]` turns a place in `rows` into a row of `finals`."),
    variant=Variant(
        "budget",
        (4, 5, 6, 7),
        N_("the search stopped early: only the first {budget} rows count."),
        {"np.array(rows)": "np.array(rows[:{budget}])"},
    ),
)
@faults(
    N_("The seed of the search does not judge: its luck would count."),
    N_("The search chooses by its own seed; it does not know the others."),
    N_("Compare with the best of all networks, not only of those in `rows`."),
    N_("The other seeds judge, not the one that chose."),
    N_("Places in `rows` are no rows of `finals`."),
    N_("The regret is a difference: subtract the loss of the best network."),
)
def _regret(rng: np.random.Generator, budget: int | None = None) -> Drawn | None:
    seed, size = int(rng.integers(5)), int(rng.integers(8, 11))
    finals = rng.uniform(0.1, 0.9, size=(14, 1)) + rng.normal(0, 0.1, (14, 5))
    finals = finals.round(3)
    every = rng.permutation(14)[:size]
    rows = every[:budget]
    others = np.delete(finals, seed, axis=1).mean(axis=1)
    place = finals[rows, seed].argmin()
    best = rows[place]
    if budget and best == every[finals[every, seed].argmin()]:
        return None  # the course's own solution would pass
    return (finals, every.tolist(), seed), [
        others[best] - others.min(),
        finals[best].mean() - finals.mean(axis=1).min(),
        others[rows].min() - others.min(),
        others[best] - others[rows].min(),
        finals[best, seed] - finals[:, seed].min(),
        others[place] - others.min(),
        others[best],
    ]
