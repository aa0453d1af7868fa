"""Usual faults in the answers, and right answers that look different."""

from itertools import combinations

import numpy as np


def counted(choose, edge=0.2):
    def edge_counts(losses, places):
        ours = places[choose(losses)]
        return (ours < edge).sum(), (ours > 1 - edge).sum()

    return edge_counts


def smallest(losses):
    return losses.argsort()[:10]


def measured(choose, measure=lambda losses: losses[:, :, 6:].mean(axis=2)):
    def tuned(losses):
        return measure(losses)[np.arange(len(losses)), choose(losses)]

    return tuned


def by_mean(losses):
    return losses[:, :, :6].mean(axis=2).argmin(axis=1)


def gained(best=min, halves=None, trials=10):
    def next_gain(losses):
        n = len(losses)
        ours = halves(losses) if halves else combinations(losses, n // 2)
        return trials / n * (np.mean([best(each) for each in ours]) - min(losses))

    return next_gain


FAULTS = {
    "what-to-tune-first/1": [
        (counted(lambda losses: losses.argsort()[-10:]), "best are the smallest"),
        (counted(lambda losses: losses > 0), "not all of them"),
        (counted(lambda losses: slice(10)), "do not come sorted"),
        (counted(smallest, 0.25), "ends at 0.2"),
        (lambda *given: counted(smallest)(*given)[::-1], "then the upper one"),
        (lambda *given: sum(counted(smallest)(*given)), "The shape expected"),
    ],
    "what-to-tune-first/2": [
        (
            measured(by_mean, lambda losses: losses[:, :, :6].mean(axis=2)),
            "are optimistic",
        ),
        (
            measured(lambda losses: losses[:, :, :6].mean(axis=(0, 2)).argmin()),
            "row by row",
        ),
        (lambda losses: losses[:, :, 6:].mean(axis=2).min(axis=1), "do not choose"),
        (
            measured(lambda losses: losses[:, :, :6].min(axis=2).argmin(axis=1)),
            "not by the luckiest",
        ),
        (measured(by_mean, lambda losses: losses.mean(axis=2)), "that chose out"),
        (lambda losses: measured(by_mean)(losses).mean(), "The shape expected"),
    ],
    "what-to-tune-first/3": [
        (lambda losses: gained(trials=len(losses))(losses), "convert it"),
        (gained(trials=20), "not half of them"),
        (
            gained(halves=lambda losses: [losses[: len(losses) // 2]]),
            "one of many",
        ),
        (gained(best=np.mean), "the smallest loss counts"),
        (lambda losses: -gained()(losses), "A gain is positive"),
        (lambda losses: gained()(losses) > 0, "the value is not"),
    ],
}

ALIKE = [
    ("what-to-tune-first/1", list),
    ("what-to-tune-first/2", lambda means: means.tolist()),
    ("what-to-tune-first/3", np.float64),
]
