"""The tasks of the chapter on what to tune first."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from .._task import N_, Drawn, Variant, faults, task


@task(
    "what-to-tune-first/1",
    N_("Which rows of `places` belong to the smallest losses?"),
    N_("`(values < 0.2).sum()` counts how many values are below 0.2."),
    variant=Variant(
        "best",
        (6, 8, 12, 14, 16, 20),
        N_("the best {best} trials count, not the best 10."),
        {"[:10]": "[:{best}]"},
    ),
)
@faults(
    N_("These are losses: the best are the smallest."),
    N_("Only the best trials count, not all of them."),
    N_("The trials do not come sorted by their losses."),
    N_("A fifth of the range ends at 0.2, and the last one begins at 0.8."),
    N_("First the lower end, then the upper one."),
)
def _edge_counts(rng: np.random.Generator, best: int = 10) -> Drawn | None:
    def counts(rows: np.ndarray, edge: float = 0.2) -> list[int]:
        return [int(sum(places[rows] < edge)), int(sum(places[rows] > 1 - edge))]

    places, losses = rng.beta(0.6, 1, 60), rng.uniform(0.1, 1, 60)
    order = losses.argsort()
    right = counts(order[:best])
    if best != 10 and right == counts(order[:10]):
        return None  # the course's own solution would pass
    return (losses, places), [
        right,
        counts(order[-best:]),
        counts(order),
        counts(np.arange(best)),
        counts(order[:best], 0.25),
        right[::-1],
    ]


@task(
    "what-to-tune-first/2",
    N_("First seeds choose a rate for each width; then the others measure."),
    N_(
        "`losses[:, :, :n].mean(axis=2)`, where n seeds choose, has a row "
        "for each width."
    ),
    N_("`table[np.arange(len(table)), places]` takes one number of each row."),
    variant=Variant(
        "choosing",
        (4, 5, 7, 8, 9, 10),
        N_("the first {choosing} seeds choose, not the first 6."),
        {"[:, :, :6]": "[:, :, :{choosing}]", "[:, :, 6:]": "[:, :, {choosing}:]"},
    ),
)
@faults(
    N_("The seeds that chose a rate are optimistic: measure with the others."),
    N_("Each width has a best rate of its own: choose it row by row."),
    N_("The others measure what the first seeds chose; they do not choose."),
    N_("Choose by the mean of the seeds, not by the luckiest one."),
    N_("All the seeds measured: leave those that chose out."),
)
def _tuned(rng: np.random.Generator, choosing: int = 6) -> Drawn:
    losses = rng.uniform(0.1, 0.3, (4, 5, 1)) + rng.normal(0, 0.1, (4, 5, 16))
    first, others = losses[:, :, :choosing], losses[:, :, choosing:]
    means, again, rows = first.mean(axis=2), others.mean(axis=2), np.arange(4)
    return (losses,), [
        again[rows, means.argmin(axis=1)],
        means.min(axis=1),
        again[:, means.mean(axis=0).argmin()],
        again.min(axis=1),
        again[rows, first.min(axis=2).argmin(axis=1)],
        losses.mean(axis=2)[rows, means.argmin(axis=1)],
    ]


@task(
    "what-to-tune-first/3",
    N_("`combinations(losses, len(losses) // 2)` goes through all halves."),
    N_("What did the last doubling gain? The next one takes `len(losses)` more."),
    variant=Variant(
        "trials",
        (5, 15, 20, 25, 30, 50),
        N_("the gain of the next {trials} trials is asked for, not of 10."),
        {"* 10 / len": "* {trials} / len"},
    ),
)
@faults(
    N_("This is the gain of the whole next doubling: convert it."),
    N_("The next doubling takes as many trials as there were, not half of them."),
    N_("The first half is one of many: take the mean over all halves."),
    N_("Of each half, the smallest loss counts."),
    N_("A gain is positive: the loss of a half minus that of all."),
)
def _gain(rng: np.random.Generator, trials: int = 10) -> Drawn:
    n = int(rng.choice([4, 6, 8]))
    losses = rng.permutation(np.arange(10, 60))[:n] / 100
    half, least, part = n // 2, losses.min(), trials / n
    gain = np.mean([min(each) for each in combinations(losses, half)]) - least
    return (losses.tolist(),), [
        part * gain,
        gain,
        2 * part * gain,
        part * (losses[:half].min() - least),
        part * (losses.mean() - least),
        -part * gain,
    ]
