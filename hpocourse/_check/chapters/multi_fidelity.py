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


def _promote(losses: np.ndarray, eta: int, least: int = 1, up: int = 0) -> list[int]:
    """Return who goes on, each judged among those that came before, and itself."""
    return [
        k
        for k in range(len(losses))
        if (losses[:k] < losses[k]).sum() < max((k + 1 + up) // eta, least)
    ]


def _promoted(answer: Any, rng: np.random.Generator, least: int = 1) -> None:
    diagnoses = (
        _("This waits for all: decide with those that have arrived so far."),
        _("The share is rounded down."),
        _("There is always a place: the first to arrive is not stopped."),
        _("Whoever arrives is counted, too."),
        _("Lower is better: these are losses."),
        _("Whoever was stopped does not come back later."),
    )
    for eta in (3, 2, 4):
        while True:  # until each fault shows
            losses = rng.permutation(np.arange(5, 60 + 154 * least, 11))[: 14 * least]
            losses = losses / 100
            best = [
                losses[:n].argsort()[: max(n // eta, least)]
                for n in range(1, len(losses) + 1)
            ]
            right, *wrongs = lists = [
                _promote(losses, eta, least),
                sorted(best[-1]),
                _promote(losses, eta, least, up=eta - 1),
                _promote(losses, eta, least - 1),
                _promote(losses, eta, least, up=-1),
                _promote(-losses, eta, least),
                sorted(set().union(*best)),
            ]
            if len({*map(tuple, lists)}) == len(lists):
                break
        wrong = zip(wrongs, diagnoses, strict=True)
        Call(answer, losses.tolist(), eta).judge(right, *wrong)


def _promoted_hints() -> tuple[str, ...]:
    return (
        _("Go through the arrivals: `losses[: k + 1]` is all that is known then."),
        _("How many of those who came before have a lower loss?"),
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
    "2": Task(_promoted, _promoted_hints),
    "3": Task(_halving, _halving_hints),
}
