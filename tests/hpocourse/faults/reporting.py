"""Usual faults in the answers, and right answers that look different."""

import math

import numpy as np
from scipy import stats


def one_slot(hours, minutes, reserve):
    return (1 - reserve) * hours * 60 // minutes


def seeds(pilot, effect, ddof=1, whole=np.ceil, z=None, power=2):
    z = z or stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    return whole(z**2 * (np.std(pilot, ddof=ddof) / effect) ** power)


def recommend(errors, simple, smallest, *, correction=1 / 4, sign=1, lower=0.0):
    best, chosen = -np.inf, simple
    for name, values in errors.items():
        d = sign * (errors[simple] - values)
        half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1)
        half *= np.sqrt(1 / len(d) + correction)
        enough = d.mean() - half > lower * smallest and d.mean() >= smallest
        if name != simple and enough and d.mean() > best:
            best, chosen = d.mean(), name
    return chosen


def any_gain(errors, simple, smallest):
    return recommend(errors, simple, 0)


def smallest_error(errors, simple, smallest):
    return min(errors, key=lambda name: errors[name].mean())


def enough_alone(errors, simple, smallest):
    gains = {name: (errors[simple] - each).mean() for name, each in errors.items()}
    best = max(gains, key=gains.get)
    return best if gains[best] >= smallest else simple


FAULTS = {
    "reporting/1": [
        (lambda h, n, m, r: n * (1 - r) * h * 60 // m, "before you add the slots"),
        (lambda h, n, m, r: n * one_slot(h, m, 0), "take it off"),
        (lambda h, n, m, r: n * one_slot(h, m, 1 - r), "kept back"),
        (lambda h, n, m, r: one_slot(h, m, r), "of all slots"),
        (lambda h, n, m, r: n * one_slot(h / 60, m, r), "counted in minutes"),
        (lambda h, n, m, r: n * (1 - r) * h * 60 / m, "is whole"),
    ],
    "reporting/2": [
        (lambda *each: seeds(*each, whole=np.floor), "Round up"),
        (lambda *each: seeds(*each, ddof=0), "ddof=1"),
        (lambda *each: seeds(*each, power=1), "counts squared"),
        (lambda *each: seeds(*each, z=stats.norm.ppf(0.975)), "half of the studies"),
        (lambda pilot, effect: seeds(pilot, np.mean(pilot)), "not the pilot's mean"),
        (lambda *each: seeds(*each, whole=float), "is whole"),
    ],
    "reporting/3": [
        (any_gain, "change no decision"),
        (enough_alone, "contains zero"),
        (smallest_error, "change no decision"),
        (lambda *each: recommend(*each, correction=0), "share rows"),
        (lambda *each: recommend(*each, sign=-1), "error is smaller"),
        (lambda *each: recommend(*each, lower=1), "its interval only 0"),
        (lambda errors, simple, smallest: simple, "recommend it"),
    ],
}

ALIKE = [
    ("reporting/1", float),
    ("reporting/2", math.trunc),
    ("reporting/2", np.array),
    ("reporting/3", str),
]
