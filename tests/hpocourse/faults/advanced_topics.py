"""Usual faults in the answers, and right answers that look different."""

import numpy as np


def front(dominates):
    def pareto(weights, accuracy):
        networks = list(zip(weights, accuracy, strict=True))
        return [
            k
            for k, mine in enumerate(networks)
            if not any(dominates(*other, *mine) for other in networks)
        ]

    return pareto


def strictly(w, a, mine_w, mine_a):
    return w < mine_w and a > mine_a


def low_accuracy(w, a, mine_w, mine_a):
    return w <= mine_w and a <= mine_a and (w, a) != (mine_w, mine_a)


def weakly(w, a, mine_w, mine_a):
    return w <= mine_w and a >= mine_a and (w, a) != (mine_w, mine_a)


def rule(limit, look="again", place=True):
    def choose(weights, observed, again, slack):
        errors = {"again": again, "observed": observed}[look]
        good = [k for k, e in enumerate(errors) if e <= limit(observed, again, slack)]
        best = min(good, key=lambda k: weights[k])
        return best if place else weights[best]

    return choose


def within(observed, again, slack):
    return min(again) + slack


def step(copied=True, factor=True, own=False, swapped=False, nan=True, pairs=True):
    def exploit(histories, losses, factors):
        n = len(factors)
        order = np.argsort(losses if nan else np.nan_to_num(losses))
        order = order[::-1] if swapped else order
        after = [[*history, history[-1]] for history in histories]
        worst = order[::-1][:n] if pairs else order[-n:]
        for good, bad, each in zip(order[:n], worst, factors, strict=True):
            rate = histories[bad if own else good][-1] * (each if factor else 1)
            after[bad] = [*histories[bad if own or not copied else good], rate]
        return after

    return exploit


FAULTS = {
    "advanced-topics/1": [
        (front(strictly), "equal in one objective"),
        (front(low_accuracy), "more is better"),
        (lambda w, a: [int(np.argmax(a - np.array(w) / 1e9))], "alone is not"),
        (lambda w, a: [w[k] for k in front(weakly)(w, a)], "not values"),
        (lambda w, a: list(range(len(w))), "no other network dominates"),
        (lambda w, a: np.where(np.array(a) > 0.9), "no other network dominates"),
    ],
    "advanced-topics/2": [
        (rule(lambda o, a, s: min(o) + s, look="observed"), "optimistic"),
        (rule(lambda o, a, s: min(o) + s), "of the same kind"),
        (rule(lambda o, a, s: min(a)), "worse by `slack`"),
        (rule(lambda o, a, s: np.inf), "too bad"),
        (rule(within, place=False), "The place is expected"),
    ],
    "advanced-topics/3": [
        (step(copied=False), "whole history"),
        (step(factor=False), "by its factor"),
        (step(own=True), "that was copied"),
        (step(swapped=True), "copied the worst"),
        (step(pairs=False), "worst one copies"),
        (step(nan=False), "nan is a network"),
    ],
}

ALIKE = [
    ("advanced-topics/1", set),
    ("advanced-topics/1", lambda places: np.array(places)[::-1]),
    ("advanced-topics/2", float),
    ("advanced-topics/3", np.array),
]
