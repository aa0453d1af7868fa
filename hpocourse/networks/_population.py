"""Many configurations trained together, with the results that each has alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from joblib import Parallel, delayed

from .. import _validation as check
from .._dataset import Dataset
from . import _config, _data
from ._config import FUSED, Config, plain_pytorch
from ._fit import train
from ._group import Group
from ._history import Result
from ._network import MLP

#: Weights trained together: more gain nothing, and take room.
MOST_WEIGHTS = 1_000_000


@plain_pytorch()
def fit_population(
    configs: Iterable[dict[str, Any]],
    data: Any,
    *,
    folds: int | None = None,
    prune: Callable[[int, int, float], bool] | None = None,
    workers: int = 1,
    dtype: torch.dtype = torch.float32,
    device: str | torch.device = "cpu",
    **common: Any,
) -> list[Result]:
    """Train many configurations together, each as :func:`fit` would alone.

    Networks that agree in data, number of layers, batch size, seed, loss and kind
    of optimizer (``"adam"``, ``"adamw"`` or ``"sgd"``) share their batches and the
    products of their first layers; widths, activations, learning rates, momenta,
    weight decays, dropouts, schedules, epochs and patience may differ. One that
    ends early costs nothing more. What cannot share is trained alone, with a
    warning that says so. Weights equal those of :func:`fit` but for rounding.

    Parameters
    ----------
    configs : list of dict
        For each network what :func:`fit` is told, and ``hidden``, ``activation``
        and ``dropout`` as :class:`MLP` has them.
    data : hpocourse.Dataset or tuple of array-like
        As for :func:`fit`.
    folds : int, optional
        Cross-validate all configurations: each is trained once for each of so
        many folds of training and validation set together.
    prune : callable, optional
        Called after each epoch of a network with its place in `configs`, the
        number of the epoch, from 1, and the validation metric; the network ends
        if it returns true. Not with `folds` or `workers`.
    workers : int, default=1
        How many processes of one thread each share the work.
    dtype : torch.dtype, default=torch.float32
        The type of weights and data.
    device : str or torch.device, default="cpu"
        Where to train. ``"auto"`` takes the graphics card if there is one: it pays
        where many networks are trained on images; its rounding differs.
    **common : object
        Settings of all configurations that do not say otherwise.

    Returns
    -------
    list of Result
        A result for each configuration, in their order.

    Raises
    ------
    TypeError, ValueError
        If a setting means nothing, or the data do not fit together; the message
        names the configuration.

    Warns
    -----
    UserWarning
        If some are trained one at a time.

    Examples
    --------
    >>> from hpocourse import load_digits
    >>> from hpocourse.networks import fit_population
    >>> configs = [{"hidden": (32,), "lr": lr} for lr in (0.0001, 0.01)]
    >>> slow, fast = fit_population(configs, load_digits(), epochs=5)
    >>> slow.score < fast.score
    True
    """
    configs, read = _read_configs(configs, common)
    check.check_integer(workers, "workers", minimum=1)
    _config.check_prune(prune)
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"dtype must be torch.float32 or torch.float64, got {dtype!r}")
    if prune is not None and (folds is not None or workers > 1):
        told = f"leave it out, got folds={folds} and workers={workers}"
        raise ValueError(f"prune needs one process and one validation set; {told}")
    device = _config.find_device(device)
    classes = _data.holds_classes(data)
    sets = [_data.check_data(part) for part in _split(data, folds)]
    smallest = min(len(arrays["X_train"]) for arrays in sets)
    for k, config in enumerate(read):
        _data.check_batch(config.batch_size, smallest)
        read[k] = replace(config, loss=_data.choose_loss(config.loss, classes))
    alone = [config.optimizer for config in read if config.optimizer not in FUSED]
    if alone:
        kinds = ", ".join(sorted({*alone}))
        warnings.warn(
            f"{len(alone)} of {len(read)} configurations are trained one at a time: "
            f"only {', '.join(FUSED)} train many together, got {kinds}",
            stacklevel=3,
        )
    outputs = {
        loss: max(
            _data.count_outputs(arrays, loss == "cross_entropy") for arrays in sets
        )
        for loss in {config.loss for config in read}
    }
    jobs = _share_out(read, outputs, sets, workers)
    shared: Any = (read, outputs, sets, dtype, device)
    # New networks draw from PyTorch's global generator; it stays as it was.
    with torch.random.fork_rng(devices=[]):
        if workers > 1:
            work = (delayed(_train)(*job, shared) for job in jobs)
            done = Parallel(n_jobs=workers, batch_size=1, pre_dispatch="all")(work)
        else:
            done = [_train(places, k, shared, prune) for places, k in jobs]
    found = {key: value for part in done for key, value in part.items()}
    results = []
    for k, config in enumerate(configs):
        histories, models = zip(*(found[k, i] for i in range(len(sets))), strict=True)
        models = tuple(model.to(device) for model in models)
        results.append(Result(dict(config), histories, models))
    return results


def _read_configs(configs: Any, common: dict[str, Any]):
    if isinstance(configs, dict) or not hasattr(configs, "__iter__"):
        raise TypeError(f"configs must be a list of dicts, got {configs!r:.60}")
    given, read = list(configs), []
    for k, config in enumerate(given):
        if not isinstance(config, dict):
            raise TypeError(f"configs[{k}] must be a dict, got {config!r:.60}")
        try:
            read.append(Config.read({**common, **config}))
        except (TypeError, ValueError) as error:
            raise type(error)(f"configs[{k}]: {error}") from None
    if not read:
        raise ValueError("configs is empty; give at least one configuration")
    return given, read


def _split(data: Any, folds: int | None) -> list[Any]:
    if folds is None:
        return [data]
    if not isinstance(data, Dataset):
        told = "make one, or leave folds out"
        raise TypeError(f"folds needs a Dataset, got {type(data).__name__}; {told}")
    X, y = data.X_train_valid, data.y_train_valid
    return [(X[a], y[a], X[b], y[b]) for a, b in data.folds(folds)]


def _share_out(configs, outputs, sets, workers):
    """Return the parts of the work as places and fold, the largest first."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    sizes, n_features = [], sets[0]["X_train"].shape[1]
    for k, c in enumerate(configs):
        widths = pairwise((n_features, *c.hidden, outputs[c.loss]))
        sizes.append(sum((a + 1) * b for a, b in widths))
        key = (len(c.hidden), c.batch_size, c.seed, c.optimizer, c.loss)
        groups.setdefault(key, []).append(k)
    jobs = []
    for members in groups.values():
        parts = max(1, -(-sum(sizes[k] for k in members) // MOST_WEIGHTS))
        if len(groups) * len(sets) < workers:
            parts = max(parts, workers)
        # Similar networks together, and parts of about the same size.
        members = sorted(members, key=lambda k: (configs[k].activation, -sizes[k]))
        for part in range(min(parts, len(members))):
            jobs += [(members[part::parts], fold) for fold in range(len(sets))]
    return sorted(jobs, key=lambda j: -sum(sizes[k] * configs[k].epochs for k in j[0]))


@plain_pytorch()
def _train(places, fold, shared, prune=None):
    """Train one part of the work; return history and model, by place and fold."""
    configs, outputs, sets, dtype, device = shared
    members = [configs[k] for k in places]
    prunes = [prune and partial(prune, k) for k in places]
    loss = members[0].loss
    tensors = _data.to_tensors(sets[fold], loss, dtype, device)
    models = []
    for c in members:
        sizes = (tensors[0].shape[1], c.hidden, outputs[loss])
        models.append(MLP(*sizes, c.activation, c.dropout).to(dtype))
    if members[0].optimizer in FUSED:
        histories = Group(models, members, tensors, loss, prunes).train()
    else:
        histories = [
            train(model, tensors, config, _config.LOSSES[loss](), device, stop)
            for model, config, stop in zip(models, members, prunes, strict=True)
        ]
    done = zip(histories, [model.cpu().eval() for model in models], strict=True)
    return dict(zip([(k, fold) for k in places], done, strict=True))
