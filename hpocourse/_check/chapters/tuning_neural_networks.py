"""The tasks of the chapter on tuning neural networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Drawn, Variant, faults, task


@task(
    "tuning-neural-networks/1",
    N_("Who always answers zero errs by |y|: what is the mean of that?"),
    N_("`nan > 3` is False, and so is `nan <= 3`: count these by `np.isnan`."),
    variant=Variant(
        "part",
        (4, 6, 8, 10, 12, 15),
        N_(
            "a network has learned if its MAE is at most the reference divided by "
            "{part}, not by five."
        ),
        {"zero_mae / 5": "zero_mae / {part}"},
    ),
)
def _count_outcomes(answer: Any, rng: np.random.Generator, part: int = 5) -> None:
    def counts(zero: float, nan: int = 2) -> list[int]:
        learned, diverged = sum(scores <= zero / part), sum(scores > zero)
        return [learned, len(scores) - 2 - learned - diverged, diverged + nan]

    for _round in range(3):
        y = rng.normal(0, rng.uniform(8, 12), 200)
        y += 2 - y.mean()  # small, so that cancelled signs show each time
        zero = abs(y).mean()
        bounds = np.array([0.5, 0.95, 1.05]) / part
        sizes = np.repeat([*bounds, 0.5, 1.05, 30, np.nan], [4, 1, 1, 3, 1, 1, 2])
        scores = zero * rng.permutation(sizes)
        Call(answer, scores.tolist(), y).judge(
            counts(zero),
            (counts(zero, nan=0), _("A network that answers nan diverged, too.")),
            (counts(y.std()), _("Neither squares nor deviations: a mean of sizes.")),
            (counts(y.mean()), _("Signs cancel in the mean of y: take its sizes.")),
            (counts(zero)[::-1], _("The counts stand in the other order.")),
        )


@task(
    "tuning-neural-networks/2",
    N_("Two steps: choose in the rows of seed 0, then measure in the others."),
    N_("`frame.loc[frame['val_mae'].idxmin()]` is the row of the smallest value."),
    variant=Variant(
        "searched",
        (1, 2, 3),
        N_("the search used seed {searched} only; seed 0 is one of the others."),
        {
            'trials["seed"] == 0': 'trials["seed"] == {searched}',
            'trials["seed"] > 0': 'trials["seed"] != {searched}',
        },
    ),
)
@faults(
    N_("The search's seed served to choose: leave it out."),
    N_("What is delivered is the last epoch, not the best."),
    N_("The rows are not sorted: the last row is not the last epoch."),
    N_("The tuner chose by the best epoch, not by the last."),
    N_("Choose by the search's seed only: it saw no other."),
)
def _honest_score(rng: np.random.Generator, searched: int = 0) -> Drawn:
    import pandas as pd

    seeds = [searched, *np.setdiff1d(range(4), [searched])]
    index = pd.MultiIndex.from_product([range(4), seeds, range(1, 7)])
    curves = rng.uniform(1, 3, (4, 4, 6))
    first, second, third = rng.permutation(4)[:3]
    curves[first, 0, 2], curves[second, 0, 5] = 0.5, 0.8
    curves[first, 1:, 1], curves[third, 2, 3] = 0.7, 0.1
    rows = pd.Series(curves.ravel(), index.set_names(["trial", "seed", "epoch"]))
    rows = rows.rename("val_mae").reset_index().sample(frac=1, random_state=rng)
    again = rows.query("trial == @first and seed != @searched").groupby("seed")
    ends = [(trial, curve[1:, -1].mean()) for trial, curve in enumerate(curves)]
    return (rows,), [
        ends[first],
        (first, curves[first, :, -1].mean()),
        (first, again["val_mae"].min().mean()),
        (first, again["val_mae"].last().mean()),
        ends[second],
        ends[third],
    ]


@task(
    "tuning-neural-networks/3",
    N_("In epoch n, two numbers are compared: `min(curve[:n])`, and a median."),
    N_("The median is that of the values that the others had in the same epoch."),
)
def _epochs_trained(answer: Any, rng: np.random.Generator) -> None:
    middle = np.array([8, 7, 6, 5.5, 4.5, 3.5, 3, 3])
    diverged = [12, 12, 12, 12, 12, 12, 4, 4]
    rows = np.array([[2.5] * 8, middle - 0.2, middle, middle + 0.5, diverged])
    for _round in range(3):
        scale = rng.uniform(0.5, 2)
        done = (scale * rng.permutation(rows)).round(3).tolist()
        curve = (scale * np.array([9, 4, 4.5, 7, 5, 6, 5, 4.2])).round(3).tolist()
        Call(answer, done, curve, 4, 3).judge(
            6,
            (7, _("This is the mean: one curve that diverged would decide.")),
            (1, _("Before the epoch `warmup`, nothing is pruned.")),
            (4, _("The trial's best value so far counts, not its last one.")),
            (3, _("Half of the trials may be better: take the median.")),
            (5, _("The epochs count from 1.")),
        )
        Call(answer, done, curve, 6, 3).judge(
            8, (6, _("With fewer than `startup` trials, nothing is pruned."))
        )
