"""The tasks of the chapter on random search."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call, decimal
from .._task import N_, Variant, task


@task(
    "random-search/1",
    N_("First the share p: how likely does one trial fall between a and b?"),
    N_("n trials all miss with the chance (1 − p)ⁿ. How large may it be?"),
    N_("Take logarithms of both sides; `math.ceil` rounds up."),
    variant=Variant(
        "chance",
        (0.7, 0.8, 0.85, 0.9, 0.98, 0.99),
        N_("the chance is to reach {chance}, not 0.95."),
        {"math.log(0.05)": "math.log(1 - {chance})"},
    ),
)
def _trials_needed(answer: Any, rng: np.random.Generator, chance: float = 0.95) -> None:
    def trials(share: float, chance: float = chance) -> int:
        return math.ceil(math.log(1 - chance) / math.log1p(-share))

    written = decimal(chance)
    for _round in range(3):
        k, decades, end = (int(each) for each in rng.integers([4, 6, 95], [7, 9, 106]))
        low, high, a, b = 1 / 10**k, 10.0 ** (decades - k), 9 / 10**k, end / 10**k
        share, to_b = math.log10(b / a) / decades, math.log10(b / low) / decades
        by_length = trials((b - a) / (high - low))
        Call(answer, low, high, a, b).judge(
            trials(share),
            (
                trials(share) - 1,
                _("One trial more, and {chance} is reached.").format(chance=written),
            ),
            (by_length, _("Log-uniform: orders of magnitude count, not lengths.")),
            (trials(to_b), _("Values between low and a are no hits.")),
            (math.ceil(chance / share), _("Chances of several trials do not add.")),
            (
                trials(share, 1 - chance),
                _("{chance} is to hit, not to miss.").format(chance=written),
            ),
        )


@task(
    "random-search/2",
    N_("Which trial does each search choose, and by which of the two errors?"),
    N_("`errors.argmin(axis=1)` gives the place of the smallest error of each row."),
    N_("`errors[np.arange(len(errors)), places]` takes one error of each row."),
)
def _optimism(answer: Any, rng: np.random.Generator) -> None:
    truth = rng.uniform(3, 6, size=(30, 20)).round(3)
    valid = (truth + rng.normal(size=truth.shape)).round(3)
    n, rows = int(rng.integers(5, 10)), np.arange(30)
    gaps, tried, true = truth - valid, valid[:, :n], truth[:, :n]
    right = gaps[rows, tried.argmin(axis=1)].mean()
    by_truth = gaps[rows, true.argmin(axis=1)].mean()
    lowest = (true.min(axis=1) - tried.min(axis=1)).mean()
    Call(answer, valid, truth, n).judge(
        right,
        (-right, _("The sign: the true error minus the one of validation.")),
        (gaps[rows, valid.argmin(axis=1)].mean(), _("Only n trials were made.")),
        (by_truth, _("No search knows the true errors: it cannot choose by them.")),
        (lowest, _("The two errors must be of the same configuration.")),
        (gaps[:, :n].mean(), _("Of each search, only the winner counts.")),
    )


@task(
    "random-search/3",
    N_("From the smallest value to the largest: times m, times m − 1, …"),
    N_("Once a value is undecided, all the larger ones are, too."),
    N_("`np.argsort(p_values)` gives the places in increasing order."),
    variant=Variant(
        "level",
        (0.01, 0.02, 0.03, 0.08, 0.1),
        N_("the level is {level}, not 0.05."),
        {"corrected < 0.05": "corrected < {level}"},
    ),
)
def _decided(answer: Any, rng: np.random.Generator, level: float = 0.05) -> None:
    # Holm compares with level/6, level/5, …: the second passes by Holm alone, the
    # third fails, the fourth would pass if the third had not failed.
    low = level * np.array([0.02, 0.174, 0.27, 0.324, 0.6, 2])
    high = level * np.array([0.1, 0.194, 0.32, 0.332, 0.8, 9])
    for _round in range(3):
        order = np.append(rng.permutation(np.arange(1, 6)), 0)  # never sorted already
        values = rng.uniform(low, high).round(5)[order]
        Call(answer, values.tolist()).judge(
            order < 2,
            (order < 5, _("Six comparisons, each with its risk: correct for them.")),
            (order < 1, _("All times m is Bonferroni: Holm lowers the factor.")),
            (order < 3, _("The smallest value takes the largest factor.")),
            (np.isin(order, [0, 1, 3]), _("A corrected value never decreases.")),
            (np.arange(6) < 2, _("Answer in the order in which the values came.")),
        )
