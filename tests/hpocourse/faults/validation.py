"""Usual faults in the answers, and right answers that look different."""

import re

import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler


def split(rows, k):
    return np.array_split(np.array(rows), k)


def shuffled(n, seed):
    return np.random.default_rng(seed).permutation(n)


def equal_folds(n, k, seed):
    size = n // k
    rows = shuffled(n, seed)
    return [rows[i * size : (i + 1) * size] for i in range(k)]


def overlapping(n, k, seed):
    return [*split(shuffled(n, seed), k)[1:], np.arange(n // k)]


def one_large(n, k, seed):
    folds = equal_folds(n, k, seed)
    rest = np.setdiff1d(np.arange(n), np.concatenate(folds))
    moved, folds[0] = folds[0][:2], folds[0][2:]
    folds[-1] = np.concatenate([folds[-1], rest, moved])
    return folds


def accuracies(scale, measure="valid"):
    def fold_accuracies(X, y, folds):
        scores = []
        for train, valid in folds:
            scaler = StandardScaler().fit(X if scale == "all" else X[train])
            ours = scaler.transform(X) if scale != "none" else X
            model = KNeighborsClassifier(5).fit(ours[train], y[train])
            rows = train if measure == "train" else valid
            scores.append(model.score(ours[rows], y[rows]))
        return np.mean(scores) if measure == "mean" else scores

    return fold_accuracies


FAULTS = {
    "validation/1": [
        (lambda v, t: (np.argmax(v), max(v)), "optimistic"),
        (lambda v, t: (np.argmax(t), max(t)), "used to choose"),
        (lambda v, t: (np.argmax(v), max(t)), "another configuration"),
        (lambda v, t: (np.argmin(v), t[np.argmin(v)]), "the worst one"),
        (lambda v, t: t[np.argmax(v)], re.escape("The shape expected is (2,)")),
    ],
    "validation/2": [
        (equal_folds, "is in no fold"),
        (overlapping, "more than one fold"),
        (one_large, "may differ by one"),
        (lambda n, k, s: split(range(n), k), "not shuffled"),
        (lambda n, k, s: [range(n)[i::k] for i in range(k)], "not shuffled"),
        (lambda n, k, s: split(shuffled(n, None), k), "other folds the second time"),
        (lambda n, k, s: split(shuffled(n, 0), k), "gave the same folds"),
        (lambda n, k, s: split(shuffled(n, s), k + 1), "folds are expected"),
        (lambda n, k, s: split(shuffled(n, s) + 1, k), "is in no fold"),
        (lambda n, k, s: split(range(n + 1), k), "numbered from 0"),
        (lambda n, k, s: n, "A list of folds"),
        (lambda n, k, s: "abc", "A list of folds"),
    ],
    "validation/3": [
        (accuracies("all"), "saw the validation rows"),
        (accuracies("none"), "were not scaled"),
        (accuracies("train", "train"), "on the rows of training"),
        (accuracies("train", "mean"), "This is the mean"),
    ],
}

ALIKE = [
    ("validation/1", list),
    ("validation/1", np.array),
    ("validation/2", lambda folds: [sorted(map(int, fold)) for fold in folds]),
    ("validation/2", lambda folds: folds[::-1]),
    ("validation/3", lambda scores: np.array(scores) + 1e-12),
]
