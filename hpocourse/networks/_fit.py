"""The training of one network, to be read line by line."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from time import perf_counter
from typing import Any

import torch

from . import _config, _data
from ._config import Config, plain_pytorch
from ._history import History, Recorder
from ._network import MLP


@plain_pytorch()
def fit(
    model: MLP,
    data: Any,
    *,
    optimizer: str = "adam",
    lr: float = 1e-3,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    batch_size: int = 64,
    epochs: int = 20,
    patience: int | None = None,
    loss: str | None = None,
    schedule: str | Callable[[float], float] | None = None,
    prune: Callable[[int, float], bool] | None = None,
    reset: bool = True,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> History:
    """Train a network, from new weights, and leave it with those of its best epoch.

    Weights that the network already has, trained or loaded, are replaced by new ones
    unless ``reset=False``.
    The same call gives the same result to the last bit on one machine, in the
    notebook as in worker processes: weights, batches and dropout follow the seed
    alone, and one thread computes.

    Parameters
    ----------
    model : MLP
        The network; it is changed in place. Data take the type of its weights:
        ``model.double()`` computes in double precision.
    data : hpocourse.Dataset or tuple of array-like
        The data: training and validation set are used, the test set is not. A
        tuple holds ``X_train, y_train, X_valid, y_valid``; there, whole numbers to
        predict are classes unless `loss` says otherwise.
    optimizer : str, default="adam"
        ``"adam"``, ``"adamw"``, ``"nadam"``, ``"rmsprop"`` or ``"sgd"``.
    lr : float, default=1e-3
        The learning rate.
    momentum : float, default=0.0
        The momentum of ``"sgd"``.
    weight_decay : float, default=0.0
        The weight decay.
    batch_size : int, default=64
        Examples in a batch.
    epochs : int, default=20
        How often to go through the data, at most.
    patience : int, optional
        Stop after so many epochs without a lower validation loss.
    loss : str, optional
        ``"cross_entropy"``, ``"huber"``, ``"l1"`` or ``"mse"``; by default the
        first for classes and the last for values.
    schedule : str or callable, optional
        How the learning rate falls from epoch to epoch: ``"cosine"``,
        ``"linear"``, or a function from the share of epochs done to a factor.
    prune : callable, optional
        Called after each epoch with its number, from 1, and the validation
        metric; the training ends if it returns true.
    reset : bool, default=True
        Whether to draw new weights first, so that each call gives the same. With
        ``False`` training goes on from the weights that the network has.
    seed : int, default=0
        The seed.
    device : str or torch.device, default="cpu"
        Where to train. ``"auto"`` takes the graphics card if there is one: its
        rounding differs, and for a single network this small it gains nothing.

    Returns
    -------
    History
        Losses and metrics of each epoch.

    Raises
    ------
    TypeError, ValueError
        If a setting means nothing, or network and data do not fit together.

    References
    ----------
    Prechelt, L. (1998). Early stopping: but when? In *Neural Networks: Tricks of the
    Trade*, Springer, 55-69. (`patience`)

    Loshchilov, I., Hutter, F. (2017). SGDR: stochastic gradient descent with warm
    restarts. *ICLR*. (the cosine of `schedule`, without restarts)

    Examples
    --------
    >>> from hpocourse import load_digits
    >>> from hpocourse.networks import MLP, fit
    >>> model = MLP(64, (32,), 10)
    >>> history = fit(model, load_digits(), lr=0.01, epochs=5)
    >>> history.state, history.score > 0.9
    ('finished', True)
    """
    config = Config(**{n: v for n, v in locals().items() if n in _config.CHECKS})
    _config.check_prune(prune)
    methods = ("reset", "drop_with", "linear_layers")
    if not all(hasattr(model, name) for name in methods):
        told = f"a network of your own needs MLP's methods {', '.join(methods)}"
        raise TypeError(f"model must be an MLP, got {type(model).__name__}; {told}")
    device = _config.find_device(device)
    arrays, loss = _data.read_data(data, loss, batch_size)
    layers = model.linear_layers()
    sizes = layers[0].in_features, layers[-1].out_features
    _data.check_fits(arrays, loss == "cross_entropy", *sizes)
    tensors = _data.to_tensors(arrays, loss, layers[0].weight.dtype, device)
    return train(model, tensors, config, _config.LOSSES[loss](), device, prune, reset)


def train(model, tensors, config, criterion, device, prune=None, reset=True):
    """Run the loop of :func:`fit` on ``X_train, y_train, X_valid, y_valid``."""
    X, y, X_valid, y_valid = tensors
    measure = accuracy if y.dtype == torch.int64 else mae
    if reset:
        model.reset(config.seed, device)
    else:
        model.to(device)
        model.drop_with(torch.Generator(device).manual_seed(config.seed))
    order = torch.Generator().manual_seed(config.seed)
    optimizer = _config.make_optimizer(
        config.optimizer, [config.group([*model.parameters()])]
    )
    recorder = Recorder(measure.__name__, config.epochs, config.patience, prune)
    best = deepcopy(model.state_dict())
    while recorder.state is None:
        start = perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = config.rate(len(recorder.rows))
        model.train()
        total = torch.zeros(2, dtype=X.dtype, device=device)
        shuffled = torch.randperm(len(X), generator=order).to(device)
        for rows in shuffled.split(config.batch_size):
            targets = y[rows]
            outputs = model(X[rows])
            loss = criterion(outputs, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                total += len(rows) * torch.stack([loss, measure(outputs, targets)])
        model.eval()
        with torch.no_grad():
            outputs = model(X_valid)
            valid = [criterion(outputs, y_valid), measure(outputs, y_valid)]
        row = (*(total / len(X)).tolist(), *torch.stack(valid).tolist())
        if recorder.add(row, perf_counter() - start):
            best = deepcopy(model.state_dict())
    model.load_state_dict(best)
    model.drop_with(None)
    return recorder.history()


def accuracy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the share of examples whose class has the highest output."""
    return (outputs.argmax(dim=1) == targets).to(outputs.dtype).mean()


def mae(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean absolute error."""
    return (outputs - targets).abs().mean()
