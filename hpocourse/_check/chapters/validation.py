"""The tasks of the chapter on validation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call, same
from .._task import Task


def _rows(call: Call, k: int) -> list[list[int]]:
    """Return the folds that came back as lists of row numbers."""
    try:
        folds = [[int(row) for row in fold] for fold in call.seen]
    except (TypeError, ValueError):
        raise call.wrong(
            _("A list of folds is expected, each a list of rows.")
        ) from None
    if len(folds) != k:
        text = _("{k} folds are expected, there are {seen}.")
        raise call.wrong(text.format(k=k, seen=len(folds)))
    return folds


def _make_folds(answer: Any, rng: np.random.Generator) -> None:
    for _round in range(3):
        k = int(rng.integers(3, 7))
        n, seed = 20 * k + int(rng.integers(1, k)), int(rng.integers(1000))
        call = Call(answer, n, k, seed)
        folds = _rows(call, k)
        rows = sorted(row for fold in folds for row in fold)
        if len(rows) > len(set(rows)):
            raise call.wrong(_("A row stands in more than one fold."))
        if missing := set(range(n)) - set(rows):
            text = _("Row {row} is in no fold: what does {n} / {k} give?")
            raise call.wrong(text.format(row=min(missing), n=n, k=k))
        if set(rows) != set(range(n)):
            text = _("The rows are numbered from 0 to {last}.")
            raise call.wrong(text.format(last=n - 1))
        sizes = sorted(map(len, folds))
        if sizes[-1] - sizes[0] > 1:
            text = _("The sizes of the folds may differ by one, they are {sizes}.")
            raise call.wrong(text.format(sizes=sizes))
        runs = sum(abs(a - b) in (1, k) for f in folds for a, b in pairwise(f))
        if runs > 0.8 * (n - k):
            raise call.wrong(_("The rows were not shuffled before they were cut."))
        if _rows(Call(answer, n, k, seed), k) != folds:
            raise call.wrong(_("The same seed gave other folds the second time."))
        if _rows(Call(answer, n, k, seed + 1), k) == folds:
            raise call.wrong(_("Another seed gave the same folds: is it used?"))


def _make_folds_hints() -> tuple[str, ...]:
    return (
        _("First shuffle the row numbers, then cut them into k parts."),
        _("`np.random.default_rng(seed).permutation(n)` shuffles repeatably."),
        _("`np.array_split` also cuts where n is no multiple of k."),
    )


def _scores(
    X: np.ndarray,
    y: np.ndarray,
    folds: list[Any],
    neighbors: int,
    *,
    scale: str = "train",
    on_train: bool = False,
) -> list[float]:
    """Return the accuracy in each fold, with the scaler fitted on certain rows."""
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler

    scores = []
    for train, valid in folds:
        ours = X
        if scale != "none":
            ours = StandardScaler().fit(X if scale == "all" else X[train]).transform(X)
        model = KNeighborsClassifier(neighbors).fit(ours[train], y[train])
        rows = train if on_train else valid
        scores.append(float(model.score(ours[rows], y[rows])))
    return scores


def _fold_accuracies(answer: Any, rng: np.random.Generator, neighbors: int = 5) -> None:
    while True:  # until each fault shows
        y = rng.integers(0, 2, size=60)
        X = rng.normal(size=(60, 3)) * [1.0, 30.0, 1.0]
        X[:, 0] += 3 * y
        parts = np.array_split(rng.permutation(60), 4)
        X[parts[1][:2], 0] = 4000.0  # who scales with these loses the signal
        folds = [(np.setdiff1d(np.arange(60), part), part) for part in parts]
        right = _scores(X, y, folds, neighbors)
        leaked = _scores(X, y, folds, neighbors, scale="all")
        raw = _scores(X, y, folds, neighbors, scale="none")
        seen = _scores(X, y, folds, neighbors, on_train=True)
        values = [right, leaked, raw, seen, [float(np.mean(right))] * 4]
        if neighbors != 5:
            values.append(_scores(X, y, folds, 5))
        if len({tuple(np.round(value, 6)) for value in values}) == len(values):
            break
    call = Call(answer, X, y, folds)
    if same(call.seen, np.mean(right)):
        raise call.wrong(_("This is the mean: one accuracy per fold is expected."))
    call.judge(
        right,
        (leaked, _("The scaler saw the validation rows: fit it on the training rows.")),
        (raw, _("The features were not scaled.")),
        (seen, _("This was measured on the rows of training.")),
    )


def _fold_accuracies_hints() -> tuple[str, ...]:
    return (
        _("What may a model know about a fold's validation rows? Nothing."),
        _("A `Pipeline` fits its scaler again each time that it is fitted."),
        _("In each fold: `make_pipeline(StandardScaler(), KNeighborsClassifier(5))`."),
    )


def _report(answer: Any, rng: np.random.Generator, first: int = 0) -> None:
    for _round in range(3):
        valid = rng.permutation(np.linspace(0.80, 0.92, 8)).round(3)
        test = rng.permutation(np.linspace(0.78, 0.90, 8)).round(3)
        best, low = int(valid.argmax()), int(valid.argmin())
        other = int(rng.choice(np.setdiff1d(np.arange(8), [best, low])))
        test[best], test[other] = 0.85, 0.95
        # Lists, as the task says: what only an array can do raises here.
        call = Call(answer, valid.tolist(), test.tolist())
        call.judge(
            (first + best, test[best]),
            (
                (first + best, valid[best]),
                _("A score that served to choose is optimistic: report the other."),
            ),
            ((first + other, test[other]), _("The test set was used to choose.")),
            (
                (first + best, test.max()),
                _("This is the test score of another configuration."),
            ),
            ((first + low, test[low]), _("This is the worst one: higher is better.")),
        )


def _report_hints() -> tuple[str, ...]:
    return (
        _("Two sets, two uses: one chooses, the other one measures."),
        _("`np.argmax` gives the place of the largest score."),
        _("Look only one number up in `test`: that of the chosen configuration."),
    )


TASKS = {
    "1": Task(_report, _report_hints),
    "2": Task(_make_folds, _make_folds_hints),
    "3": Task(_fold_accuracies, _fold_accuracies_hints),
}
