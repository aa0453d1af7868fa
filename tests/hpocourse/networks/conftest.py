"""What the tests of networks share: small data, and a measure of difference."""

import numpy as np
import pytest

from hpocourse import Dataset


def make_data(n=150, classes=3, seed=0, dtype=np.float64):
    """Return data for `classes` classes, or with 0 a regression; 5 features."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 5)).astype(dtype)
    y = np.sin(X[:, 0]) + X[:, 1] * X[:, 2]
    if classes:
        y = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))
    cuts = (6 * n // 10, 8 * n // 10)
    parts = [
        part
        for pair in zip(np.split(X, cuts), np.split(y, cuts), strict=True)
        for part in pair
    ]
    names = tuple(str(c) for c in range(classes)) if classes else None
    return Dataset(
        *parts, name="small", feature_names=tuple("abcde"), target_names=names
    )


def largest_difference(one, other):
    """Return the largest difference between the weights of two networks."""
    return max(
        float((a.detach().cpu() - b.detach().cpu()).abs().max())
        for a, b in zip(one.parameters(), other.parameters(), strict=True)
    )


@pytest.fixture
def small():
    return make_data()


@pytest.fixture
def values():
    return make_data(classes=0)
