"""Usual faults in the answers, and right answers that look different."""

import math

import numpy as np


def trials(share, missed=0.05):
    return math.ceil(math.log(missed) / math.log1p(-share))


def share(low, high, a, b):
    return math.log(b / a) / math.log(high / low)


def gaps(valid, truth, places):
    rows = np.arange(len(valid))
    return truth[rows, places] - valid[rows, places]


def first(valid, truth, n):
    return gaps(valid, truth, valid[:, :n].argmin(axis=1))


def compared(factors, combine=np.maximum.accumulate):
    def decided(p_values):
        p = np.array(p_values)
        order = p.argsort()
        result = np.empty(len(p), dtype=bool)
        result[order] = combine(factors(len(p)) * p[order]) < 0.05
        return result

    return decided


def falling(m):
    return np.arange(m, 0, -1)


FAULTS = {
    "random-search/1": [
        (lambda *space: trials(share(*space)) - 1, "One trial more"),
        (lambda low, high, a, b: trials((b - a) / (high - low)), "not lengths"),
        (lambda low, high, a, b: trials(share(low, high, low, b)), "are no hits"),
        (lambda *space: math.ceil(0.95 / share(*space)), "do not add"),
        (lambda *space: trials(share(*space), 0.95), "not to miss"),
        (lambda *space: share(*space), "the value is not"),
    ],
    "random-search/2": [
        (lambda v, t, n: -first(v, t, n).mean(), "The sign"),
        (lambda v, t, n: first(v, t, len(v)).mean(), "Only n trials"),
        (lambda v, t, n: gaps(v, t, t[:, :n].argmin(axis=1)).mean(), "cannot choose"),
        (
            lambda v, t, n: np.mean(t[:, :n].min(axis=1) - v[:, :n].min(axis=1)),
            "the same configuration",
        ),
        (lambda v, t, n: (t - v)[:, :n].mean(), "only the winner"),
        (first, "A number was expected"),
    ],
    "random-search/3": [
        (lambda p: [each < 0.05 for each in p], "correct for them"),
        (compared(lambda m: m), "is Bonferroni"),
        (compared(lambda m: falling(m)[::-1]), "takes the largest factor"),
        (compared(falling, lambda corrected: corrected), "never decreases"),
        (lambda p: compared(falling)(sorted(p)), "in which the values came"),
        (lambda p: sum(compared(falling)(p)), "The shape expected"),
    ],
}

ALIKE = [
    ("random-search/1", float),
    ("random-search/2", lambda mean: [mean]),
    ("random-search/3", np.array),
    ("random-search/3", lambda decided: [int(each) for each in decided]),
]
