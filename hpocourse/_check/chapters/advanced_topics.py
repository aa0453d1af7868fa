"""The tasks of the chapter on advanced topics."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Variant, task


@task(
    "advanced-topics/1",
    N_("The advantage is the mean of `plain` less the mean of `smart`."),
    N_("The defaults' part is the mean of `plain` less that of `default`."),
)
def _explained(answer: Any, rng: np.random.Generator) -> None:
    for _round in range(3):
        plain = rng.integers(60, 99, 6) / 10
        default = plain - rng.integers(20, 30, 6) / 10
        smart = default - rng.integers(2, 12, 6) / 10
        means = plain.mean(), default.mean(), smart.mean()
        gain, ours = means[0] - means[2], means[0] - means[1]
        Call(answer, smart.tolist(), plain.tolist(), default.tolist()).judge(
            ours / gain,
            (1 - ours / gain, _("Asked for is the defaults' part, not what is left.")),
            (ours, _("A share of the advantage is expected, not a difference.")),
            (gain / ours, _("Divide the part by the whole advantage.")),
            (means[1] / means[0], _("Compare advantages, not regrets.")),
            (means[2] / means[1], _("Compare advantages, not regrets.")),
            (
                ((plain - default) / (plain - smart)).mean(),
                _("Take means over the seeds first, and then one quotient."),
            ),
        )


@task(
    "advanced-topics/2",
    N_("For each configuration: acquisition times the weight to a power."),
    N_("The exponent is `beta / n`; `np.argmax` gives the place of the largest."),
    variant=Variant(
        "first",
        range(101, 1000, 100),
        N_("the configurations are numbered from {first} on, not from 0."),
        {"return int(np.argmax(worth))": "return {first} + int(np.argmax(worth))"},
    ),
)
def _guided(answer: Any, rng: np.random.Generator, first: int = 0) -> None:
    for _round in range(3):
        order, beta = rng.permutation(6), int(rng.integers(5, 20))
        n, place = 2 * beta, first + np.argsort(order)
        worth = np.array([0.060, 0.090, 0.026, 0.019, 0.010, 0.001])[order]
        prior = np.array([0.25, 0.01, 0.81, 0.99, 1.0, 0.5])[order]
        worth = worth * int(rng.integers(1, 9))
        Call(answer, worth.tolist(), prior.tolist(), n, beta).judge(
            place[0],
            (place[1], _("The belief counts, too: multiply by a power of it.")),
            (place[2], _("The belief fades: its exponent falls.")),
            (place[3], _("The exponent is `beta / n`, not `n / beta`.")),
            (place[4], _("The belief alone does not choose.")),
            (place[5], _("The largest product is chosen, not the smallest.")),
        )


@task(
    "advanced-topics/3",
    N_("`np.argsort(losses)` gives the places from the best; nan comes last."),
    N_("First give each network the next rate; then replace those of the worst."),
    N_("`[*history, rate]` is a new list, longer by one rate."),
    variant=Variant(
        "top",
        (0.05, 0.1, 0.2, 0.3, 0.4),
        N_(
            "the factor makes no rate larger than {top}: where the product is larger, "
            "the rate is {top}."
        ),
        {"histories[good][-1] * factor]": "min(histories[good][-1] * factor, {top})]"},
    ),
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
