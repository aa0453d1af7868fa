"""The tasks of the chapter on choosing a method."""

from __future__ import annotations

import numpy as np

from .._task import N_, Drawn, Variant, faults, task


@task(
    "choosing-a-method/1",
    N_("How long does the slow method take for all of its trials together?"),
    N_("How many trials, each with its proposal and its training, fit into that?"),
    variant=Variant(
        "start",
        range(2, 9),
        N_("the quick method loses {start} seconds once, at its start."),
        {"(slow + train)\n": "(slow + train) - {start}\n"},
    ),
)
@faults(
    N_("Both also train: add the seconds of training to each trial."),
    N_("The cheap method takes its time to propose, too."),
    N_("The cheap method does more trials in the same time, not fewer."),
    N_("Round down: what is not finished in time does not count."),
    N_("This is how many more it does: all of them are asked for."),
    N_("A number of trials is whole."),
)
def _equal_time(rng: np.random.Generator, start: float = 0) -> Drawn | None:
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
    if (np.abs(exact % 1 - 0.5) > 0.45).any():
        return None  # too near to a whole number
    right, *wrongs = np.floor(exact)
    return (n, slow, cheap, train), [right, *wrongs, right + 1, right - n, exact[0]]


@task(
    "choosing-a-method/2",
    N_("`np.argsort(p_values)` says who is the smallest, the second, and so on."),
    N_("`np.maximum.accumulate` keeps each value at least as large as the last."),
    N_("Fill an empty array: `corrected[order] = ...` puts each in its place."),
)
@faults(
    N_("Return the values in the order in which they were given."),
    N_("Put each value back in its own place."),
    N_("This is Bonferroni: Holm asks less."),
    N_("Nothing was corrected."),
    N_("None may be less than the one before it."),
    N_("No p value is larger than 1."),
    N_("The smallest one is multiplied by the number of questions."),
)
def _holm(rng: np.random.Generator) -> Drawn:
    first, second, fourth, fifth = rng.uniform(
        [0.002, 0.02, 0.55, 0.7], [0.01, 0.03, 0.6, 0.9]
    )
    p = np.array([first, second, 1.1 * second, fourth, fifth]).round(4)
    steps, order = p * [5, 4, 3, 2, 1], rng.permutation(5)
    risen = np.maximum.accumulate(steps)
    right = risen.clip(max=1)
    return (p[order].tolist(),), [
        right[order],
        right,
        right[order.argsort()],
        (5 * p).clip(max=1)[order],
        p[order],
        steps.clip(max=1)[order],
        risen[order],
        np.maximum.accumulate(p * [1, 2, 3, 4, 5]).clip(max=1)[order],
    ]


@task(
    "choosing-a-method/3",
    N_("First one number for each problem: its mean over the seeds."),
    N_("Then the interval of the mean of these numbers: how many are they?"),
    N_(
        "`stats.t.ppf(share, n - 1)` times `stats.sem(...)` is half the width: what "
        "share lies below the upper end?"
    ),
    variant=Variant(
        "level",
        (80, 85, 90, 98, 99),
        N_("the interval is of {level}%, not of 95%."),
        {"ppf(0.975,": "ppf(0.5 + {level} / 200,"},
    ),
)
@faults(
    N_("For other problems, the runs of one problem are no new evidence."),
    N_("This is for other seeds: here the problems are to be repeated."),
    N_("With few problems, Student's t is wider than the normal one."),
    N_("This is how far problems scatter: for their mean, divide by √n."),
    N_("The standard deviation needs `ddof=1`: the mean is estimated."),
    N_("This is half the width: return both ends."),
)
def _over_problems(rng: np.random.Generator, level: float = 95) -> Drawn:
    from scipy import stats

    n, share = int(rng.integers(6, 11)), 0.5 + level / 200
    centers = rng.normal(-0.1, 0.2, size=(n, 1))
    differences = rng.normal(centers, 0.3, size=(n, 20))
    each, runs = differences.mean(axis=1), differences.ravel()
    t = stats.t.ppf(share, n - 1)
    halves = [
        t * stats.sem(each),
        stats.t.ppf(share, len(runs) - 1) * stats.sem(runs),
        stats.t.ppf(share, 19) * stats.sem(differences.mean(axis=0)),
        stats.norm.ppf(share) * stats.sem(each),
        t * each.std(ddof=1),
        t * stats.sem(each, ddof=0),
    ]
    ends = [(each.mean() - half, each.mean() + half) for half in halves]
    return (differences,), [*ends, halves[0]]
