"""Checks of arguments: each error says what was wrong, what was seen, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_SEED = 2**32 - 1


def check_integer(value, name, *, minimum, maximum=None):
    """Return `value` as an ``int`` within bounds.

    Parameters
    ----------
    value : object
        What the caller passed.
    name : str
        Name of the argument, for messages.
    minimum : int
        The smallest value allowed.
    maximum : int, optional
        The largest value allowed.

    Returns
    -------
    int
        The value.

    Raises
    ------
    TypeError
        If it is no integer; a ``bool`` is none.
    ValueError
        If it is out of bounds.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(
            f"{name} must be an integer, got {value!r} of type {type(value).__name__}"
        )
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value}")
    if maximum is not None and value > maximum:
        raise ValueError(f"{name} must be at most {maximum}, got {value}")
    return int(value)


def check_seed(value):
    """Return a seed as an ``int``; ``None`` is refused, so that results repeat.

    Parameters
    ----------
    value : object
        What the caller passed as `seed`.

    Returns
    -------
    int
        The seed.
    """
    return check_integer(value, "seed", minimum=0, maximum=MAX_SEED)


def check_not_negative(value, name):
    """Return `value` as a finite ``float`` of at least zero.

    Parameters
    ----------
    value : object
        What the caller passed.
    name : str
        Name of the argument, for messages.

    Returns
    -------
    float
        The value.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(
            f"{name} must be a number, got {value!r} of type {type(value).__name__}"
        )
    if not 0 <= value < float("inf"):
        raise ValueError(f"{name} must be finite and at least 0, got {value}")
    return float(value)


def suggest(value: object, known: Iterable[str]) -> str:
    """Return what to add to a message about an unknown name: the nearest known.

    Parameters
    ----------
    value : object
        What the caller passed.
    known : iterable of str
        What is allowed.

    Returns
    -------
    str
        ``"; did you mean 'name'?"``, or nothing.
    """
    near = get_close_matches(str(value), list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def check_choice(value: object, name: str, known: Iterable[str]) -> None:
    """Raise unless a value is one of those known; name the nearest.

    Parameters
    ----------
    value : object
        What the caller passed.
    name : str
        Name of the argument, for messages.
    known : iterable of str
        What is allowed.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    known = list(known)
    if isinstance(value, str) and value in known:
        return
    raise ValueError(
        f"{name} must be one of {', '.join(known)}, got {value!r:.60}"
        f"{suggest(value, known)}"
    )


def check_vector(values, name):
    """Return `values` as a one-dimensional array without missing values.

    Parameters
    ----------
    values : array-like
        What the caller passed.
    name : str
        Name of the argument, for messages.

    Returns
    -------
    numpy.ndarray
        The values.
    """
    if isinstance(values, (str, bytes, dict, set)) or not hasattr(values, "__len__"):
        raise TypeError(
            f"{name} must be a list or an array, "
            f"got {values!r:.60} of type {type(values).__name__}"
        )
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} cannot become an array: {error}") from None
    if array.ndim != 1:
        advice = ""
        if array.ndim == 2 and array.shape[1] == 1:
            advice = f"; flatten it with {name}.ravel()"
        elif array.ndim == 2:
            advice = "; turn probabilities into labels with .argmax(axis=1)"
        raise ValueError(
            f"{name} must have one dimension, got shape {array.shape}{advice}"
        )
    if array.size == 0:
        raise ValueError(f"{name} is empty; give at least one value")
    missing = _is_missing(array)
    if missing.any():
        first = int(missing.argmax())
        raise ValueError(
            f"{name} holds {int(missing.sum())} missing or infinite value(s), "
            f"the first at position {first}: {array[first]!s}; remove them or find "
            "out where they arise"
        )
    return array


def _is_missing(array):
    if array.dtype.kind in "fc":
        return ~np.isfinite(array)
    return np.asarray(pd.isna(array))


def check_axes(ax: Any, figsize: tuple[float, float] | None = None) -> Axes:
    """Return axes to draw on: those given, or new ones.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        What the caller passed.
    figsize : tuple of float, optional
        Width and height of a new figure, in inches.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    TypeError
        If it is anything else.
    """
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


def check_same_length(**arrays):
    """Raise if two arrays differ in length.

    Parameters
    ----------
    **arrays : array-like
        The two arrays, by the names of the arguments.
    """
    (one, first), (two, second) = arrays.items()
    if len(first) != len(second):
        raise ValueError(
            f"{one} and {two} must have the same length, "
            f"got {len(first)} and {len(second)}; do both belong to the same set?"
        )


def check_targets(y_true, y_pred):
    """Return true and predicted values of a regression as arrays of floats.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        What the caller passed.

    Returns
    -------
    tuple of numpy.ndarray
        Both arrays.
    """
    arrays = []
    for name, values in (("y_true", y_true), ("y_pred", y_pred)):
        array = check_vector(values, name)
        if array.dtype.kind not in "iuf":
            raise TypeError(
                f"{name} must hold numbers, got {array[0]!r} in an array of "
                f"dtype {array.dtype}; for classes use evaluate_classifier"
            )
        arrays.append(array.astype(float))
    check_same_length(y_true=arrays[0], y_pred=arrays[1])
    return tuple(arrays)


def check_labels(y_true, y_pred, labels):
    """Return true labels, predicted labels and all labels as arrays.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        What the caller passed.
    labels : array-like or None
        All labels, in the order wanted; ``None`` takes the sorted labels of
        `y_true` and `y_pred`.

    Returns
    -------
    tuple of numpy.ndarray
        `y_true`, `y_pred` and `labels`.
    """
    y_true, y_pred = (
        _check_classes(check_vector(values, name), name)
        for name, values in (("y_true", y_true), ("y_pred", y_pred))
    )
    check_same_length(y_true=y_true, y_pred=y_pred)
    _check_same_kind(y_true=y_true, y_pred=y_pred)
    if labels is None:
        return y_true, y_pred, np.union1d(y_true, y_pred)
    labels = _check_classes(check_vector(labels, "labels"), "labels")
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


def _check_classes(array, name):
    if array.dtype.kind == "f":
        broken = array[array != np.floor(array)]
        if broken.size:
            raise ValueError(
                f"{name} must hold labels, got numbers such as {broken[0]}; turn "
                "scores or probabilities into labels with .argmax(axis=1) or the "
                "estimator's predict, or use evaluate_regressor"
            )
        return array.astype(np.int64)
    kinds = sorted({type(value).__name__ for value in array.tolist()})
    if len(kinds) > 1 or kinds[0] not in ("bool", "int", "str"):
        raise TypeError(
            f"{name} must hold labels that are all integers or all strings, "
            f"got {' and '.join(kinds)}"
        )
    return array.astype(kinds[0])


def _check_same_kind(**arrays):
    (one, first), (two, second) = arrays.items()
    if (first.dtype.kind in "biuf") != (second.dtype.kind in "biuf"):
        raise TypeError(
            f"{one} and {two} must hold labels of the same type, "
            f"got {first.tolist()[0]!r} and {second.tolist()[0]!r}"
        )
