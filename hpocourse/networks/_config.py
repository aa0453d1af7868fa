"""What one training is told: its settings, checked, and what they stand for."""

from dataclasses import dataclass
from difflib import get_close_matches
from math import cos, inf, pi
from numbers import Real

import numpy as np
import torch
from torch import nn

from .._validation import check_integer, check_not_negative, check_seed
from ._checks import (
    check_choice,
    check_data,
    check_hidden,
    check_positive,
    check_share,
    holds_classes,
)

LOSSES = {
    "cross_entropy": nn.CrossEntropyLoss,
    "huber": nn.HuberLoss,
    "l1": nn.L1Loss,
    "mse": nn.MSELoss,
}
OPTIMIZERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "nadam": torch.optim.NAdam,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}
#: Those that PyTorch computes in one pass over the weights.
FUSED = ("adam", "adamw", "sgd")
#: What :func:`fit_population` knows besides the settings of a network.
OPTIONS = ("folds", "prune", "workers", "dtype", "device")
#: Of the share of epochs done, the factor of the learning rate.
SCHEDULES = {
    "cosine": lambda done: (1 + cos(pi * done)) / 2,
    "linear": lambda done: 1 - done,
}


@dataclass(frozen=True)
class Config:
    """The settings of a network and of its training, by their names in `fit`."""

    hidden: tuple = (64,)
    activation: str = "relu"
    dropout: float = 0.0
    optimizer: str = "adam"
    lr: float = 1e-3
    momentum: float = 0.0
    weight_decay: float = 0.0
    batch_size: int = 64
    epochs: int = 20
    patience: int | None = None
    loss: str | None = None
    schedule: object = None
    seed: int = 0

    def __post_init__(self):
        """Refuse settings that mean nothing."""
        from ._mlp import ACTIVATIONS

        settle = object.__setattr__
        settle(self, "hidden", check_hidden(self.hidden))
        check_choice(self.activation, "activation", ACTIVATIONS)
        check_choice(self.optimizer, "optimizer", OPTIMIZERS)
        settle(self, "dropout", check_share(self.dropout, "dropout"))
        settle(self, "lr", check_positive(self.lr, "lr"))
        settle(self, "momentum", check_share(self.momentum, "momentum"))
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(
                f"momentum belongs to optimizer='sgd', got {self.momentum} with "
                f"{self.optimizer!r}; leave it out"
            )
        decay = check_not_negative(self.weight_decay, "weight_decay")
        settle(self, "weight_decay", decay)
        for name in ("batch_size", "epochs"):
            settle(self, name, check_integer(getattr(self, name), name, minimum=1))
        if self.patience is not None:
            patience = check_integer(self.patience, "patience", minimum=1)
            settle(self, "patience", patience)
        if self.loss is not None:
            check_choice(self.loss, "loss", LOSSES)
        if self.schedule is not None and not callable(self.schedule):
            check_choice(self.schedule, "schedule", SCHEDULES)
        settle(self, "seed", check_seed(self.seed))

    @classmethod
    def read(cls, settings):
        """Make it of a dict, whose unknown names are refused.

        Parameters
        ----------
        settings : dict
            Settings by name.

        Returns
        -------
        Config
            The settings.
        """
        known = cls.__dataclass_fields__
        for name in settings:
            if name not in known:
                near = get_close_matches(str(name), [*known, *OPTIONS], n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(
                    f"a configuration knows {', '.join(known)}, got {name!r}{hint}"
                )
        return cls(**settings)

    def rate(self, epoch):
        """Return the learning rate of an epoch.

        Parameters
        ----------
        epoch : int
            The epoch, counted from 0.

        Returns
        -------
        float
            The learning rate.
        """
        schedule = SCHEDULES.get(self.schedule, self.schedule)
        if not schedule:
            return self.lr
        factor = schedule(epoch / self.epochs)
        if not isinstance(factor, Real) or not 0 <= factor < inf:
            raise ValueError(
                "schedule must return a factor of at least 0 for each share of epochs "
                f"done, got {factor!r:.60} for {epoch / self.epochs:.3g}"
            )
        return self.lr * factor

    def group(self, parameters):
        """Return parameters with these settings, as PyTorch's optimizers take them.

        Parameters
        ----------
        parameters : list of torch.Tensor
            The parameters.

        Returns
        -------
        dict
            A group of parameters.
        """
        group = {
            "params": parameters,
            "lr": self.lr,
            "weight_decay": self.weight_decay,
        }
        if self.optimizer == "sgd":
            group["momentum"] = self.momentum
        return group


def make_optimizer(name, groups):
    """Return an optimizer of PyTorch.

    Parameters
    ----------
    name : str
        Its name in :data:`OPTIMIZERS`.
    groups : list of dict
        Groups of parameters.

    Returns
    -------
    torch.optim.Optimizer
        The optimizer.
    """
    fused = {"fused": True} if name in FUSED else {}
    return OPTIMIZERS[name](groups, **fused)


def choose_loss(loss, classes):
    """Return the name of a loss: classes have cross entropy, values mean squares.

    Parameters
    ----------
    loss : str or None
        What the caller passed.
    classes : bool
        Whether the targets are classes.

    Returns
    -------
    str
        The name.
    """
    if loss is not None:
        return loss
    return "cross_entropy" if classes else "mse"


def read_data(data, loss, batch_size):
    """Return checked data and the name of the loss that suits them.

    Parameters
    ----------
    data : hpocourse.Dataset or tuple of array-like
        The data.
    loss : str or None
        What the caller passed.
    batch_size : int
        Examples in a batch, no more than there are.

    Returns
    -------
    tuple of dict and str
        Arrays by name, and the loss.
    """
    arrays = check_data(data)
    check_batch(batch_size, len(arrays["X_train"]))
    return arrays, choose_loss(loss, holds_classes(data))


def check_batch(batch_size, n_samples):
    """Raise if a batch is larger than the data.

    Parameters
    ----------
    batch_size, n_samples : int
        Both sizes.
    """
    if batch_size > n_samples:
        raise ValueError(
            f"batch_size must be at most {n_samples}, the examples to train on, got "
            f"{batch_size}"
        )


def to_tensors(arrays, loss, dtype, device):
    """Return data as tensors where they are needed.

    Parameters
    ----------
    arrays : dict of str to numpy.ndarray
        The data, by name.
    loss : str
        Name of the loss: it decides what targets are.
    dtype : torch.dtype
        What values become.
    device : torch.device
        Where to put them.

    Returns
    -------
    list of torch.Tensor
        ``X_train, y_train, X_valid, y_valid``; values to predict have two
        dimensions.
    """
    tensors = []
    for name, array in arrays.items():
        classes = name.startswith("y") and loss == "cross_entropy"
        # PyTorch takes no rows in reverse, no foreign byte order, and nothing that
        # cannot be written to, as data that processes share: those are copied.
        native = np.float64 if array.dtype.kind == "f" else np.int64
        if array.dtype not in (np.float32, native):
            array = array.astype(native)
        if not (array.flags.writeable and array.flags.c_contiguous):
            array = array.copy()
        tensor = torch.as_tensor(array).to(torch.int64 if classes else dtype)
        if not torch.isfinite(tensor).all():
            raise ValueError(
                f"{name} holds values beyond the range of {dtype}; standardize them"
            )
        if name.startswith("y") and not classes:
            tensor = tensor.reshape(len(array), -1)
        tensors.append(tensor.to(device))
    return tensors
