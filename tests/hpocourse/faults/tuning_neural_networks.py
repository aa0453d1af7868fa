"""Usual faults in the answers, and right answers that look different."""

import numpy as np


def outcomes(zero, nan=True):
    def count_outcomes(scores, y):
        scores, limit = np.array(scores), zero(y)
        learned = (scores <= limit / 5).sum()
        diverged = (scores > limit).sum()
        failed = np.isnan(scores).sum()
        nothing = len(scores) - failed - learned - diverged
        return learned, nothing, diverged + (failed if nan else 0)

    return count_outcomes


def mean_size(y):
    return np.abs(y).mean()


def score(choose, keep=lambda rows: rows["seed"] > 0, end="last", ordered=True):
    def honest_score(trials):
        winner = choose(trials)
        rows = trials[(trials["trial"] == winner) & keep(trials)]
        if ordered:
            rows = rows.sort_values("epoch")
        ends = rows.groupby("seed")["val_mae"].agg(end)
        return winner, ends.mean()

    return honest_score


def best_epoch(trials):
    rows = trials[trials["seed"] == 0]
    return rows.loc[rows["val_mae"].idxmin(), "trial"]


def last_epoch(trials):
    rows = trials[(trials["seed"] == 0) & (trials["epoch"] == trials["epoch"].max())]
    return rows.loc[rows["val_mae"].idxmin(), "trial"]


def any_seed(trials):
    return trials.loc[trials["val_mae"].idxmin(), "trial"]


def trained(middle=np.median, wait=True, best=True, enough=True, offset=0):
    def epochs_trained(done, curve, startup, warmup):
        if enough and len(done) < startup:
            return len(curve)
        for n in range(warmup if wait else 1, len(curve) + 1):
            value = min(curve[:n]) if best else curve[n - 1]
            if value > middle([each[n - 1] for each in done]):
                return n - offset
        return len(curve)

    return epochs_trained


FAULTS = {
    "tuning-neural-networks/1": [
        (outcomes(mean_size, nan=False), "answers nan diverged"),
        (outcomes(np.std), "a mean of sizes"),
        (outcomes(lambda y: np.sqrt(np.mean(y**2))), "a mean of sizes"),
        (outcomes(lambda y: abs(np.mean(y))), "Signs cancel"),
        (lambda scores, y: outcomes(mean_size)(scores, y)[::-1], "in the other order"),
    ],
    "tuning-neural-networks/2": [
        (score(best_epoch, keep=lambda rows: rows["seed"] >= 0), "leave it out"),
        (score(best_epoch, end="min"), "not the best"),
        (score(best_epoch, ordered=False), "not sorted"),
        (score(last_epoch), "by the best epoch"),
        (score(any_seed), "by the search's seed only"),
    ],
    "tuning-neural-networks/3": [
        (trained(middle=np.mean), "This is the mean"),
        (trained(wait=False), "Before the epoch"),
        (trained(best=False), "best value so far"),
        (trained(middle=min), "Half of the trials"),
        (trained(offset=1), "count from 1"),
        (trained(enough=False), "With fewer than"),
    ],
}

ALIKE = [
    ("tuning-neural-networks/1", np.array),
    ("tuning-neural-networks/2", lambda pair: [int(pair[0]), float(pair[1])]),
    ("tuning-neural-networks/3", float),
]
