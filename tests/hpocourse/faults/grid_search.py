"""Usual faults in the answers, and right answers that look different."""

import math

import numpy as np
from scipy import stats


def product(grid):
    return math.prod(len(values) for values in grid.values())


def fits(combine):
    def count(grid, folds):
        if isinstance(grid, list):
            return sum(product(each) for each in grid) * folds + 1
        return combine(grid, folds)

    return count


def numeric(grid):
    return [name for name in grid if name != "kernel"]


def places(grid, best):
    return [n for n in numeric(grid) if grid[n].index(best[n]) in (0, len(grid[n]) - 1)]


def decided(half):
    def verdict(first, second):
        gaps = np.subtract(first, second)
        if abs(gaps.mean()) <= half(first, second, gaps):
            return "undecided"
        return "first" if gaps.mean() > 0 else "second"

    return verdict


def t_times(spread, n):
    return stats.t.ppf(0.975, n - 1) * spread


def corrected(gaps):
    n = len(gaps)
    return t_times(gaps.std(ddof=1) * np.sqrt(1 / n + 1 / (n - 1)), n)


FAULTS = {
    "grid-search/1": [
        (fits(lambda g, f: product(g) * f), "refit is missing"),
        (fits(lambda g, f: (product(g) + 1) * f), "not once in each fold"),
        (fits(lambda g, f: product(g) + 1), "fitted once in each fold"),
        (fits(lambda g, f: product(g)), "not the fits"),
        (fits(lambda g, f: sum(map(len, g.values())) * f + 1), "is a product"),
        (
            lambda g, f: (
                math.prod(map(product, g if isinstance(g, list) else [g])) * f + 1
            ),
            "add them",
        ),
        (
            lambda g, f: product(g[0] if isinstance(g, list) else g) * f + 1,
            "Only the first grid",
        ),
    ],
    "grid-search/2": [
        (places, "compare values, not places"),
        (lambda g, b: [n for n in numeric(g) if b[n] == max(g[n])], "smallest value"),
        (lambda g, b: [n for n in numeric(g) if b[n] == min(g[n])], "largest value"),
        (
            lambda g, b: [n for n in g if b[n] in (min(g[n]), max(g[n]))],
            "Texts have no order",
        ),
        (lambda g, b: 2, "A list with the names"),
    ],
    "grid-search/3": [
        (lambda g: g, "stands twice"),
        (
            lambda g: {k: sorted(set(v)) for k, v in g.items()},
            "does not use gamma",
        ),
        (
            lambda g: [
                {"kernel": ["rbf"], "C": [*{*g["C"]}], "gamma": [*{*g["gamma"]}]}
            ],
            "A model is missing",
        ),
        (lambda g: {"kernel": ["rbf"], "C": g["C"]}, "that the grid had not"),
        (lambda g: {**g, "C": [7]}, "had not: {'kernel': '"),
        (lambda g: {**g, "C": [[1, 2]]}, "does not take it"),
        (lambda g: 3, "does not take it"),
    ],
    "grid-search/4": [
        (decided(lambda a, b, gaps: 0), "contains zero"),
        (
            decided(lambda a, b, gaps: t_times(stats.sem(gaps), len(gaps))),
            "needs the correction",
        ),
        (
            decided(
                lambda a, b, gaps: t_times(np.hypot(stats.sem(a), stats.sem(b)), 10)
            ),
            "shared luck cancels",
        ),
        (
            lambda a, b: decided(lambda x, y, gaps: corrected(gaps))(b, a),
            "other way round",
        ),
        (
            lambda a, b: "first" if np.mean(a - b) > corrected(a - b) else "undecided",
            "far below zero",
        ),
        (lambda a, b: "second", "contains zero"),
        (lambda a, b: "none", "one of"),
    ],
}

ALIKE = [
    ("grid-search/1", float),
    ("grid-search/1", lambda count: np.array([count])),
    ("grid-search/2", set),
    ("grid-search/2", lambda names: tuple(reversed(names))),
    ("grid-search/3", lambda grids: grids[::-1]),
]
