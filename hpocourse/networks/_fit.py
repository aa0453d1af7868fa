"""The training of one network, to be read line by line."""

from copy import deepcopy
from time import perf_counter

import torch

from ._checks import check_fits, check_prune
from ._config import LOSSES, Config, make_optimizer, read_data, to_tensors
from ._device import find_device, one_thread
from ._history import Recorder


def fit(
    model,
    data,
    *,
    optimizer="adam",
    lr=1e-3,
    momentum=0.0,
    weight_decay=0.0,
    batch_size=64,
    epochs=20,
    patience=None,
    loss=None,
    schedule=None,
    prune=None,
    seed=0,
    device="auto",
):
    """Train a network from new weights, and leave it with those of its best epoch.

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
    seed : int, default=0
        The seed.
    device : str or torch.device, default="auto"
        ``"auto"`` takes the graphics card if there is one.

    Returns
    -------
    History
        Losses and metrics of each epoch.

    Examples
    --------
    >>> from hpocourse import load_digits
    >>> from hpocourse.networks import MLP, fit
    >>> model = MLP(64, (32,), 10)
    >>> history = fit(model, load_digits(), lr=0.01, epochs=5)
    >>> history.state, history.score > 0.9
    ('finished', True)
    """
    config = Config(
        optimizer=optimizer,
        lr=lr,
        momentum=momentum,
        weight_decay=weight_decay,
        batch_size=batch_size,
        epochs=epochs,
        patience=patience,
        loss=loss,
        schedule=schedule,
        seed=seed,
    )
    check_prune(prune)
    methods = ("reset", "drop_with", "linear_layers")
    if not all(hasattr(model, name) for name in methods):
        raise TypeError(
            f"model must be an MLP of hpocourse.networks, got {type(model).__name__}; "
            f"a network of your own needs MLP's methods {', '.join(methods)}"
        )
    device = find_device(device)
    arrays, loss = read_data(data, loss, batch_size)
    layers = model.linear_layers()
    check_fits(
        arrays,
        loss == "cross_entropy",
        layers[0].in_features,
        layers[-1].out_features,
    )
    tensors = to_tensors(arrays, loss, layers[0].weight.dtype, device)
    with one_thread():
        return train(model, tensors, config, LOSSES[loss](), device, prune)


def train(model, tensors, config, criterion, device, prune=None):
    """Run the loop of :func:`fit`.

    Parameters
    ----------
    model : MLP
        The network.
    tensors : list of torch.Tensor
        ``X_train, y_train, X_valid, y_valid``.
    config : Config
        The settings.
    criterion : torch.nn.Module
        The loss.
    device : torch.device
        Where all that is.
    prune : callable, optional
        As in :func:`fit`.

    Returns
    -------
    History
        Losses and metrics of each epoch.
    """
    X, y, X_valid, y_valid = tensors
    measure = accuracy if y.dtype == torch.int64 else mae
    model.reset(config.seed, device)
    order = torch.Generator().manual_seed(config.seed)
    optimizer = make_optimizer(config.optimizer, [config.group([*model.parameters()])])
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


def accuracy(outputs, targets):
    """Return the share of examples whose class has the highest output.

    Parameters
    ----------
    outputs, targets : torch.Tensor
        Outputs of the network, and the classes.

    Returns
    -------
    torch.Tensor
        The share.
    """
    return (outputs.argmax(dim=1) == targets).to(outputs.dtype).mean()


def mae(outputs, targets):
    """Return the mean absolute error.

    Parameters
    ----------
    outputs, targets : torch.Tensor
        Outputs of the network, and the values to predict.

    Returns
    -------
    torch.Tensor
        The mean absolute error.
    """
    return (outputs - targets).abs().mean()
