"""Usual faults in the answers, and right answers that look different."""

import numpy as np


def ranked(values):
    return np.argsort(np.argsort(values))


def spearman(rank=ranked, square=np.square, factor=6, base=1):
    def rank_correlation(early, late):
        n = len(early)
        gaps = square(rank(early) - rank(late)).sum()
        return base - factor * gaps / (n * (n**2 - 1))

    return rank_correlation


def arrivals(share):
    def promoted(losses, eta):
        return [
            k
            for k, loss in enumerate(losses)
            if sum(each < loss for each in losses[:k]) < share(k, eta)
        ]

    return promoted


def at_least_one(k, eta):
    return max((k + 1) // eta, 1)


def waits(losses, eta):
    return sorted(np.argsort(losses)[: len(losses) // eta])


def comes_back(losses, eta):
    counts = range(1, len(losses) + 1)
    return sorted(
        set().union(*(np.argsort(losses[:n])[: n // eta or 1] for n in counts))
    )


def halved(shift=-1, keep=lambda rows, order: rows[order], sign=1, pay=None):
    def halving(losses, eta):
        rows, epoch, before, spent = np.arange(len(losses)), 1, 0, 0
        while True:
            spent += pay(len(rows), epoch) if pay else len(rows) * (epoch - before)
            if len(rows) == 1:
                return rows[0], spent
            column = losses[rows, epoch + shift if shift is not None else -1]
            order = np.argsort(sign * column)[: len(rows) // eta]
            rows, before, epoch = keep(rows, order), epoch, epoch * eta

    return halving


def stops_early(losses, eta):
    row, spent = halved()(losses, eta)
    return row, spent - (len(losses) - len(losses) // eta)


FAULTS = {
    "multi-fidelity/1": [
        (lambda early, late: np.corrcoef(early, late)[0, 1], "not of their ranks"),
        (spearman(rank=np.argsort), "which rank each one has"),
        (spearman(factor=1), "multiplied by 6"),
        (spearman(factor=-6, base=0), "subtracted from 1"),
        (spearman(square=np.abs), "are squared"),
    ],
    "multi-fidelity/2": [
        (waits, "waits for all"),
        (arrivals(lambda k, eta: -(-(k + 1) // eta)), "rounded down"),
        (arrivals(lambda k, eta: (k + 1) // eta), "always a place"),
        (arrivals(lambda k, eta: max(k // eta, 1)), "is counted, too"),
        (
            lambda losses, eta: arrivals(at_least_one)([-x for x in losses], eta),
            "Lower is better",
        ),
        (comes_back, "does not come back"),
    ],
    "multi-fidelity/3": [
        (halved(keep=lambda rows, order: order), "are no rows"),
        (halved(shift=0), "count from 0"),
        (halved(shift=None), "only the losses up to its epoch"),
        (halved(sign=-1), "Lower is better"),
        (halved(pay=lambda n, epoch: n * epoch), "Nobody starts again"),
        (stops_early, "trains on to the end"),
        (lambda losses, eta: halved()(losses, eta)[0], "Return a pair"),
    ],
}

ALIKE = [
    ("multi-fidelity/1", np.float64),
    ("multi-fidelity/2", np.array),
    ("multi-fidelity/2", tuple),
    ("multi-fidelity/3", list),
    ("multi-fidelity/3", np.array),
]
