"""The data of networks: checked, and as tensors.

Errors say what was wrong, what was seen, and what to do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from .._dataset import Dataset
from .._validation import check_numbers, check_same_length

PARTS = ("X_train", "y_train", "X_valid", "y_valid")
Arrays = dict[str, np.ndarray]


def holds_classes(data: Any) -> bool:
    """Tell whether targets are classes; of a tuple, whole numbers are."""
    if isinstance(data, Dataset):
        return data.target_names is not None
    return check_data(data)["y_train"].dtype.kind != "f"


def check_data(data: Any) -> Arrays:
    """Return training and validation data as four arrays that fit together."""
    if isinstance(data, Dataset):
        data = tuple(getattr(data, part) for part in PARTS)
    if not isinstance(data, (tuple, list)) or len(data) != len(PARTS):
        n = f" of {len(data)}" if isinstance(data, (tuple, list)) else ""
        told = f"({', '.join(PARTS)}), got {type(data).__name__}{n}"
        raise TypeError(f"data must be a Dataset or a tuple {told}")
    named = zip(PARTS, data, strict=True)
    arrays = {name: check_numbers(values, name) for name, values in named}
    for part in ("train", "valid"):
        X, y = arrays[f"X_{part}"], arrays[f"y_{part}"]
        if y.ndim > 2:
            raise ValueError(f"y_{part} must have one dimension, got shape {y.shape}")
        check_same_length(**{f"X_{part}": X, f"y_{part}": y})
    for one in "Xy":
        first, second = arrays[f"{one}_train"], arrays[f"{one}_valid"]
        if first.shape[1:] != second.shape[1:]:
            told = f"must agree in all but length, got {first.shape} and {second.shape}"
            raise ValueError(f"the shapes of {one}_train and {one}_valid {told}")
    return arrays


def check_fits(arrays: Arrays, classes: bool, in_features, out_features) -> None:
    """Raise unless a network of these numbers of inputs and outputs fits its data."""
    n_features = arrays["X_train"].shape[1]
    if n_features != in_features:
        told = f"X_train has {n_features}; build MLP({n_features}, …)"
        raise ValueError(f"the network takes {in_features} features, but {told}")
    targets = count_outputs(arrays, classes)
    if targets > out_features or (targets < out_features and not classes):
        what = f"{targets} classes" if classes else f"{targets} value(s) an example"
        told = f"but y has {what}; build it with out_features={targets}"
        raise ValueError(f"the network has {out_features} output(s), {told}")


def count_outputs(arrays: Arrays, classes: bool) -> int:
    """Return how many outputs the targets need."""
    y = arrays["y_train"]
    if not classes:
        return 1 if y.ndim == 1 else y.shape[1]
    for name in ("y_train", "y_valid"):
        if arrays[name].dtype.kind == "f" or arrays[name].ndim > 1:
            told = f"got {arrays[name].ravel()[:3]} …; for values, pass loss='mse'"
            raise ValueError(
                f"'cross_entropy' needs classes 0, 1, 2, … in {name}, {told}"
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


def choose_loss(loss: str | None, classes: bool) -> str:
    """Return the name of a loss: classes have cross entropy, values mean squares."""
    return loss or ("cross_entropy" if classes else "mse")


def read_data(data: Any, loss: str | None, batch_size: int) -> tuple[Arrays, str]:
    """Return checked data and the name of the loss that suits them."""
    arrays = check_data(data)
    check_batch(batch_size, len(arrays["X_train"]))
    return arrays, choose_loss(loss, holds_classes(data))


def check_batch(batch_size: int, n: int) -> None:
    """Raise if a batch is larger than the data."""
    if batch_size > n:
        told = f"at most {n}, the examples to train on, got {batch_size}"
        raise ValueError(f"batch_size must be {told}")


def to_tensors(arrays: Arrays, loss: str, dtype, device) -> list[torch.Tensor]:
    """Return data as tensors where they are needed; values have two dimensions.

    The name of the loss decides whether targets are classes or values.
    """
    tensors = []
    for name, array in arrays.items():
        classes = name.startswith("y") and loss == "cross_entropy"
        wide = np.float64 if dtype == torch.float64 else np.float32
        # PyTorch takes no rows in reverse, no foreign byte order, and nothing that
        # cannot be written to, as data that processes share: those are copied.
        with np.errstate(over="ignore"):
            array = np.require(array, np.int64 if classes else wide, ["C", "W"])
        tensor = torch.from_numpy(array)
        # Two numbers tell of all, and in a twentieth of the time.
        if not torch.stack(tensor.aminmax()).isfinite().all():
            raise ValueError(
                f"{name} holds values beyond the range of {dtype}; standardize them"
            )
        if name.startswith("y") and not classes:
            tensor = tensor.reshape(len(array), -1)
        tensors.append(tensor.to(device))
    return tensors
