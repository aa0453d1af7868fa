"""The tasks of the chapter on short trainings first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import Task


def _rank_correlation(answer: Any, rng: np.random.Generator) -> None:
    for n in (5, 7, 9):
        while True:  # until each fault shows
            early, late = rng.lognormal(size=(2, n)).round(2)
            ranks = [losses.argsort().argsort() for losses in (early, late)]
            gaps = np.subtract(*ranks)
            share = (gaps**2).sum() / (n * (n**2 - 1))
            places = early.argsort() - late.argsort()
            right, *wrongs = values = [
                1 - 6 * share,
                np.corrcoef(early, late)[0, 1],
                1 - 6 * (places**2).sum() / (n * (n**2 - 1)),
                1 - share,
                6 * share,
                1 - 6 * np.abs(gaps).sum() / (n * (n**2 - 1)),
            ]
            if len({*np.round(values, 3)}) == 6 and len({*early, *late}) == 2 * n:
                break
        diagnoses = (
            _("This is the correlation of the losses, not of their ranks."),
            _("`argsort` says who is first, not which rank each one has."),
            _("In the formula, the sum is multiplied by 6."),
            _("The fraction is subtracted from 1: the same order gives 1."),
            _("The differences of the ranks are squared."),
        )
        wrong = zip(wrongs, diagnoses, strict=True)
        Call(answer, early.tolist(), late.tolist()).judge(right, *wrong)


def _rank_correlation_hints() -> tuple[str, ...]:
    return (
        _("The rank of a loss is 1 plus the number of smaller losses."),
        _("In ranks, nothing is left of how far apart two losses are."),
        _("With n networks, 1 comes out for the same order, and −1 for the opposite."),
    )


def _safe(losses: np.ndarray, eta: int, spare: int = 0, up: int = 0) -> list[bool]:
    """Return for each epoch whether the best of the last one would stay."""
    ahead = (losses < losses[losses[:, -1].argmin()]).sum(axis=0)
    return [*(ahead < (len(losses) + up) // eta + spare)]


def _from(stays: list[bool]) -> int:
    """Return the epoch from which on it always does."""
    return len(stays) - [*reversed(stays), False].index(False) + 1


def _safe_epoch(answer: Any, rng: np.random.Generator, spare: int = 0) -> None:
    diagnoses = (
        _("Columns count from 0: epoch 1 is the first one."),
        _("In a later epoch it is out again: it must stay in all that follow."),
        _("The network that ends best is asked for, not the one that starts best."),
        _("The share is rounded down."),
        _("Lower is better: these are losses."),
    )
    for eta, n in ((3, 14), (2, 13), (4, 18)):
        while True:  # until each fault shows
            steps = rng.normal(0, 0.25, size=(n, 12)).cumsum(axis=1)
            losses = (2 + steps - steps[:, -1:] + rng.normal(0, 0.2, (n, 1))).round(4)
            stays = _safe(losses, eta, spare)
            first = losses[losses[:, 0].argmin()]
            ahead = (losses < first).sum(axis=0)
            right, *wrongs = epochs = [
                _from(stays),
                _from(stays) - 1,
                stays.index(True) + 1,
                _from([*(ahead < n // eta + spare)]),
                _from(_safe(losses, eta, spare, up=eta - 1)),
                _from(_safe(-losses, eta, spare)),
            ]
            if len({*epochs}) == len(epochs) and len({*losses.flat}) == losses.size:
                break
        wrong = zip(wrongs, diagnoses, strict=True)
        Call(answer, losses, eta).judge(right, *wrong)


def _safe_epoch_hints() -> tuple[str, ...]:
    return (
        _("Which row has the lowest loss in the last column?"),
        _("How many networks are ahead of it at each epoch?"),
        _("Go back from the last epoch, as long as it stays."),
    )


def _halve(losses: np.ndarray, eta: int, shift: int = -1, lost: bool = False) -> int:
    """Return who is left; `lost`: places among those left are taken for rows."""
    rows, epoch = np.arange(len(losses)), 1
    while len(rows) > 1:
        order = losses[rows, epoch + shift].argsort()[: len(rows) // eta]
        rows, epoch = order if lost else rows[order], epoch * eta
    return int(rows[0])


def _halving(answer: Any, rng: np.random.Generator, cost: int = 0) -> None:
    diagnoses = (
        _("Places among those who are left are no rows of `losses`."),
        _("Columns count from 0: epoch 1 is the first one."),
        _("At a rung, only the losses up to its epoch are known."),
        _("Lower is better: these are losses."),
    )
    for eta, rungs in ((3, 3), (2, 4)):
        n = eta**rungs
        while True:  # until each fault shows
            losses = rng.uniform(0.1, 2, size=(n, n))
            ends = np.tile(losses[:, -1:], n)
            right, *wrongs = rows = [
                _halve(losses, eta),
                _halve(losses, eta, lost=True),
                _halve(losses, eta, shift=0),
                _halve(ends, eta),
                _halve(-losses, eta),
            ]
            if len({*rows}) == len(rows):
                break
        last = n - n // eta  # what the epochs between two rungs cost together
        spent = n + rungs * last + cost * (n - 1) // (eta - 1)
        pairs = [(row, spent) for row in wrongs]
        Call(answer, losses, eta).judge(
            (right, spent),
            *zip(pairs, diagnoses, strict=True),
            ((right, spent + rungs * (n - last)), _("Nobody starts again at a rung.")),
            (
                (right, spent - last - cost),
                _("The last one trains on to the end, too."),
            ),
            (right, _("Return a pair: the row, and the epochs spent.")),
        )


def _halving_hints() -> tuple[str, ...]:
    return (
        _("Keep the rows of those who are left, and the epoch that they reached."),
        _("`rows[order]` turns places among those who are left into rows."),
        _("From a rung to the next, each one pays the difference of the two epochs."),
    )


TASKS = {
    "1": Task(_rank_correlation, _rank_correlation_hints),
    "2": Task(_safe_epoch, _safe_epoch_hints),
    "3": Task(_halving, _halving_hints),
}
