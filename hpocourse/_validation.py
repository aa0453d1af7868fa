"""Checks of arguments: each error says what was wrong, what was seen, what to do.

Each takes what a caller passed and the name of the argument, returns the value as it
is wanted, and raises a TypeError for a wrong kind, a ValueError for a wrong value.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import combinations
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_SEED = 2**32 - 1


def check_type(value: Any, name: str, kind: Any, what: str) -> None:
    """Raise unless a value is of a type; `what` says which, and how to make one."""
    if not isinstance(value, kind):
        raise TypeError(
            f"{name} must be {what}, got {value!r:.60} of type {type(value).__name__}"
        )


def check_integer(
    value: Any, name: str, *, minimum: int, maximum: int | None = None
) -> int:
    """Return `value` as an ``int`` within bounds."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(
            f"{name} must be an integer, got {value!r} of type {type(value).__name__}"
        )
    number = int(value)
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value}")
    if maximum is not None and number > maximum:
        raise ValueError(f"{name} must be at most {maximum}, got {value}")
    return number


def check_seed(value: object) -> int:
    """Return a seed as an ``int``; ``None`` is refused, so that results repeat."""
    return check_integer(value, "seed", minimum=0, maximum=MAX_SEED)


def check_not_negative(value: Any, name: str) -> float:
    """Return `value` as a finite ``float`` of at least zero."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(
            f"{name} must be a number, got {value!r} of type {type(value).__name__}"
        )
    if not 0 <= float(value) < float("inf"):
        raise ValueError(f"{name} must be finite and at least 0, got {value}")
    return float(value)


def check_share(value: object, name: str) -> float:
    """Return a share as a ``float`` from 0 to below 1."""
    share = check_not_negative(value, name)
    if share >= 1:
        raise ValueError(f"{name} must be below 1, got {value}")
    return share


def check_positive(value: Any, name: str) -> float:
    """Return a number above zero as a ``float``."""
    if not isinstance(value, bool) and isinstance(value, Real) and not float(value) > 0:
        raise ValueError(f"{name} must be above 0, got {value}")
    return check_not_negative(value, name)


def suggest(value: object, known: Iterable[str]) -> str:
    """Return what to add to a message about an unknown name: the nearest known."""
    near = get_close_matches(str(value), list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def check_choice(value: object, name: str, known: Iterable[str]) -> str:
    """Return a value that is one of those known."""
    known = list(known)
    if isinstance(value, str) and value in known:
        return value
    raise ValueError(
        f"{name} must be one of {', '.join(known)}, got {value!r:.60}"
        f"{suggest(value, known)}"
    )


def check_space(space: Any) -> None:
    """Raise unless a search space is a dict of Optuna's distributions, or None."""
    from optuna.distributions import BaseDistribution

    if space is None:
        return
    check_type(space, "space", dict, "a dict of names and distributions of Optuna")
    if not space:
        raise ValueError(
            "space is empty; name at least one parameter, or leave space out and "
            "let the objective suggest its own"
        )
    for name, d in space.items():
        check_type(name, "each key of space", str, "the name of a parameter")
        use = "such as FloatDistribution(low, high) of optuna.distributions"
        check_type(d, f"space[{name!r}]", BaseDistribution, f"a distribution, {use}")
        check_choices(name, d)


def check_choices(name: str, distribution: Any) -> None:
    """Raise if two choices of a parameter are equal for Python, which Optuna mixes."""
    for one, other in combinations(getattr(distribution, "choices", ()), 2):
        try:
            equal = bool(one == other)
        except ValueError:  # arrays of several elements
            continue
        if equal and repr(one) != repr(other):
            raise ValueError(
                f"{name!r} has the choices {one!r:.60} and {other!r:.60}, which Python "
                "holds for equal; offer words, and look up what they stand for"
            )


def check_one_objective(
    study: Any,
    advice: str = "this sampler works for one; use optuna.samplers.NSGAIISampler()",
) -> None:
    """Raise if a study has several objectives; `advice` says what takes them."""
    if len(study.directions) > 1:
        raise ValueError(
            f"the study {study.study_name!r} has {len(study.directions)} objectives, "
            f"and {advice}"
        )


def check_numbers(values: Any, name: str) -> np.ndarray:
    """Return `values` as an array of numbers, none of them missing."""
    from sklearn.utils import check_array

    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    try:
        array = check_array(values, ensure_2d=False, allow_nd=True)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from None
    if name.startswith("X") and array.ndim != 2:
        raise ValueError(
            f"{name} must have two dimensions, a row for each example, got shape "
            f"{array.shape}; flatten images with .reshape(len(X), -1), and give "
            "X_train, y_train, X_valid, y_valid in this order"
        )
    return array


