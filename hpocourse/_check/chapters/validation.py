"""The tasks of the chapter on validation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Drawn, Variant, faults, task


@task(
    "validation/1",
    N_("Two sets, two uses: one chooses, the other one measures."),
    N_("`np.argmax` gives the place of the largest score."),
    N_("Look only one number up in `test`: that of the chosen configuration."),
    variant=Variant(
        "first",
        range(101, 1000, 100),
        N_("the configurations are numbered from {first} on, not from 0."),
        {"return chosen,": "return {first} + chosen,"},
    ),
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


@task(
    "validation/2",
    N_("First shuffle the row numbers, then cut them into k parts."),
    N_("`np.random.default_rng(seed).permutation(n)` shuffles repeatably."),
    N_("`np.array_split` also cuts where n is no multiple of k."),
)
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


@task(
    "validation/3",
    N_("What may a model know about a fold's validation rows? Nothing."),
    N_("A `Pipeline` fits its scaler again each time that it is fitted."),
    N_(
        "In each fold: a new "
        "`make_pipeline(StandardScaler(), KNeighborsClassifier(...))`."
    ),
    variant=Variant(
        "neighbors",
        (1, 3, 7, 9, 11, 13),
        N_("the model is `KNeighborsClassifier({neighbors})`."),
        {"KNeighborsClassifier(5)": "KNeighborsClassifier({neighbors})"},
    ),
)
@faults(
    N_("This is the mean: one accuracy per fold is expected."),
    N_("The scaler saw the validation rows: fit it on the training rows."),
    N_("The features were not scaled."),
    N_("This was measured on the rows of training."),
)
def _fold_accuracies(rng: np.random.Generator, neighbors: int = 5) -> Drawn | None:
    y = rng.integers(0, 2, size=60)
    X = rng.normal(size=(60, 3)) * [1.0, 30.0, 1.0]
    X[:, 0] += 3 * y
    parts = np.array_split(rng.permutation(60), 4)
    X[parts[1][:2], 0] = 4000.0  # who scales with these loses the signal
    folds = [(np.setdiff1d(np.arange(60), part), part) for part in parts]
    right = _scores(X, y, folds, neighbors)
    if neighbors != 5 and right == _scores(X, y, folds, 5):
        return None  # the course's own solution would pass
    return (X, y, folds), [
        right,
        np.mean(right),
        _scores(X, y, folds, neighbors, scale="all"),
        _scores(X, y, folds, neighbors, scale="none"),
        _scores(X, y, folds, neighbors, on_train=True),
    ]
