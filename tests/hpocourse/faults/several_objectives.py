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


def area(filtered=True, lowest=True, boxes=False, upside=False):
    def hypervolume(points, reference):
        right, top = reference
        kept = [p for p in points if not filtered or (p[0] < right and p[1] < top)]
        x, y = np.array(sorted(kept)).T
        if boxes:
            return sum((right - x) * (top - y))
        y = np.minimum.accumulate(y) if lowest else y
        heights = y if upside else top - y
        return sum(np.diff(x, append=right) * heights)

    return hypervolume


FAULTS = {
    "several-objectives/1": [
        (front(strictly), "equal in one objective"),
        (front(low_accuracy), "more is better"),
        (lambda w, a: [int(np.argmax(a - np.array(w) / 1e9))], "alone is not"),
        (lambda w, a: [w[k] for k in front(weakly)(w, a)], "not values"),
        (lambda w, a: list(range(len(w))), "no other network dominates"),
        (lambda w, a: np.where(np.array(a) > 0.9), "no other network dominates"),
    ],
    "several-objectives/2": [
        (rule(lambda o, a, s: min(o) + s, look="observed"), "optimistic"),
        (rule(lambda o, a, s: min(o) + s), "of the same kind"),
        (rule(lambda o, a, s: min(a)), "worse by `slack`"),
        (rule(lambda o, a, s: np.inf), "too bad"),
        (rule(within, place=False), "The place is expected"),
    ],
    "several-objectives/3": [
        (area(boxes=True), "overlap"),
        (area(lowest=False), "takes nothing away"),
        (area(upside=True), "up to the reference"),
        (area(filtered=False), "beyond the reference"),
        (lambda points, reference: 0, "the value is not"),
    ],
}

ALIKE = [
    ("several-objectives/1", set),
    ("several-objectives/1", lambda places: np.array(places)[::-1]),
    ("several-objectives/2", float),
    ("several-objectives/3", np.float64),
]
