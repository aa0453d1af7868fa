"""Usual faults in the answers, and right answers that look different."""

import math

import numpy as np
from scipy import stats


def decoded(choice, value=lambda x: x):
    def decode(space, best):
        return {
            name: choice(options, best[name]) if options else value(best[name])
            for name, options in space.items()
        }

    return decode


def pick(options, place):
    return options[place]


def swapped(space, best):
    right = decoded(pick)(space, best)
    right["batch_size"], right["hidden_size"] = (
        right["hidden_size"],
        right["batch_size"],
    )
    return right


def differences(a, b):
    return [i for i, (one, other) in enumerate(zip(a, b, strict=True)) if one != other]


def last_equal(a, b):
    return max({-1, *range(len(a))} - set(differences(a, b))) + 1


def step(score=np.divide, good_of=None, round_up=math.ceil, place=False):
    def propose(x, losses, candidates, gamma, width):
        order = np.argsort(losses) if good_of is None else good_of(losses)
        n_good = round_up(gamma * len(x))
        l_x, g_x = (
            stats.norm.pdf(candidates.reshape(-1, 1), each, width).mean(axis=1)
            for each in (x[order[:n_good]], x[order[n_good:]])
        )
        best = np.argmax(score(l_x, g_x))
        return best if place else candidates[best]

    return propose


FAULTS = {
    "tpe-and-hyperopt/1": [
        (lambda space, best: best, "look the values up"),
        (decoded(lambda options, place: options[place - 1]), "count from 0"),
        (swapped, "list of its own name"),
        (decoded(pick, np.exp), "is a value already"),
        (decoded(pick, np.log), "is a value already"),
        (
            lambda space, best: {k: v[best[k]] for k, v in space.items() if v},
            "with the names of the space",
        ),
        (lambda space, best: list(best.values()), "with the names of the space"),
    ],
    "tpe-and-hyperopt/2": [
        (lambda a, b: np.equal(a, b).sum(), "is a coincidence"),
        (last_equal, "is a coincidence"),
        (lambda a, b: min(differences(a, b), default=11) + 1, "without it"),
        (lambda a, b: np.argmin(np.equal(a, b)), "the whole search was random"),
    ],
    "tpe-and-hyperopt/3": [
        (step(lambda l_x, g_x: l_x), "largest l is not"),
        (step(lambda l_x, g_x: g_x / l_x), "not g / l"),
        (step(np.subtract), "is no ratio"),
        (step(good_of=lambda losses: np.argsort(-losses)), "smallest losses"),
        (step(good_of=lambda losses: np.arange(len(losses))), "sort by the losses"),
        (step(round_up=math.floor), "rounded up"),
        (step(place=True), "return its value"),
        (lambda x, losses, c, g, w: x[np.argmin(losses)], "best trial so far"),
    ],
}

ALIKE = [
    ("tpe-and-hyperopt/1", lambda values: dict(reversed(values.items()))),
    ("tpe-and-hyperopt/2", np.array),
    ("tpe-and-hyperopt/3", lambda x: np.array([x])),
]
