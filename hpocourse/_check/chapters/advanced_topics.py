"""The tasks of the chapter on advanced topics."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call, same_items
from .._task import Task


def _pareto(answer: Any, rng: np.random.Generator) -> None:
    for _round in range(3):
        order = rng.permutation(7)
        weights = 10 * int(rng.integers(1, 5)) * np.array([60, 90, 200, 6, 90, 250, 30])
        accuracy = np.array([0.93, 0.95, 0.96, 0.90, 0.94, 0.96, 0.88])
        places = np.argsort(order)  # where each network stands
        call = Call(answer, weights[order].tolist(), accuracy[order].tolist())
        if same_items(call.seen, places[:4]):
            continue
        for wrong, why in (
            (places[:6], _("A network that is equal in one objective can dominate.")),
            (places[[3, 6]], _("For accuracy, more is better.")),
            (places[[2]], _("The largest accuracy alone is not the front.")),
            (weights[:4], _("Places in the lists are expected, not values.")),
        ):
            if same_items(call.seen, wrong):
                raise call.wrong(why)
        raise call.wrong(_("Whom no other network dominates belongs to the front."))


def _pareto_hints() -> tuple[str, ...]:
    return (
        _("One network dominates another: no worse in both, and better in one."),
        _("Compare each network with all; `any` says whether one dominates it."),
    )


def _choose(answer: Any, rng: np.random.Generator, first: int = 0) -> None:
    for _round in range(3):
        order, shift = rng.permutation(5), rng.uniform(0, 2)
        weights = np.array([610, 985, 1510, 2110, 4010])[order]
        observed = (np.array([4.7, 3.6, 3.4, 3.1, 3.0]) + shift).round(2)[order]
        again = (np.array([6.5, 5.1, 4.4, 3.9, 3.7]) + shift).round(2)[order]
        place = first + np.argsort(order)
        Call(answer, weights.tolist(), observed.tolist(), again.tolist(), 1.0).judge(
            place[2],
            (place[1], _("The first errors chose the front: they are optimistic.")),
            (place[3], _("Measure the distance from an error of the same kind.")),
            (place[4], _("The rule admits an error that is worse by `slack`.")),
            (place[0], _("The smallest network is too bad: look at its error.")),
            (1510, _("The place is expected, not the number of weights.")),
        )


def _choose_hints() -> tuple[str, ...]:
    return (
        _("Which networks are good enough? Only then ask for the smallest."),
        _("Good enough means: `again[k] <= min(again) + slack`."),
    )


def _exploit(answer: Any, rng: np.random.Generator, top: float = np.inf) -> None:
    def after(good: Any, bad: Any, factors: Any, copied: bool = True) -> np.ndarray:
        old, new = rates.copy(), rates[:, -1].copy()
        old[bad] = rates[good] if copied else rates[bad]
        new[bad] = np.minimum(rates[good, -1] * factors, top)
        return np.column_stack([old, new])

    for _round in range(3):
        rates = rng.integers(10, 1000, (6, 4)) / 1000
        losses = rng.permutation([0.1, 0.2, 0.3, 0.4, 0.5, np.nan])
        best, zeros = np.argsort(losses), np.argsort(np.nan_to_num(losses))
        good, bad, factors = best[:2], best[:-3:-1], np.array([1.25, 0.8])
        if top < np.inf:
            rates[good[0], -1] = top  # which the factor would take beyond
        Call(answer, rates.tolist(), losses.tolist(), factors.tolist()).judge(
            after(good, bad, factors),
            (after(good, bad, factors, False), _("Copy the whole history of rates.")),
            (after(good, bad, 1), _("A copied rate is changed by its factor.")),
            (
                after(bad, bad, factors),
                _("Change the rate that was copied, not its own."),
            ),
            (after(bad, good, factors), _("The best copied the worst.")),
            (after(good, bad[::-1], factors), _("The worst one copies the best one.")),
            (
                after(zeros[:2], zeros[:-3:-1], factors),
                _("A loss of nan is a network that diverged: it is the worst."),
            ),
        )


def _exploit_hints() -> tuple[str, ...]:
    return (
        _("`np.argsort(losses)` gives the places from the best; nan comes last."),
        _("First give each network the next rate; then replace those of the worst."),
        _("`[*history, rate]` is a new list, longer by one rate."),
    )


TASKS = {
    "1": Task(_pareto, _pareto_hints),
    "2": Task(_choose, _choose_hints),
    "3": Task(_exploit, _exploit_hints),
}
