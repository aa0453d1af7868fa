"""The tasks of the chapter on several objectives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call, same_items
from .._task import N_, Drawn, Variant, faults, task


@task(
    "several-objectives/1",
    N_("One network dominates another: no worse in both, and better in one."),
    N_("Compare each network with all; `any` says whether one dominates it."),
)
def _pareto(answer: Any, rng: np.random.Generator) -> None:
    for _round in range(3):
        order = rng.permutation(7)
        weights = 10 * int(rng.integers(1, 5)) * np.array([60, 90, 200, 6, 90, 250, 30])
        accuracy = np.array([0.93, 0.95, 0.96, 0.90, 0.94, 0.96, 0.88])
        places = np.argsort(order)  # where each network stands
        Call(answer, weights[order].tolist(), accuracy[order].tolist()).judge(
            places[:4],
            (places[:6], _("A network that is equal in one objective can dominate.")),
            (places[[3, 6]], _("For accuracy, more is better.")),
            (places[[2]], _("The largest accuracy alone is not the front.")),
            (weights[:4], _("Places in the lists are expected, not values.")),
            alike=same_items,
            otherwise=_("Whom no other network dominates belongs to the front."),
        )


@task(
    "several-objectives/2",
    N_("Which networks are good enough? Only then ask for the smallest."),
    N_("Good enough means: `again[k] <= min(again) + slack`."),
    variant=Variant(
        "first",
        range(101, 1000, 100),
        N_("the networks are numbered from {first} on, not from 0."),
        {"return min(enough,": "return {first} + min(enough,"},
    ),
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


def _steps(points: np.ndarray, corner: np.ndarray, lowest: bool = True) -> float:
    """Return the area from left to right; without `lowest`, each height is its own."""
    x, y = points[np.argsort(points[:, 0])].T
    heights = corner[1] - (np.minimum.accumulate(y) if lowest else y)
    return float((np.diff(x, append=corner[0]) * heights).sum())


@task(
    "several-objectives/3",
    N_("Leave out what lies beyond the reference, then go from left to right."),
    N_("A width goes from one point to the next; the last one to the reference."),
    N_("The height is the reference less the smallest error so far."),
    variant=Variant(
        "scale",
        range(2, 10),
        N_("the area is counted in tiles of size {scale}: divide it by that."),
        {"* heights).sum()": "* heights).sum() / {scale}"},
    ),
)
@faults(
    N_("The rectangles of the points overlap: count each part once."),
    N_("The rectangles of the points overlap: count each part once."),
    N_("A dominated point takes nothing away from the area."),
    N_("A height goes from the smallest error up to the reference."),
    N_("What lies beyond the reference does not count."),
)
def _hypervolume(rng: np.random.Generator, scale: float = 1) -> Drawn:
    front = np.array([[2, 9], [3, 6], [5, 5], [8, 2]]) + rng.integers(0, 4, 2)
    corner = front.max(axis=0) + rng.integers(2, 5, 2)
    inside = np.vstack([front, front[1:2] + 1])  # the last one is dominated
    beyond = [front[0, 0] - 1, corner[1] + 2], [corner[0] + 2, front[3, 1] - 1]
    every = np.vstack([inside, beyond])
    widths = np.diff(front[:, 0], append=corner[0])
    areas = [
        _steps(front, corner),
        (corner - front).prod(axis=1).sum(),
        (corner - inside).prod(axis=1).sum(),
        _steps(inside, corner, lowest=False),
        (widths * front[:, 1]).sum(),
        _steps(every, corner),
    ]
    arguments = rng.permutation(every).tolist(), corner.tolist()
    return arguments, [area / scale for area in areas]
