"""Usual faults in the answers, and right answers that look different."""

import heapq
import math

import numpy as np


def rented(workers=lambda n, minutes, limit: math.ceil(n / (limit // minutes)), paid=0):
    def fewest_workers(trials, minutes, limit):
        w = workers(trials, minutes, limit)
        hours = w * math.ceil(trials / w) * minutes / 60
        return w, [hours, trials * minutes / 60, w * limit / 60, 60 * hours][paid]

    return fewest_workers


def free_first(lengths, workers):
    free = [0] * workers
    for length in lengths:
        heapq.heapreplace(free, free[0] + length)
    return max(free)


def batches(lengths, workers):
    starts = range(0, len(lengths), workers)
    return sum(max(lengths[k : k + workers]) for k in starts)


def dealt(lengths, workers):
    return max(sum(lengths[k::workers]) for k in range(workers))


def ends(end, share=lambda work: 1 - work):
    def finish(lengths, workers):
        last = end(lengths, workers)
        return last, share(sum(lengths) / (workers * last))

    return finish


def proposal(source, low=-10, high=10):
    return lambda seed, place: np.random.default_rng(source(seed, place)).uniform(
        low, high
    )


def both(seed, place):
    return [seed, place]


FAULTS = {
    "scaling-out/1": [
        (rented(lambda n, m, limit: math.ceil(n * m / limit)), "not cut in two"),
        (rented(lambda n, m, limit: n // (limit // m)), "too few"),
        (rented(paid=1), "even if they are idle"),
        (rented(paid=2), "not the limit"),
        (rented(paid=3), "not minutes"),
    ],
    "scaling-out/2": [
        (ends(batches), "Nobody waits"),
        (ends(dealt), "not dealt out"),
        (ends(lambda lengths, w: sum(lengths) / w), "one piece"),
        (ends(lambda x, w: free_first(sorted(x)[::-1], w)), "Keep the order"),
        (ends(free_first, share=lambda work: work), "the share of work"),
    ],
    "scaling-out/3": [
        (proposal(lambda seed, place: None), "something else"),
        (proposal(lambda seed, place: seed), "Every place"),
        (proposal(lambda seed, place: place), "Another seed"),
        (proposal(lambda seed, place: seed + place), "give both numbers"),
        (proposal(lambda seed, place: seed * place), "give both numbers"),
        (proposal(both, high=30), "lies outside"),
        (proposal(both, 0, 1), "do not fill"),
        (lambda seed, place: {"x": 1.0}, "A number was expected"),
    ],
}

ALIKE = [
    ("scaling-out/1", np.array),
    ("scaling-out/2", list),
    ("scaling-out/3", lambda value: np.array([value])),
]
