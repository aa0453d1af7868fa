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


def staying(best=-1, share=lambda n, eta: n // eta, shift=0, sign=1, first=False):
    def safe_epoch(losses, eta):
        losses = sign * losses
        ahead = (losses < losses[losses[:, best].argmin()]).sum(axis=0)
        stays = [*(ahead < share(len(losses), eta))]
        if first:
            return stays.index(True) + 1
        outs = [epoch for epoch, stay in enumerate(stays) if not stay]
        return (outs[-1] + 2 if outs else 1) + shift

    return safe_epoch


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
        (staying(shift=-1), "count from 0"),
        (staying(first=True), "all that follow"),
        (staying(best=0), "not the one that starts best"),
        (staying(share=lambda n, eta: -(-n // eta)), "rounded down"),
        (staying(sign=-1), "Lower is better"),
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
    ("multi-fidelity/2", np.int64),
    ("multi-fidelity/3", list),
    ("multi-fidelity/3", np.array),
]
