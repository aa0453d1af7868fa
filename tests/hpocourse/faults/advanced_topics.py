"""Usual faults in the answers, and right answers that look different."""

import numpy as np


def part(of):
    def explained(smart, plain, default):
        plain, default, smart = map(np.array, (plain, default, smart))
        return of(plain - default, plain - smart, plain, default, smart)

    return explained


def product(value, least=False):
    def guided_choice(acquisition, prior, n, beta):
        values = value(np.array(acquisition), np.array(prior), n, beta)
        return int(np.argmin(values) if least else np.argmax(values))

    return guided_choice


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
        (part(lambda ours, gain, *_: 1 - ours.mean() / gain.mean()), "what is left"),
        (part(lambda ours, gain, *_: ours.mean()), "not a difference"),
        (part(lambda ours, gain, *_: gain.mean() / ours.mean()), "whole advantage"),
        (part(lambda ours, gain, p, d, s: d.mean() / p.mean()), "not regrets"),
        (part(lambda ours, gain, p, d, s: s.mean() / d.mean()), "not regrets"),
        (part(lambda ours, gain, *_: (ours / gain).mean()), "means over the seeds"),
    ],
    "advanced-topics/2": [
        (product(lambda a, p, n, beta: a), "a power of it"),
        (product(lambda a, p, n, beta: a * p), "exponent falls"),
        (product(lambda a, p, n, beta: a * p ** (n / beta)), "not `n / beta`"),
        (product(lambda a, p, n, beta: p), "alone does not"),
        (product(lambda a, p, n, beta: a * p ** (beta / n), least=True), "smallest"),
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
    ("advanced-topics/1", np.float64),
    ("advanced-topics/2", float),
    ("advanced-topics/3", np.array),
]
