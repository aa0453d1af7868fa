"""Usual faults in the answers, and right answers that look different."""

import numpy as np


def queue(order=lambda times: times):
    def end(times, workers):
        free = [0] * workers
        for time in order(times):
            free[free.index(min(free))] += time
        return max(free)

    return end


def batches(times, workers):
    return sum(max(times[k : k + workers]) for k in range(0, len(times), workers))


def turns(times, workers):
    return max(sum(times[k::workers]) for k in range(workers))


FIRST_FREE = queue()


def idle(end=FIRST_FREE, share=lambda work, all_time, end: 1 - work / all_time):
    def idle_share(times, workers):
        last = end(times, workers)
        return share(sum(times), workers * last, last)

    return idle_share


def arrivals(share):
    def promoted(losses, eta):
        return [
            k
            for k, loss in enumerate(losses)
            if sum(each < loss for each in losses[:k]) < share(k, eta)
        ]

    return promoted


def at_least_one(k, eta):
    return max((k + 1) // eta, 1)


def waits(losses, eta):
    return sorted(np.argsort(losses)[: len(losses) // eta])


def comes_back(losses, eta):
    counts = range(1, len(losses) + 1)
    return sorted(
        set().union(*(np.argsort(losses[:n])[: n // eta or 1] for n in counts))
    )


def without(finals, seed):
    return np.delete(finals, seed, axis=1).mean(axis=1)


def of_all(finals, seed):
    return finals.mean(axis=1)


def of_one(finals, seed):
    return finals[:, seed]


def judged(by=without, choose=of_one, among=None, place=False, best=True):
    def regret(finals, rows, seed):
        rows = np.array(rows)
        chosen = choose(finals, seed)[rows].argmin()
        quality = by(finals, seed)
        against = quality[rows] if among else quality
        loss = quality[chosen if place else rows[chosen]]
        return loss - against.min() if best else loss

    return regret


FAULTS = {
    "asha/1": [
        (idle(batches), "whole batch"),
        (idle(turns), "not in turns"),
        (idle(queue(lambda times: sorted(times)[::-1])), "keeps its order"),
        (idle(share=lambda work, all_time, end: work / all_time), "how long they work"),
        (
            idle(share=lambda work, all_time, end: (all_time - work) / end),
            "all machines together",
        ),
        (idle(share=lambda work, all_time, end: all_time - work), "not in minutes"),
    ],
    "asha/2": [
        (waits, "waits for all"),
        (arrivals(lambda k, eta: -(-(k + 1) // eta)), "rounded down"),
        (arrivals(lambda k, eta: (k + 1) // eta), "always a place"),
        (arrivals(lambda k, eta: max(k // eta, 1)), "is counted, too"),
        (
            lambda losses, eta: arrivals(at_least_one)([-x for x in losses], eta),
            "Lower is better",
        ),
        (comes_back, "does not come back"),
    ],
    "asha/3": [
        (judged(by=of_all), "its luck would count"),
        (judged(choose=without), "does not know the others"),
        (judged(among=True), "not only of those"),
        (judged(by=of_one), "not the one that chose"),
        (judged(place=True), "are no rows"),
        (judged(best=False), "is a difference"),
    ],
}

ALIKE = [
    ("asha/1", np.float64),
    ("asha/2", np.array),
    ("asha/2", tuple),
    ("asha/3", np.float64),
]
