"""The tasks of the chapter from question to report."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Drawn, Variant, faults, task


@task(
    "reporting/1",
    N_("How many minutes has one slot, once the reserve is taken off?"),
    N_("How many whole trials fit into them? Then count all slots."),
    variant=Variant(
        "setup",
        range(45, 270, 45),
        N_(
            "each slot first needs {setup} minutes to start, once, after which it has "
            "the rest of its time for trials."
        ),
        {"* hours * 60\n": "* hours * 60 - {setup}\n"},
    ),
)
@faults(
    N_("Each slot runs its own trials: round down before you add the slots."),
    N_("The reserve is no time for trials: take it off."),
    N_("The reserve is what is kept back, not what is used."),
    N_("Count the trials of all slots."),
    N_("Hours and minutes: the trials are counted in minutes."),
    N_("A number of trials is whole."),
)
def _until(rng: np.random.Generator, setup: float = 0) -> Drawn | None:
    hours, slots = int(rng.integers(20, 60)), int(rng.integers(3, 9))
    minutes = int(rng.integers(12, 40))
    reserve = float(rng.choice([0.2, 0.25, 0.3, 0.4]))
    left = (1 - reserve) * hours * 60 - setup
    exact = [left / minutes, slots * left / minutes, reserve * hours * 60 / minutes]
    if not all(0.01 < value % 1 < 0.99 for value in exact):
        return None  # too near to a whole number
    return (hours, slots, minutes, reserve), [
        slots * (left // minutes),
        slots * left // minutes,
        slots * ((hours * 60 - setup) // minutes),
        slots * ((reserve * hours * 60 - setup) // minutes),
        left // minutes,
        slots * (((1 - reserve) * hours - setup / 60) // minutes),
        slots * left / minutes,
    ]


@task(
    "reporting/2",
    N_("$n = (z_1 + z_2)^2 s^2 / \\delta^2$, where $z_1$ belongs to 97.5%."),
    N_("`stats.norm.ppf` gives the values of the normal; `np.ceil` rounds up."),
    variant=Variant(
        "power",
        (0.6, 0.7, 0.9, 0.95, 0.99),
        N_("the share of the studies that decide is {power}, not 0.8."),
        {"ppf(0.8)": "ppf({power})"},
    ),
)
@faults(
    N_("Round up: with fewer seeds the share is not reached."),
    N_("The standard deviation needs `ddof=1`: the mean is estimated."),
    N_("The quotient counts squared."),
    N_("With 1.96 alone, only half of the studies decide."),
    N_("The effect is the one that matters to you, not the pilot's mean."),
    N_("A number of seeds is whole."),
)
def _seeds(rng: np.random.Generator, power: float = 0.8) -> Drawn | None:
    from scipy import stats

    z = stats.norm.ppf(0.975) + stats.norm.ppf(power)
    n = int(rng.integers(6, 11))
    pilot = rng.normal(rng.uniform(0.4, 0.6), rng.uniform(0.7, 1.3), size=n).round(2)
    effect, s = round(float(rng.uniform(0.2, 0.35)), 2), pilot.std(ddof=1)
    exact = np.array(
        [
            (z * s / effect) ** 2,
            (z * pilot.std() / effect) ** 2,
            z**2 * s / effect,
            (stats.norm.ppf(0.975) * s / effect) ** 2,
            (z * s / pilot.mean()) ** 2,
        ]
    )
    if (np.abs(exact % 1 - 0.5) > 0.48).any():
        return None  # too near to a whole number
    right, *wrongs = np.ceil(exact)
    return (pilot, effect), [right, right - 1, *wrongs, exact[0]]


@task(
    "reporting/3",
    N_("The gain is the simple model's error minus the other's, in each partition."),
    N_("Half the corrected interval: t, times the deviation, times √(1/n + 1/4)."),
    N_("Two conditions: the interval is above zero, and the mean gain is enough."),
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
