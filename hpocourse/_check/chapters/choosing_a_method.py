"""The tasks of the chapter on choosing a method."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import Task


def _equal_time(answer: Any, rng: np.random.Generator, start: float = 0) -> None:
    while True:  # until each fault shows
        n, slow = int(rng.integers(20, 40)), round(rng.uniform(0.4, 0.9), 2)
        cheap, train = rng.uniform([0.02, 0.1], [0.06, 0.5]).round(2).tolist()
        exact = np.array(
            [
                (n * (slow + train) - start) / (cheap + train),
                (n * slow - start) / cheap,
                (n * (slow + train) - start) / train,
                (n * (cheap + train) - start) / (slow + train),
            ]
        )
        right, *wrongs = np.floor(exact)
        wrongs += [right + 1, right - n]
        if len({right, *wrongs}) == 6 and (np.abs(exact % 1 - 0.5) < 0.45).all():
            break
    diagnoses = (
        _("Both also train: add the seconds of training to each trial."),
        _("The cheap method takes its time to propose, too."),
        _("The cheap method does more trials in the same time, not fewer."),
        _("Round down: what is not finished in time does not count."),
        _("This is how many more it does: all of them are asked for."),
    )
    Call(answer, n, slow, cheap, train).judge(
        right,
        *zip(wrongs, diagnoses, strict=True),
        (exact[0], _("A number of trials is whole.")),
    )


def _equal_time_hints() -> tuple[str, ...]:
    return (
        _("How long does the slow method take for all of its trials together?"),
        _("How many trials, each with its proposal and its training, fit into that?"),
    )


def _holm(answer: Any, rng: np.random.Generator) -> None:
    for _round in range(3):
        first, second, fourth, fifth = rng.uniform(
            [0.002, 0.02, 0.55, 0.7], [0.01, 0.03, 0.6, 0.9]
        )
        p = np.array([first, second, 1.1 * second, fourth, fifth]).round(4)
        steps = p * [5, 4, 3, 2, 1]
        right = np.maximum.accumulate(steps).clip(max=1)
        order = np.arange(5)
        while (right[order] == right).all() or (
            right[order] == right[order.argsort()]
        ).all():  # until each fault shows
            order = rng.permutation(5)
        Call(answer, p[order].tolist()).judge(
            right[order],
            (right, _("Return the values in the order in which they were given.")),
            (right[order.argsort()], _("Put each value back in its own place.")),
            ((5 * p).clip(max=1)[order], _("This is Bonferroni: Holm asks less.")),
            (p[order], _("Nothing was corrected.")),
            (steps.clip(max=1)[order], _("None may be less than the one before it.")),
            (np.maximum.accumulate(steps)[order], _("No p value is larger than 1.")),
            (
                np.maximum.accumulate(p * [1, 2, 3, 4, 5]).clip(max=1)[order],
                _("The smallest one is multiplied by the number of questions."),
            ),
        )


def _holm_hints() -> tuple[str, ...]:
    return (
        _("`np.argsort(p_values)` says who is the smallest, the second, and so on."),
        _("`np.maximum.accumulate` keeps each value at least as large as the last."),
        _("Fill an empty array: `corrected[order] = ...` puts each in its place."),
    )


def _over_problems(answer: Any, rng: np.random.Generator, level: float = 95) -> None:
    from scipy import stats

    share = 0.5 + level / 200
    diagnoses = (
        _("For other problems, the runs of one problem are no new evidence."),
        _("This is for other seeds: here the problems are to be repeated."),
        _("With few problems, Student's t is wider than the normal one."),
        _("This is how far problems scatter: for their mean, divide by √n."),
        _("The standard deviation needs `ddof=1`: the mean is estimated."),
    )
    for n in (6, 8, 10):
        while True:  # until each fault shows
            centers = rng.normal(-0.1, 0.2, size=(n, 1))
            differences = rng.normal(centers, 0.3, size=(n, 20))
            each, runs = differences.mean(axis=1), differences.ravel()
            over_seeds = differences.mean(axis=0)
            t = stats.t.ppf(share, n - 1)
            halves = [
                t * stats.sem(each),
                stats.t.ppf(share, len(runs) - 1) * stats.sem(runs),
                stats.t.ppf(share, 19) * stats.sem(over_seeds),
                stats.norm.ppf(share) * stats.sem(each),
                t * each.std(ddof=1),
                t * stats.sem(each, ddof=0),
            ]
            if len({*np.round(halves, 4)}) == len(halves):
                break
        right, *wrongs = [(each.mean() - half, each.mean() + half) for half in halves]
        Call(answer, differences).judge(
            right,
            *zip(wrongs, diagnoses, strict=True),
            (halves[0], _("This is half the width: return both ends.")),
        )


def _over_problems_hints() -> tuple[str, ...]:
    return (
        _("First one number for each problem: its mean over the seeds."),
        _("Then the interval of the mean of these numbers: how many are they?"),
        _("`stats.t.ppf(0.975, n - 1)` times `stats.sem(...)` is half the width."),
    )


TASKS = {
    "1": Task(_equal_time, _equal_time_hints),
    "2": Task(_holm, _holm_hints),
    "3": Task(_over_problems, _over_problems_hints),
}
