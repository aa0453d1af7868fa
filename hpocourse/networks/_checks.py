"""Checks of networks and their data: what was wrong, what was seen, what to do."""

from difflib import get_close_matches
from numbers import Real

import numpy as np
import torch

from .._dataset import Dataset
from .._validation import check_integer, check_not_negative

PARTS = ("X_train", "y_train", "X_valid", "y_valid")


def check_choice(value, name, known):
    """Raise unless a value is one of those known; name the nearest.

    Parameters
    ----------
    value : object
        What the caller passed.
    name : str
        Name of the argument, for messages.
    known : iterable of str
        What is allowed.
    """
    if isinstance(value, str) and value in known:
        return
    near = get_close_matches(str(value), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}{hint}")


def check_hidden(hidden):
    """Return the widths of hidden layers as a tuple of ``int``.

    Parameters
    ----------
    hidden : tuple of int
        What the caller passed.

    Returns
    -------
    tuple of int
        The widths.
    """
    if not isinstance(hidden, (tuple, list)):
        raise TypeError(
            f"hidden must be a tuple with a width for each hidden layer, got "
            f"{hidden!r:.60}; for one layer of 64 write hidden=(64,)"
        )
    return tuple(
        check_integer(width, f"hidden[{i}]", minimum=1)
        for i, width in enumerate(hidden)
    )


def check_share(value, name):
    """Return a share as a ``float`` from 0 to below 1.

    Parameters
    ----------
    value : object
        What the caller passed.
    name : str
        Name of the argument, for messages.

    Returns
    -------
    float
        The share.
    """
    value = check_not_negative(value, name)
    if value >= 1:
        raise ValueError(f"{name} must be below 1, got {value}")
    return value


def check_positive(value, name):
    """Return a number above zero as a ``float``.

    Parameters
    ----------
    value : object
        What the caller passed.
    name : str
        Name of the argument, for messages.

    Returns
    -------
    float
        The number.
    """
    if not isinstance(value, bool) and isinstance(value, Real) and not value > 0:
        raise ValueError(f"{name} must be above 0, got {value}")
    return check_not_negative(value, name)


def check_prune(prune):
    """Raise unless it can be called.

    Parameters
    ----------
    prune : callable or None
        What the caller passed.
    """
    if prune is not None and not callable(prune):
        raise TypeError(
            "prune must be a function that says whether to end, got "
            f"{prune!r:.60} of type {type(prune).__name__}"
        )


def holds_classes(data):
    """Tell whether the targets of data are classes.

    Parameters
    ----------
    data : hpocourse.Dataset or tuple of array-like
        The data; a data set knows, and of a tuple whole numbers are classes.

    Returns
    -------
    bool
        Whether they are.
    """
    if isinstance(data, Dataset):
        return data.target_names is not None
    return check_data(data)["y_train"].dtype.kind != "f"


def check_data(data):
    """Return training and validation data as four arrays that fit together.

    Parameters
    ----------
    data : hpocourse.Dataset or tuple of array-like
        The data; a tuple holds ``X_train, y_train, X_valid, y_valid``.

    Returns
    -------
    dict of str to numpy.ndarray
        The arrays, by name; a single target has two dimensions only for classes
        that are none.
    """
    if isinstance(data, Dataset):
        data = tuple(getattr(data, part) for part in PARTS)
    if not isinstance(data, (tuple, list)) or len(data) != len(PARTS):
        raise TypeError(
            "data must be a Dataset or a tuple (X_train, y_train, X_valid, y_valid), "
            f"got {type(data).__name__}"
            + (f" of {len(data)}" if isinstance(data, (tuple, list)) else "")
        )
    arrays = {
        name: check_array(values, name)
        for name, values in zip(PARTS, data, strict=True)
    }
    for part in ("train", "valid"):
        X, y = arrays[f"X_{part}"], arrays[f"y_{part}"]
        if X.ndim != 2:
            raise ValueError(
                f"X_{part} must have two dimensions, a row for each example, got "
                f"shape {X.shape}; flatten images with .reshape(len(X), -1), and give "
                "X_train, y_train, X_valid, y_valid in this order"
            )
        if y.ndim not in (1, 2):
            raise ValueError(f"y_{part} must have one dimension, got shape {y.shape}")
        if len(X) != len(y):
            raise ValueError(
                f"X_{part} and y_{part} must have the same length, got {len(X)} and "
                f"{len(y)}; do both belong to the same set?"
            )
    for one in "Xy":
        first, second = arrays[f"{one}_train"], arrays[f"{one}_valid"]
        if first.shape[1:] != second.shape[1:]:
            raise ValueError(
                f"{one}_train and {one}_valid must agree in all but their length, "
                f"got shapes {first.shape} and {second.shape}"
            )
    return arrays


def check_array(values, name):
    """Return `values` as a numeric array without missing values.

    Parameters
    ----------
    values : array-like or torch.Tensor
        What the caller passed.
    name : str
        Name of the argument, for messages.

    Returns
    -------
    numpy.ndarray
        The values.
    """
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu().numpy()
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} must hold numbers, got dtype {array.dtype}; number classes with "
            "numpy.unique(y, return_inverse=True)"
        )
    if array.size == 0:
        raise ValueError(f"{name} is empty, got shape {array.shape}")
    if array.dtype.kind == "f":
        broken = ~np.isfinite(array)
        if broken.any():
            first = tuple(int(i) for i in np.argwhere(broken)[0])
            raise ValueError(
                f"{name} holds {int(broken.sum())} missing or infinite value(s), the "
                f"first at {first}: {array[first]}; remove or fill them"
            )
    return array


def check_fits(arrays, classes, in_features, out_features):
    """Raise unless a network fits its data.

    Parameters
    ----------
    arrays : dict of str to numpy.ndarray
        The data.
    classes : bool
        Whether the targets are classes.
    in_features, out_features : int
        The network's numbers of inputs and outputs.
    """
    n_features = arrays["X_train"].shape[1]
    if n_features != in_features:
        raise ValueError(
            f"the network takes {in_features} features, but X_train has shape "
            f"{arrays['X_train'].shape}; build MLP({n_features}, …)"
        )
    targets = count_outputs(arrays, classes)
    if targets > out_features or (targets < out_features and not classes):
        what = f"{targets} classes" if classes else f"{targets} value(s) an example"
        raise ValueError(
            f"the network has {out_features} output(s), but y has {what}; build it "
            f"with out_features={targets}"
        )


def count_outputs(arrays, classes):
    """Return how many outputs the targets need.

    Parameters
    ----------
    arrays : dict of str to numpy.ndarray
        The data.
    classes : bool
        Whether the targets are classes.

    Returns
    -------
    int
        The number.
    """
    y = arrays["y_train"]
    if not classes:
        return 1 if y.ndim == 1 else y.shape[1]
    for name in ("y_train", "y_valid"):
        if arrays[name].dtype.kind == "f" or arrays[name].ndim > 1:
            raise ValueError(
                f"loss 'cross_entropy' needs classes 0, 1, 2, … in {name}, got dtype "
                f"{arrays[name].dtype} and shape {arrays[name].shape}; for values to "
                "predict, pass loss='mse'"
            )
        if arrays[name].min() < 0:
            raise ValueError(f"{name} holds the negative class {arrays[name].min()}")
    outputs = int(max(y.max(), arrays["y_valid"].max())) + 1
    if outputs > len(y):
        raise ValueError(
            f"y holds classes up to {outputs - 1}, but there are {len(y)} examples to "
            "train on; number classes with numpy.unique(y, return_inverse=True), or "
            "pass loss='mse' if these are values to predict"
        )
    return outputs
