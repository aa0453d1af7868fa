"""The tasks of the chapter on random search."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import Task


def _trials_needed(answer: Any) -> None:
    rng = np.random.default_rng()

    def trials(share: float, missed: float = 0.05) -> int:
        return math.ceil(math.log(missed) / math.log1p(-share))

    for _round in range(3):
        k, decades, end = (int(each) for each in rng.integers([4, 6, 95], [7, 9, 106]))
        low, high, a, b = 1 / 10**k, 10.0 ** (decades - k), 9 / 10**k, end / 10**k
        share, to_b = math.log10(b / a) / decades, math.log10(b / low) / decades
        by_length = trials((b - a) / (high - low))
        Call(answer, low, high, a, b).judge(
            trials(share),
            (trials(share) - 1, _("One trial more, and 0.95 is reached.")),
            (by_length, _("Log-uniform: orders of magnitude count, not lengths.")),
            (trials(to_b), _("Values between low and a are no hits.")),
            (math.ceil(0.95 / share), _("Chances of several trials do not add.")),
            (trials(share, 0.95), _("0.95 is to hit, not to miss.")),
        )


def _trials_needed_hints() -> tuple[str, ...]:
    return (
        _("First the share p: how likely does one trial fall between a and b?"),
        _("n trials all miss with the chance (1 − p)ⁿ. When is it at most 0.05?"),
        _("Take logarithms of both sides; `math.ceil` rounds up."),
    )


def _optimism(answer: Any) -> None:
    rng = np.random.default_rng()
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


def _optimism_hints() -> tuple[str, ...]:
    return (
        _("Which trial does each search choose, and by which of the two errors?"),
        _("`valid[:, :n].argmin(axis=1)` gives the place of each search's winner."),
        _("`errors[np.arange(len(errors)), places]` takes one error of each row."),
    )


def _decided(answer: Any) -> None:
    rng = np.random.default_rng()
    # Holm compares with 0.05/6, 0.05/5, …: the second passes by Holm alone, the third
    # fails, the fourth would pass if the third had not failed.
    low = [0.001, 0.0087, 0.0135, 0.0162, 0.03, 0.1]
    high = [0.005, 0.0097, 0.016, 0.0166, 0.04, 0.9]
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


def _decided_hints() -> tuple[str, ...]:
    return (
        _("From the smallest value to the largest: times m, times m − 1, …"),
        _("Once a value is undecided, all the larger ones are, too."),
        _("`np.argsort(p_values)` gives the places in increasing order."),
    )


TASKS = {
    "1": Task(_trials_needed, _trials_needed_hints),
    "2": Task(_optimism, _optimism_hints),
    "3": Task(_decided, _decided_hints),
}