def check_vector(values: Any, name: str, *, labels: bool) -> np.ndarray:
    """Return `values` as a one-dimensional array without missing values."""
    if isinstance(values, (str, bytes, dict, set)) or not hasattr(values, "__len__"):
        raise TypeError(
            f"{name} must be a list or an array, "
            f"got {values!r:.60} of type {type(values).__name__}"
        )
    try:
        array = np.asarray(values)
        if array.ndim == 1 and array.dtype.kind == "U":
            # NumPy would make words of the numbers in [1, "a"].
            array = np.fromiter(values, object, len(values))
        if array.dtype == object and {*map(_kind, array.flat)} <= {"int", "float"}:
            array = np.asarray(array.tolist())  # numbers collected one by one
    except ValueError as error:
        raise ValueError(f"{name} cannot become an array: {error}") from None
    if array.ndim != 1:
        advice = ""
        if array.ndim == 2 and array.shape[1] == 1:
            advice = f"; flatten it with {name}.ravel()"
        elif array.ndim == 2 and labels:
            advice = "; turn probabilities into labels with .argmax(axis=1)"
        elif array.ndim == 2:
            advice = f"; evaluate one column at a time, as {name}[:, 0]"
        raise ValueError(
            f"{name} must have one dimension, got shape {array.shape}{advice}"
        )
    if array.size == 0:
        raise ValueError(f"{name} is empty; give at least one value")
    is_number = array.dtype.kind in "fc"
    missing = ~np.isfinite(array) if is_number else np.asarray(pd.isna(array))
    if missing.any():
        first = int(missing.argmax())
        raise ValueError(
            f"{name} holds {int(missing.sum())} missing or infinite value(s), "
            f"the first at position {first}: {array[first]!s}; remove them or find "
            "out where they arise"
        )
    return array


def check_axes(ax: Any, figsize: tuple[float, float] | None = None) -> Axes:
    """Return axes to draw on: those given, or new ones."""
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        return plt.subplots(figsize=figsize)[1]
    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax must be one Axes of Matplotlib, got {ax!r:.60} of type "
            f"{type(ax).__name__}; make one with `_, ax = plt.subplots()`"
        )
    return ax


def check_same_length(**arrays: Any) -> None:
    """Raise if two arrays differ in length."""
    (one, first), (two, second) = arrays.items()
    if len(first) != len(second):
        raise ValueError(
            f"{one} and {two} must have the same length, "
            f"got {len(first)} and {len(second)}; do both belong to the same set?"
        )


def check_targets(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return true and predicted values of a regression as arrays of floats."""
    arrays = []
    for name, values in (("y_true", y_true), ("y_pred", y_pred)):
        array = check_vector(values, name, labels=False)
        if array.dtype.kind not in "iuf":
            raise TypeError(
                f"{name} must hold numbers, got {array[0]!r} in an array of "
                f"dtype {array.dtype}; for classes use evaluate_classifier"
            )
        arrays.append(array.astype(float))
    check_same_length(y_true=arrays[0], y_pred=arrays[1])
    return arrays[0], arrays[1]


def check_labels(
    y_true: Any, y_pred: Any, labels: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return true labels, predicted labels and all labels as arrays."""
    y_true, y_pred = (
        _check_classes(check_vector(values, name, labels=True), name)
        for name, values in (("y_true", y_true), ("y_pred", y_pred))
    )
    check_same_length(y_true=y_true, y_pred=y_pred)
    _check_same_kind(y_true=y_true, y_pred=y_pred)
    if labels is None:
        return y_true, y_pred, np.union1d(y_true, y_pred)
    labels = _check_classes(check_vector(labels, "labels", labels=True), "labels")
    if len(set(labels.tolist())) < len(labels):
        raise ValueError(f"labels must differ, got {labels.tolist()}")
    _check_same_kind(labels=labels, y_true=y_true)
    for name, values in (("y_true", y_true), ("y_pred", y_pred)):
        unknown = np.setdiff1d(values, labels)
        if unknown.size:
            raise ValueError(
                f"{name} holds {unknown.tolist()}, not among labels "
                f"{labels.tolist()}; add to labels or correct {name}"
            )
    return y_true, y_pred, labels


def _kind(value: object) -> str:
    """Return what kind of label a value is; NumPy's scalars are of Python's kinds."""
    if isinstance(value, np.generic):
        value = value.item()
    return type(value).__name__


def _check_classes(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind == "f":
        broken = array[array != np.floor(array)]
        if broken.size:
            raise ValueError(
                f"{name} must hold labels, got numbers such as {broken[0]}; turn "
                "scores or probabilities into labels with .argmax(axis=1) or the "
                "estimator's predict, or use evaluate_regressor"
            )
        return array.astype(np.int64)
    kinds = sorted({_kind(value) for value in array.tolist()})
    if len(kinds) > 1 or kinds[0] not in ("bool", "int", "str"):
        raise TypeError(
            f"{name} must hold labels that are all integers or all strings, "
            f"got {' and '.join(kinds)}"
        )
    return array.astype(kinds[0])


def _check_same_kind(**arrays: np.ndarray) -> None:
    (one, first), (two, second) = arrays.items()
    if (first.dtype.kind in "biuf") != (second.dtype.kind in "biuf"):
        raise TypeError(
            f"{one} and {two} must hold labels of the same type, "
            f"got {first.tolist()[0]!r} and {second.tolist()[0]!r}"
        )
