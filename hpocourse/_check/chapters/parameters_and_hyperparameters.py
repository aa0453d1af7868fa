"""The tasks of the chapter on parameters and hyperparameters."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Variant, task


@task(
    "parameters-and-hyperparameters/1",
    N_("Begin with one layer: how many weights join `a` inputs to `b` neurons?"),
    N_("A layer of `b` neurons with `a` inputs has `a * b` weights and `b` biases."),
    N_("`zip(widths, widths[1:])` goes through the layers."),
    variant=Variant(
        "networks",
        range(2, 20),
        N_("{networks} such networks answer together: count those of all."),
        {"return sum(": "return {networks} * sum("},
    ),
)
def _count_parameters(answer: Any, rng: np.random.Generator, networks: int = 1) -> None:
    for depth in (2, 3, 4):
        widths = [int(n) for n in 10 * rng.choice(np.arange(2, 20), depth, False) + 1]
        weights = networks * sum(a * b for a, b in pairwise(widths))
        biases = networks * sum(widths[1:])
        Call(answer, widths).judge(
            weights + biases,
            (weights, _("The biases are missing: one for each neuron.")),
            (weights + networks * sum(widths), _("The inputs have no biases.")),
            (
                weights + networks * (len(widths) - 1),
                _("Each neuron has a bias of its own, not each layer."),
            ),
            (biases, _("These are the biases alone.")),
        )


@task(
    "parameters-and-hyperparameters/2",
    N_("Count the batches of one epoch first."),
    N_("How many batches do 10 rows make, in batches of 4?"),
    N_("`math.ceil` rounds up."),
)
def _count_updates(answer: Any, rng: np.random.Generator) -> None:
    for _round in range(3):
        batch, epochs = int(rng.integers(20, 60)), int(rng.integers(3, 9))
        full = int(rng.integers(10, 30))
        n = full * batch + batch // 2  # the last batch is half full
        Call(answer, n, batch, epochs).judge(
            (full + 1) * epochs,
            (full * epochs, _("The last batch, not full, is an update, too.")),
            (full + 1, _("This is one epoch.")),
            (
                -(-n * epochs // batch),
                _("Batches do not cross epochs: round up in each epoch."),
            ),
            (n * epochs, _("An update takes a batch, not a single row.")),
        )
    Call(answer, 1000, 100, 2).judge(
        20, (22, _("Where n is a multiple of the batch, no batch is left over."))
    )


@task(
    "parameters-and-hyperparameters/3",
    N_("Which of the two scores was measured on rows that the model has not seen?"),
    N_("`np.argmax` gives a place; what stands there in `values`?"),
)
def _choose(answer: Any, rng: np.random.Generator) -> None:
    for _round in range(3):
        values = 1.5 * 10.0 ** np.arange(-2, 5)  # none is a place in the list
        train = (0.3 + np.cumsum(rng.uniform(0.05, 0.09, 7))).round(3)
        place, k = int(rng.integers(2, 5)), np.arange(7)
        # The smallest gap is at 1, the worst model at 0, the best between.
        valid = train - 0.01 * k - 0.25 * (k == 0) - 0.1 * np.maximum(0, k - place)
        order = rng.permutation(7)
        values, train, valid = values[order], train[order], valid[order].round(3)
        best = int(valid.argmax())
        gap = int((train - valid).argmin())
        # Lists, as the task says: what only an array can do raises here.
        Call(answer, values.tolist(), train.tolist(), valid.tolist()).judge(
            values[best],
            (
                values[train.argmax()],
                _("The training score only grows: it chooses what memorizes most."),
            ),
            (best, _("This is the place in the list: return the value.")),
            (valid[best], _("This is the score: return the hyperparameter's value.")),
            (
                values[gap],
                _("A small gap between two scores makes no good model."),
            ),
            (values[valid.argmin()], _("This is the worst one: higher is better.")),
        )


@task(
    "parameters-and-hyperparameters/4",
    N_("The gradient of the mean squared error is 2/n · Xᵀ(Xw − y)."),
    N_("Begin with a `w` of one number for each column, and loop over the steps."),
    N_("In each step: `w = w - rate * gradient`."),
    variant=Variant(
        "start",
        (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5),
        N_("the descent begins with every number in $w$ at {start}, not at 0."),
        {"np.zeros(X.shape[1])": "np.full(X.shape[1], {start})"},
    ),
)
def _descend(answer: Any, rng: np.random.Generator, start: float = 0) -> None:
    def run(rate: float, steps: int) -> np.ndarray:
        w = np.full(X.shape[1], float(start))
        for _step in range(steps):
            w = w - rate * 2 * X.T @ (X @ w - y) / len(y)
        return w

    for _round in range(3):
        X = rng.normal(size=(40, 3))
        y = X @ rng.uniform(1, 3, size=3) + 0.1 * rng.normal(size=40)
        rate, steps = float(rng.choice([0.01, 0.02, 0.05])), int(rng.integers(4, 9))
        Call(answer, X, y, rate, steps).judge(
            run(rate, steps),
            (run(-rate, steps), _("The loss grows: step against the gradient.")),
            (run(rate, 1), _("This is one step only.")),
            (run(rate / 2, steps), _("The derivative of the square has a factor 2.")),
            (
                run(rate * len(y), steps),
                _("The loss is a mean: divide the gradient by the number of rows."),
            ),
            (run(0.1, steps), _("The learning rate that was given is not used.")),
        )
