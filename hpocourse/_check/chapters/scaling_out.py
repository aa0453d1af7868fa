"""The tasks of the chapter on many machines."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Drawn, Variant, faults, task
from .asha import ends


@task(
    "scaling-out/1",
    N_("How many whole rounds fit into the time? `//` drops what is left over."),
    N_("With R rounds, each worker does R trials; `-(-a // b)` rounds up."),
    variant=Variant(
        "setup",
        range(2, 12),
        N_(
            "each worker first needs {setup} minutes to start, which are paid and "
            "count towards the limit."
        ),
        {
            "(limit // minutes)": "((limit - {setup}) // minutes)",
            "rounds * minutes": "(rounds * minutes + {setup})",
        },
    ),
)
def _fewest(answer: Any, rng: np.random.Generator, setup: int = 0) -> None:
    def bill(workers: int) -> tuple[int, float]:
        paid = -(-trials // workers) * minutes + setup  # by each worker
        return workers, workers * paid / 60

    for _round in range(3):
        workers, rounds = int(rng.integers(30, 60)), int(rng.integers(3, 7))
        minutes, trials = 2 * int(rng.integers(3, 12)), workers * rounds - 2
        left = minutes * rounds + minutes // 2  # half a round is left over
        limit, split = left + setup, -(-trials * minutes // left)
        Call(answer, trials, minutes, limit).judge(
            bill(workers),
            (bill(split), _("A trial is not cut in two: count whole rounds.")),
            (bill(workers - 1), _("These are too few: some trials would be left.")),
            (
                (workers, (trials * minutes + workers * setup) / 60),
                _("The workers of the last round are paid even if they are idle."),
            ),
            ((workers, workers * limit / 60), _("Pay until the end, not the limit.")),
            ((workers, bill(workers)[1] * 60), _("Hours are expected, not minutes.")),
        )


@task(
    "scaling-out/2",
    N_("Keep for each worker the time at which it becomes free, at first 0."),
    N_("Each trial goes to `min(free)`; the search ends at `max(free)`."),
    N_("Idle is the share of `workers * end` that was no work."),
)
@faults(
    N_("Nobody waits for a batch: who is free goes on at once."),
    N_("Trials are not dealt out: the next one goes to who is free."),
    N_("Work cannot be shared out evenly: a trial is one piece."),
    N_("Keep the order: how long a trial takes is not known before."),
    N_("This is the share of work: idle is the rest."),
)
def _finish(rng: np.random.Generator) -> Drawn:
    workers = int(rng.integers(3, 5))
    lengths = rng.integers(1, 30, 3 * workers + 2)
    batches = [max(lengths[k:][:workers]) for k in range(0, len(lengths), workers)]
    dealt = max(lengths[k::workers].sum() for k in range(workers))
    even = lengths.sum() / workers
    last, by_size = ends(lengths, workers), ends(-np.sort(-lengths), workers)
    finishes = [last, sum(batches), dealt, even, by_size]
    pairs = [(finish, 1 - even / finish) for finish in finishes]
    return (lengths.tolist(), workers), [*pairs, (last, even / last)]


@task(
    "scaling-out/3",
    N_("The generator is made anew in each call, and nothing else is random."),
    N_("`np.random.default_rng` takes a list of numbers as its seed, too."),
    variant=Variant(
        "half",
        (1, 2, 4, 25, 50, 100),
        N_("the number is uniform between −{half} and {half}."),
        {"uniform(-10, 10)": "uniform(-{half}, {half})"},
    ),
)
def _propose(answer: Any, rng: np.random.Generator, half: float = 10) -> None:
    seed, place = (int(n) for n in rng.integers(3, 50, 2))
    first = Call(answer, seed, place)

    def same(seed: int, place: int) -> bool:
        return Call(answer, seed, place).seen == first.seen

    try:
        seen = [Call(answer, 1, k).seen for k in range(100)]
        values = np.array(seen, dtype=float).reshape(100)
    except (TypeError, ValueError):
        raise first.wrong(_("A number was expected.")) from None
    for wrong, why in (
        (not same(seed, place), _("The second time, it proposed something else.")),
        (same(seed, place + 1), _("Every place of this seed proposes the same.")),
        (same(seed + 1, place), _("Another seed proposes the same: is it used?")),
        (
            same(seed + 1, place - 1) or same(1, seed * place),
            _("Other pairs have the same sum or product: give both numbers."),
        ),
        (abs(values).max() > half, _("A value lies outside of −{half} and {half}.")),
        (
            np.ptp(values) < 1.5 * half,
            _("The values do not fill the space from −{half} to {half}."),
        ),
    ):
        if wrong:
            raise first.wrong(why.format(half=half))
