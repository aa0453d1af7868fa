"""Usual faults in the answers, and right answers that look different."""

import math
from itertools import pairwise

import numpy as np


def weights(widths):
    return sum(a * b for a, b in pairwise(widths))


def descent(factor=2.0, mean=True, steps=None, rate=None):
    def descend(X, y, given, n):
        w = np.zeros(X.shape[1])
        for _ in range(n if steps is None else steps):
            slope = factor * X.T @ (X @ w - y) / (len(y) if mean else 1)
            w = w - (given if rate is None else rate) * slope
        return w

    return descend


FAULTS = {
    "parameters-and-hyperparameters/1": [
        (weights, "biases are missing"),
        (lambda w: weights(w) + sum(w), "inputs have no biases"),
        (lambda w: weights(w) + len(w) - 1, "a bias of its own"),
        (lambda w: sum(w[1:]), "the biases alone"),
    ],
    "parameters-and-hyperparameters/2": [
        (lambda n, b, e: n // b * e, "last batch, not full"),
        (lambda n, b, e: math.ceil(n / b), "This is one epoch"),
        (lambda n, b, e: math.ceil(n * e / b), "do not cross epochs"),
        (lambda n, b, e: n * e, "not a single row"),
        (lambda n, b, e: (n // b + 1) * e, "no batch is left over"),
    ],
    "parameters-and-hyperparameters/3": [
        (lambda v, t, s: v[np.argmax(t)], "only grows"),
        (lambda v, t, s: np.argmax(s), "place in the list"),
        (lambda v, t, s: max(s), "This is the score"),
        (lambda v, t, s: v[np.argmin(np.subtract(t, s))], "small gap"),
        (lambda v, t, s: v[np.argmin(s)], "the worst one"),
    ],
    "parameters-and-hyperparameters/4": [
        (descent(factor=-2.0), "against the gradient"),
        (descent(steps=1), "one step only"),
        (descent(factor=1.0), "factor 2"),
        (descent(mean=False), "divide the gradient"),
        (descent(rate=0.1), "is not used"),
    ],
}

ALIKE = [
    ("parameters-and-hyperparameters/4", list),
    ("parameters-and-hyperparameters/4", lambda w: w.reshape(-1, 1)),
    ("parameters-and-hyperparameters/4", np.float64),
]
