"""The tasks of the chapter on TPE and Hyperopt."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call, same
from .._task import N_, Drawn, Variant, faults, task


@task(
    "tpe-and-hyperopt/1",
    N_("Which names have a list of options? The others need nothing."),
    N_("`options[place]` is the value that was trained."),
)
def _decode(answer: Any, rng: np.random.Generator) -> None:
    for _round in range(3):
        sizes, batches = rng.choice(np.arange(8, 129), (2, 4), replace=False).tolist()
        space = {"hidden_size": sizes, "lr": None, "batch_size": batches, "decay": None}
        places = rng.integers(1, 3, size=2).tolist()
        best = {
            "batch_size": places[1],
            "decay": round(rng.uniform(0.1, 0.9), 3),
            "hidden_size": places[0],
            "lr": round(rng.uniform(0.01, 0.1), 4),
        }
        call = Call(answer, space, best)
        if not isinstance(call.seen, dict) or set(call.seen) != set(space):
            raise call.wrong(_("A dictionary with the names of the space is expected."))
        seen = [call.seen["hidden_size"], call.seen["batch_size"]]
        if same(seen, places):
            raise call.wrong(_("`fmin` gives places in the lists: look the values up."))
        lists = list(zip((sizes, batches), places, strict=True))
        if same(seen, [options[place - 1] for options, place in lists]):
            raise call.wrong(_("The places in a list count from 0."))
        if not same(seen, [options[place] for options, place in lists]):
            raise call.wrong(_("Each value stands in the list of its own name."))
        if not same(
            [call.seen[n] for n in ("lr", "decay")], [best["lr"], best["decay"]]
        ):
            raise call.wrong(_("What has no list is a value already: leave it alone."))


@task(
    "tpe-and-hyperopt/2",
    N_("Go from the first trial on, and stop at the first difference."),
    N_("And if the loop ends without having found a difference?"),
    variant=Variant(
        "given",
        range(2, 10),
        N_(
            "the first {given} proposals of both searches were given by the team, "
            "equal in both: do not count them."
        ),
        {
            "return n\n": "return n - {given}\n",
            "return len(proposed)": "return len(proposed) - {given}",
        },
    ),
)
def _random_start(answer: Any, rng: np.random.Generator, given: int = 0) -> None:
    for start in (0, int(rng.integers(3, 8)), 12):
        proposed = rng.integers(0, 4, size=12)
        by_chance = proposed.copy()
        by_chance[start:] = (proposed[start:] + 1) % 4
        later = rng.permutation(np.arange(start + 1, 12))[:2]
        by_chance[later] = proposed[later]
        coincidence = _("What is equal after the first difference is a coincidence.")
        nothing = (0, _("Where nothing differs, the whole search was random."))
        first = rng.integers(0, 4, size=given).tolist()  # not counted
        ours, theirs = ([*first, *each.tolist()] for each in (proposed, by_chance))
        Call(answer, ours, theirs).judge(
            start,
            (start + 1, _("Count the trials before the first difference, without it.")),
            (start + len(later), coincidence),
            (max(later, default=12) + 1, coincidence),
            *([nothing] if start == 12 else []),
        )


def _density(points: np.ndarray, centers: np.ndarray, width: float) -> np.ndarray:
    """Return the mean of normal curves over the centers, up to a constant factor."""
    distances = (points.reshape(-1, 1) - centers) / width
    return np.asarray(np.exp(-(distances**2) / 2).mean(axis=1))


@task(
    "tpe-and-hyperopt/3",
    N_("`np.argsort(losses)` gives the trials from best to worst: cut it in two."),
    N_("Over each trial stands a curve; the density is the mean of their heights."),
    N_("With `candidates.reshape(-1, 1)`, all the distances stand in one table."),
    variant=Variant(
        "rank",
        range(2, 8),
        N_(
            "the best candidates are being trained already: return the one whose "
            "ratio takes place {rank}, counted from the largest."
        ),
        {
            "np.argmax(": "np.argsort(",
            "density(others))": "density(others))[-{rank}]",
        },
    ),
)
@faults(
    N_("The good trials are those with the smallest losses."),
    N_("The first trials are not the best: sort by the losses."),
    N_("The number of good trials is rounded up."),
    N_("The largest l is not the largest l / g."),
    N_("Here the others are dense: l / g, not g / l."),
    N_("A difference is no ratio: divide l by g."),
    N_("This is the best trial so far: propose a candidate."),
    N_("This is the place of the candidate: return its value."),
)
def _propose(rng: np.random.Generator, rank: int = 1) -> Drawn:
    # All different: what is proposed must tell which fault led there.
    x, candidates = -rng.permutation(np.arange(1, 901))[:20].reshape(2, 10) / 100
    losses, width = rng.permutation(19)[:10] / 10, round(rng.uniform(0.5, 1.5), 2)
    order = losses.argsort()
    piles = [order[:3], order[-3:], np.arange(3), order[:2]]
    each = [
        [_density(candidates, rows, width) for rows in (x[pile], np.delete(x, pile))]
        for pile in piles
    ]
    (l_x, g_x), *others = each
    scores = [l_x / g_x, *(a / b for a, b in others), l_x, g_x / l_x, l_x - g_x]
    places = [int(score.argsort()[-rank]) for score in scores]
    values = [*candidates[places], x[order[0]], places[0]]
    return (x, losses, candidates, 0.25, width), values
