"""The tasks of the chapter on short trainings first."""

from __future__ import annotations

import numpy as np

from .._task import N_, Drawn, Variant, faults, task


@task(
    "multi-fidelity/1",
    N_("The rank of a loss is 1 plus the number of smaller losses."),
    N_("In ranks, nothing is left of how far apart two losses are."),
    N_("With n networks, 1 comes out for the same order, and −1 for the opposite."),
)
@faults(
    N_("This is the correlation of the losses, not of their ranks."),
    N_("`argsort` says who is first, not which rank each one has."),
    N_("In the formula, the sum is multiplied by 6."),
    N_("The fraction is subtracted from 1: the same order gives 1."),
    N_("The differences of the ranks are squared."),
)
def _rank_correlation(rng: np.random.Generator) -> Drawn:
    n = int(rng.choice([5, 7, 9]))
    # All different, and skewed, so that losses and ranks correlate differently.
    early, late = (rng.permutation(40)[: 2 * n].reshape(2, n) ** 2 / 100).round(2)
    gaps = early.argsort().argsort() - late.argsort().argsort()
    places = early.argsort() - late.argsort()
    share = (gaps**2).sum() / (n * (n**2 - 1))
    return (early.tolist(), late.tolist()), [
        1 - 6 * share,
        np.corrcoef(early, late)[0, 1],
        1 - 6 * (places**2).sum() / (n * (n**2 - 1)),
        1 - share,
        6 * share,
        1 - 6 * np.abs(gaps).sum() / (n * (n**2 - 1)),
    ]


def _safe(losses: np.ndarray, eta: int, spare: int = 0, up: int = 0) -> list[bool]:
    """Return for each epoch whether the best of the last one would stay."""
    ahead = (losses < losses[losses[:, -1].argmin()]).sum(axis=0)
    return [*(ahead < (len(losses) + up) // eta + spare)]


def _from(stays: list[bool]) -> int:
    """Return the epoch from which on it always does."""
    return len(stays) - [*reversed(stays), False].index(False) + 1


@task(
    "multi-fidelity/2",
    N_("Which row has the lowest loss in the last column?"),
    N_("How many networks are ahead of it at each epoch?"),
    N_("Go back from the last epoch, as long as it stays."),
    variant=Variant(
        "spare",
        (1, 2, 3),
        N_("an elimination leaves {spare} more than that."),
        {"len(losses) // eta": "len(losses) // eta + {spare}"},
    ),
)
@faults(
    N_("Columns count from 0: epoch 1 is the first one."),
    N_("In a later epoch it is out again: it must stay in all that follow."),
    N_("The network that ends best is asked for, not the one that starts best."),
    N_("The share is rounded down."),
    N_("Lower is better: these are losses."),
)
def _safe_epoch(rng: np.random.Generator, spare: int = 0) -> Drawn | None:
    eta, n = ((3, 14), (2, 13), (4, 18))[rng.integers(3)]
    steps = rng.normal(0, 0.25, size=(n, 12)).cumsum(axis=1)
    losses = 2 + steps - steps[:, -1:] + rng.normal(0, 0.2, (n, 1))
    stays = _safe(losses, eta, spare)
    ahead = (losses < losses[losses[:, 0].argmin()]).sum(axis=0)
    if spare and _from(stays) == _from(_safe(losses, eta)):
        return None  # the course's own solution would pass
    return (losses, eta), [
        _from(stays),
        _from(stays) - 1,
        stays.index(True) + 1,
        _from([*(ahead < n // eta + spare)]),
        _from(_safe(losses, eta, spare, up=eta - 1)),
        _from(_safe(-losses, eta, spare)),
    ]


def _halve(losses: np.ndarray, eta: int, shift: int = -1, lost: bool = False) -> int:
    """Return who is left; `lost`: places among those left are taken for rows."""
    rows, epoch = np.arange(len(losses)), 1
    while len(rows) > 1:
        order = losses[rows, epoch + shift].argsort()[: len(rows) // eta]
        rows, epoch = order if lost else rows[order], epoch * eta
    return int(rows[0])


@task(
    "multi-fidelity/3",
    N_("Keep the rows of those who are left, and the epoch that they reached."),
    N_("`rows[order]` turns places among those who are left into rows."),
    N_("From a rung to the next, each one pays the difference of the two epochs."),
    variant=Variant(
        "cost",
        range(1, 10),
        N_(
            "loading costs as much as {cost} epochs for each network that goes on "
            "from a rung; count them among the epochs spent."
        ),
        {"(eta * epoch - epoch)": "(eta * epoch - epoch + {cost})"},
    ),
)
@faults(
    N_("Places among those who are left are no rows of `losses`."),
    N_("Columns count from 0: epoch 1 is the first one."),
    N_("At a rung, only the losses up to its epoch are known."),
    N_("Lower is better: these are losses."),
    N_("Nobody starts again at a rung."),
    N_("The last one trains on to the end, too."),
    N_("Return a pair: the row, and the epochs spent."),
)
def _halving(rng: np.random.Generator, cost: int = 0) -> Drawn:
    eta, rungs = ((3, 3), (2, 4))[rng.integers(2)]
    n = eta**rungs
    losses = rng.uniform(0.1, 2, size=(n, n))
    last = n - n // eta  # what the epochs between two rungs cost together
    spent = n + rungs * last + cost * (n - 1) // (eta - 1)
    right = _halve(losses, eta)
    return (losses, eta), [
        (right, spent),
        (_halve(losses, eta, lost=True), spent),
        (_halve(losses, eta, shift=0), spent),
        (_halve(np.tile(losses[:, -1:], n), eta), spent),
        (_halve(-losses, eta), spent),
        (right, spent + rungs * (n - last)),
        (right, spent - last - cost),
        right,
    ]
