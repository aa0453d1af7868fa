"""Trials as other libraries recorded them, and what Optuna calls the same."""

import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from numbers import Integral, Real

import numpy as np
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState, create_trial


@dataclass
class Row:
    """One trial as its library recorded it."""

    params: dict
    value: float | None = None
    state: TrialState = TrialState.COMPLETE
    start: datetime | None = None
    complete: datetime | None = None
    attrs: dict = field(default_factory=dict)
    scores: dict = field(default_factory=dict)  # attributes that share the sign
    steps: dict = field(default_factory=dict)
    constraints: dict | None = None
    seconds: float = 0.0


@dataclass
class Range:
    """What a library was told about a number, as far as it is known."""

    low: float = math.inf
    high: float = -math.inf
    log: bool | None = None
    step: float | None = None


def trial(row, distributions, sign):
    """Return a row as a frozen trial of Optuna.

    Parameters
    ----------
    row : Row
        The trial.
    distributions : dict
        The distribution of each parameter of the study.
    sign : {1, -1}
        What values are multiplied by.

    Returns
    -------
    optuna.trial.FrozenTrial
        The trial; failed if its value is missing or NaN.
    """
    state, attrs = row.state, dict(row.attrs)
    value = None if row.value is None else sign * float(row.value)
    valued = state in (TrialState.COMPLETE, TrialState.PRUNED)
    if valued and (value is None or math.isnan(value)):
        valued, state = False, TrialState.FAIL
        attrs.setdefault("failure", f"the value is {row.value}")
    for name, scores in row.scores.items():
        attrs[name] = [sign * float(score) for score in scores]
    frozen = create_trial(
        state=state,
        value=value if valued else None,
        params={
            name: _value(row.params[name], distributions[name]) for name in row.params
        },
        distributions={name: distributions[name] for name in row.params},
        user_attrs=attrs,
        intermediate_values={step: sign * v for step, v in row.steps.items()},
        constraints=row.constraints,
    )
    if row.start is not None and state is not TrialState.WAITING:
        frozen.datetime_start = row.start
    if row.complete is not None and state.is_finished():
        frozen.datetime_complete = row.complete
        if row.start is None:
            frozen.datetime_start = row.complete
    return frozen


def plain(value):
    """Return a value of Python that a category can be.

    Parameters
    ----------
    value : object
        Any value of a hyperparameter.

    Returns
    -------
    None, bool, int, float or str
        The value, or its text; of classes and functions the name.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "__qualname__"):
        return value.__qualname__
    return re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(value).split()))


def distribution(declared, values):
    """Return the distribution of a parameter.

    Parameters
    ----------
    declared : Range, list or None
        What the library was told.
    values : list
        The values that occurred.

    Returns
    -------
    optuna.distributions.BaseDistribution
        A range for numbers, categories for everything else.
    """
    choices = [plain(value) for value in declared] if _is_list(declared) else []
    values = choices + [plain(value) for value in values]
    if not all(_is_number(value) for value in values):
        return CategoricalDistribution(list(dict.fromkeys(values)))
    known = declared if isinstance(declared, Range) else Range()
    whole = all(isinstance(value, Integral) for value in values)
    number = int if whole else float
    low = number(min(known.low, *values)) if values else known.low
    high = number(max(known.high, *values)) if values else known.high
    log = _looks_log(values) if known.log is None else known.log
    log = bool(log and low > 0)
    kind = IntDistribution if whole else FloatDistribution
    step = None if log else _step(known.step, low, high, values)
    return kind(low, high, log=log) if step is None else kind(low, high, step=step)


def _is_list(declared):
    return isinstance(declared, (list, tuple, np.ndarray, range))


def _is_number(value):
    return (
        isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    )


def _looks_log(values):
    """Tell whether the median stands nearer the middle of a logarithmic axis."""
    low, high, middle = min(values), max(values), float(np.median(values))
    if not 0 < low < high:
        return False
    linear = (middle - low) / (high - low)
    log = math.log(middle / low) / math.log(high / low)
    return abs(log - 0.5) < abs(linear - 0.5)


def _step(step, low, high, values):
    """Return a step if all values stand on it: Optuna refuses others."""
    if not step:
        return None
    places = [(value - low) / step for value in [high, *values]]
    on_step = all(abs(place - round(place)) < 1e-8 for place in places)
    return step if on_step else None


def _value(value, kind):
    value = plain(value)
    return float(value) if isinstance(kind, FloatDistribution) else value
