"""The tasks of the chapter from question to report."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import Task


def _until(answer: Any, rng: np.random.Generator, setup: float = 0) -> None:
    while True:  # until each fault shows
        hours, slots = int(rng.integers(20, 60)), int(rng.integers(3, 9))
        minutes = int(rng.integers(12, 40))
        reserve = float(rng.choice([0.2, 0.25, 0.3, 0.4]))
        left = (1 - reserve) * hours * 60 - setup
        right = slots * (left // minutes)
        wrongs = [
            slots * left // minutes,
            slots * ((hours * 60 - setup) // minutes),
            slots * ((reserve * hours * 60 - setup) // minutes),
            left // minutes,
            slots * (((1 - reserve) * hours - setup / 60) // minutes),
            slots * left / minutes,
        ]
        ratios = [left / minutes, wrongs[-1], reserve * hours * 60 / minutes]
        sure = all(0.01 < ratio % 1 < 0.99 for ratio in ratios)
        if sure and len({right, *wrongs}) == 7:
            break
    diagnoses = (
        _("Each slot runs its own trials: round down before you add the slots."),
        _("The reserve is no time for trials: take it off."),
        _("The reserve is what is kept back, not what is used."),
        _("Count the trials of all slots."),
        _("Hours and minutes: the trials are counted in minutes."),
        _("A number of trials is whole."),
    )
    Call(answer, hours, slots, minutes, reserve).judge(
        right, *zip(wrongs, diagnoses, strict=True)
    )


def _until_hints() -> tuple[str, ...]:
    return (
        _("How many minutes has one slot, once the reserve is taken off?"),
        _("How many whole trials fit into them? Then count all slots."),
    )


def _seeds(answer: Any, rng: np.random.Generator, power: float = 0.8) -> None:
    from scipy import stats

    z = stats.norm.ppf(0.975) + stats.norm.ppf(power)
    diagnoses = (
        _("Round up: with fewer seeds the share is not reached."),
        _("The standard deviation needs `ddof=1`: the mean is estimated."),
        _("The quotient counts squared."),
        _("With 1.96 alone, only half of the studies decide."),
        _("The effect is the one that matters to you, not the pilot's mean."),
        _("A number of seeds is whole."),
    )
    while True:  # until each fault shows
        n = int(rng.integers(6, 11))
        pilot = rng.normal(rng.uniform(0.4, 0.6), rng.uniform(0.7, 1.3), size=n)
        pilot = pilot.round(2)
        effect = round(float(rng.uniform(0.2, 0.35)), 2)
        s, biased = pilot.std(ddof=1), pilot.std()
        exact = [
            (z * s / effect) ** 2,
            (z * s / effect) ** 2,
            (z * biased / effect) ** 2,
            z**2 * s / effect,
            (stats.norm.ppf(0.975) * s / effect) ** 2,
            (z * s / pilot.mean()) ** 2,
        ]
        right, *wrongs = np.ceil(exact)
        wrongs[0] -= 1
        sure = all(0.02 < value % 1 < 0.98 for value in exact)
        if sure and len({right, *wrongs}) == 6:
            break
    Call(answer, pilot, effect).judge(
        right, *zip([*wrongs, exact[0]], diagnoses, strict=True)
    )


def _seeds_hints() -> tuple[str, ...]:
    return (
        _("$n = (z_1 + z_2)^2 s^2 / \\delta^2$, where $z_1$ belongs to 97.5%."),
        _("`stats.norm.ppf` gives the values of the normal; `np.ceil` rounds up."),
    )


def _recommend(answer: Any, rng: np.random.Generator) -> None:
    from scipy import stats

    n = 20
    t = stats.t.ppf(0.975, n - 1)
    narrow, wide = t / np.sqrt(n), t * np.sqrt(1 / n + 1 / 4)
    simple, complex_, weak = rng.permutation(["svm", "forest", "ridge"]).tolist()
    worse = _("A model is better if its error is smaller.")
    both = _("Its gain is decided and large enough: recommend it.")
    # Of each case: the gain and its deviation in units of the smallest gain, and why
    # another model than the right one would be named.
    cases = [
        (3, 1 / wide, complex_, {weak: worse, simple: both}),
        (
            1.3,
            0.7 / wide,
            complex_,
            {simple: _("The gain has to reach the smallest one, its interval only 0.")},
        ),
        (0.6, 0.2 / wide, simple, {complex_: _("This gain would change no decision.")}),
        (1.5, 2 / narrow, simple, {complex_: _("The interval contains zero.")}),
        (
            1.5,
            1.5 * (0.5 / narrow + 0.5 / wide),
            simple,
            {complex_: _("The partitions share rows: the interval is the corrected.")},
        ),
    ]
    for gain, deviation, right, wrongs in cases:
        smallest = round(float(rng.uniform(0.5, 2)), 1)
        scatter = stats.zscore(rng.normal(size=n), ddof=1)
        base = rng.normal(40, 1, size=n)
        errors = {
            weak: base + smallest * (3 + 0.5 * scatter[::-1] / wide),
            simple: base,
            complex_: base - smallest * (gain + deviation * scatter),
        }
        call = Call(answer, errors, simple, smallest)
        call.judge(right, *wrongs.items())


def _recommend_hints() -> tuple[str, ...]:
    return (
        _("The gain is the simple model's error minus the other's, in each partition."),
        _("Half the corrected interval: t, times the deviation, times √(1/n + 1/4)."),
        _("Two conditions: the interval is above zero, and the mean gain is enough."),
    )


TASKS = {
    "1": Task(_until, _until_hints),
    "2": Task(_seeds, _seeds_hints),
    "3": Task(_recommend, _recommend_hints),
}
