"""The tasks of the chapter on training a network."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Variant, task


@task(
    "training-a-network/1",
    N_("From which images may the two numbers come?"),
    N_("`mean()` and `std()` without `axis` look at all the pixels together."),
    variant=Variant(
        "added",
        (0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
        N_(
            "{added} is added to the deviation before the division: a constant image "
            "would have none."
        ),
        {"X_train.std()": "(X_train.std() + {added})"},
    ),
)
def _standardize(answer: Any, rng: np.random.Generator, added: float = 0) -> None:
    train = rng.uniform(0, [0.2, 0.5, 1.0], size=(9, 3)).round(2)
    valid = rng.uniform(0, [0.5, 1.0, 0.2], size=(4, 3)).round(2)

    def scaled(by: np.ndarray, axis: int | None = None) -> np.ndarray:
        return (valid - by.mean(axis=axis)) / (by.std(axis=axis) + added)

    Call(answer, train, valid).judge(
        scaled(train),
        (scaled(valid), _("Validation images cannot choose their own scale.")),
        (scaled(np.vstack([train, valid])), _("Leakage: only training images count.")),
        (scaled(train, 0), _("One mean and one deviation for all pixels.")),
        (valid - train.mean(), _("The division by the deviation is missing.")),
        (
            (valid - train.mean()) / (train.var() + added),
            _("This is divided by the variance."),
        ),
        (
            (train - train.mean()) / (train.std() + added),
            _("Return the validation images."),
        ),
    )


@task(
    "training-a-network/2",
    N_("There are two cases: what does each mode do?"),
    N_(
        "`np.where(dropped, a, b)` takes `a` where an output is dropped, `b` elsewhere."
    ),
    N_("With p = 0.5 half is dropped, and the rest doubles. With p = 0.2?"),
    variant=Variant(
        "value",
        range(-9, 0),
        N_("what is dropped becomes {value}, not 0."),
        {
            "dropped, 0, outputs) / (1 - p)": "dropped, {value}, outputs / (1 - p))",
        },
    ),
)
def _dropout(answer: Any, rng: np.random.Generator, value: float = 0) -> None:
    for training in (True, False, True):
        outputs, p = rng.uniform(1, 3, size=6).round(2), float(rng.choice([0.2, 0.4]))
        dropped = rng.permutation([True, True, False, False, False, False])

        def kept(factor: float, rows: Any = outputs, gone: Any = dropped) -> Any:
            return np.where(gone, value, factor * rows)

        Call(answer, outputs, dropped, p, training).judge(
            kept(1 / (1 - p)) if training else outputs,
            (kept(1), _("In training the outputs that stay grow: the mean must stay.")),
            (kept(1 / p), _("p is the share that is dropped, not the one that stays.")),
            (kept(1 - p), _("What stays has to grow, not to shrink.")),
            (
                kept(1 / (1 - p), gone=~dropped),
                _("True in `dropped` means: is dropped."),
            ),
            (outputs, _("In training dropout acts: look at `training`.")),
            (kept(1 / (1 - p)), _("In evaluation dropout does nothing.")),
            (outputs * (1 - p), _("In evaluation nothing is scaled.")),
        )


@task(
    "training-a-network/3",
    N_("Keep two things: the lowest loss so far, and the weights that had it."),
    N_("`best = weights` is a second name. What makes a second array?"),
)
def _keep_best(answer: Any, rng: np.random.Generator) -> None:
    extra = int(rng.integers(3))
    # Rises before the best epoch, and falls lower after the last one asked for.
    losses = [0.7, 0.5, 0.9, *[0.6] * extra, 0.4, 0.2, 0.3, 0.35, 0.1]
    epochs, best = 7 + extra, 5 + extra
    step = np.append(1, rng.uniform(1, 2, size=2).round(2))

    def train_epoch(weights: np.ndarray) -> float:
        weights += step
        return losses[round(weights[0]) - 1]

    Call(answer, train_epoch, np.zeros(3), epochs).judge(
        best * step,
        (epochs * step, _("The last weights. Is a copy kept, or the same array?")),
        (2 * step, _("After a rise, the loss may fall again: use all epochs.")),
        (3 * step, _("This is the highest loss.")),
        ((best - 1) * step, _("The loss is of the weights after the epoch.")),
        ((epochs + 1) * step, _("One epoch too many.")),
        (losses[best - 1], _("This is the loss: return the weights.")),
    )
