"""What one training is told: its settings, checked, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from math import cos, pi
from typing import Any

import torch
from torch import nn

from .. import _validation as check

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "gelu": nn.GELU,
    "leaky_relu": nn.LeakyReLU,
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}
LOSSES: dict[str, type[nn.Module]] = {
    "cross_entropy": nn.CrossEntropyLoss,
    "huber": nn.HuberLoss,
    "l1": nn.L1Loss,
    "mse": nn.MSELoss,
}
_NAMES = ("Adam", "AdamW", "NAdam", "RMSprop", "SGD")
OPTIMIZERS = {name.lower(): getattr(torch.optim, name) for name in _NAMES}
#: Those that PyTorch computes in one pass over the weights.
FUSED = ("adam", "adamw", "sgd")
#: What `fit_population` knows besides the settings of a network.
OPTIONS = ("folds", "prune", "workers", "dtype", "device")
#: Of the share of epochs done, the factor of the learning rate.
SCHEDULES: dict[str, Callable[[float], float]] = {
    "cosine": lambda done: (1 + cos(pi * done)) / 2,
    "linear": lambda done: 1 - done,
}


@dataclass(frozen=True)
class Config:
    """The settings of a network and of its training, by their names in `fit`."""

    hidden: tuple[int, ...] = (64,)
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
    schedule: Any = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        for name, read in CHECKS.items():
            value = getattr(self, name)
            if value is not None or name not in ("patience", "loss", "schedule"):
                object.__setattr__(self, name, read(value, name))
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(
                f"momentum belongs to optimizer='sgd', got {self.momentum} with "
                f"{self.optimizer!r}; leave it out"
            )

    @classmethod
    def read(cls, settings: dict[str, Any]) -> Config:
        """Make it of a dict, whose unknown names are refused."""
        for name in settings.keys() - CHECKS.keys():
            told = f"got {name!r}{check.suggest(name, [*CHECKS, *OPTIONS])}"
            raise ValueError(f"a configuration knows {', '.join(CHECKS)}, {told}")
        return cls(**settings)

    def rate(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0."""
        schedule = SCHEDULES.get(self.schedule, self.schedule)
        done = epoch / self.epochs
        factor = schedule(done) if schedule else 1
        return self.lr * check.check_not_negative(factor, f"schedule({done:.3g})")

    def group(self, parameters: list[torch.Tensor]) -> dict[str, Any]:
        """Return parameters with these settings, as PyTorch's optimizers take them."""
        group = {"params": parameters, "lr": self.lr, "weight_decay": self.weight_decay}
        return group | ({"momentum": self.momentum} if self.momentum else {})


def check_hidden(hidden: object, name: str = "hidden") -> tuple[int, ...]:
    """Return the widths of hidden layers as a tuple of ``int``."""
    if not isinstance(hidden, (tuple, list)):
        told = f"got {hidden!r:.60}; for one layer of 64 write {name}=(64,)"
        raise TypeError(f"{name} must be a tuple of the hidden layers' widths, {told}")
    widths = enumerate(hidden)
    return tuple(check.check_integer(w, f"{name}[{i}]", minimum=1) for i, w in widths)


CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "hidden": check_hidden,
    "activation": partial(check.check_choice, known=ACTIVATIONS),
    "dropout": check.check_share,
    "optimizer": partial(check.check_choice, known=OPTIMIZERS),
    "lr": check.check_positive,
    "momentum": check.check_share,
    "weight_decay": check.check_not_negative,
    "batch_size": partial(check.check_integer, minimum=1),
    "epochs": partial(check.check_integer, minimum=1),
    "patience": partial(check.check_integer, minimum=1),
    "loss": partial(check.check_choice, known=LOSSES),
    "schedule": lambda v, n: v if callable(v) else check.check_choice(v, n, SCHEDULES),
    "seed": lambda value, name: check.check_seed(value),
}


def check_prune(prune: object) -> None:
    """Raise unless it can be called, or is None."""
    if prune is not None and not callable(prune):
        raise TypeError(
            f"prune must be a function that says whether to end, got {prune!r:.60}"
        )


def make_optimizer(name: str, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """Return an optimizer of PyTorch for groups of parameters."""
    return OPTIMIZERS[name](groups, **({"fused": True} if name in FUSED else {}))


def find_device(device: str | torch.device) -> torch.device:
    """Return the device to train on; "auto" is the graphics card if there is one."""
    if isinstance(device, str) and device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.empty(0, device=device).device
    except (AssertionError, RuntimeError, TypeError) as error:
        raise ValueError(
            "device must be 'auto', 'cpu' or, where PyTorch finds a graphics card, "
            f"'cuda'; got {device!r:.60}: {error}"
        ) from None


@contextmanager
def plain_pytorch() -> Iterator[None]:
    """Compute with one thread inside the block, and with PyTorch's own defaults.

    Networks this small gain nothing from a second thread, and the number of
    threads changes the last bits of a sum: with one, a worker process computes
    exactly what the notebook does. What a user has set for the whole of PyTorch
    (another type or device for new tensors, no gradients) changes nothing here.
    """
    threads, dtype = torch.get_num_threads(), torch.get_default_dtype()
    # Inside of its block a device slows down every call of PyTorch: only if need be.
    # `get_default_device` fails in older versions once the default was set back.
    elsewhere = torch.empty(0).device.type != "cpu"
    device = torch.device("cpu") if elsewhere else nullcontext()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float32)
    try:
        with device, torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)
