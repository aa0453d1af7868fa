"""Usual faults in the answers, and right answers that look different."""

import math

import numpy as np
from scipy import stats


def fits(n, slow, cheap, train):
    return n * (slow + train) / (cheap + train)


def corrected(steps=lambda m: np.arange(m, 0, -1), floor=np.maximum.accumulate, most=1):
    def holm(p_values):
        p, result = np.array(p_values), np.empty(len(p_values))
        order = p.argsort()
        result[order] = floor(p[order] * steps(len(p))).clip(max=most)
        return result

    return holm


def in_order(p_values):
    return np.sort(corrected()(p_values))


def wrongly_put_back(p_values):
    return in_order(p_values)[np.argsort(p_values)]


def interval(values, factor=None, spread=stats.sem):
    values = np.array(values)
    factor = factor or stats.t.ppf(0.975, len(values) - 1)
    half = factor * spread(values)
    return values.mean() - half, values.mean() + half


def of_problems(**named):
    return lambda differences: interval(differences.mean(axis=1), **named)


FAULTS = {
    "choosing-a-method/1": [
        (lambda *each: math.ceil(fits(*each)), "Round down"),
        (lambda n, slow, cheap, train: n * slow // cheap, "Both also train"),
        (lambda n, slow, cheap, t: fits(n, slow, 0, t) // 1, "time to propose, too"),
        (lambda n, *each: fits(n, *each) // 1 - n, "all of them are asked for"),
        (lambda n, a, b, train: fits(n, b, a, train) // 1, "not fewer"),
        (fits, "is whole"),
    ],
    "choosing-a-method/2": [
        (in_order, "order in which they were given"),
        (wrongly_put_back, "back in its own place"),
        (lambda p: np.clip(len(p) * np.array(p), 0, 1), "Bonferroni"),
        (lambda p: p, "Nothing was corrected"),
        (corrected(floor=np.array), "less than the one before"),
        (corrected(most=9), "larger than 1"),
        (corrected(steps=lambda m: np.arange(1, m + 1)), "number of questions"),
    ],
    "choosing-a-method/3": [
        (lambda differences: interval(differences.ravel()), "no new evidence"),
        (lambda differences: interval(differences.mean(axis=0)), "for other seeds"),
        (of_problems(factor=stats.norm.ppf(0.975)), "Student's t"),
        (of_problems(spread=lambda each: each.std(ddof=1)), "divide by √n"),
        (of_problems(spread=lambda each: stats.sem(each, ddof=0)), "ddof=1"),
        (lambda d: np.ptp(of_problems()(d)) / 2, "both ends"),
    ],
}

ALIKE = [
    ("choosing-a-method/1", float),
    ("choosing-a-method/2", list),
    ("choosing-a-method/2", lambda p: np.array(p) + 1e-12),
    ("choosing-a-method/3", list),
    ("choosing-a-method/3", np.array),
]
