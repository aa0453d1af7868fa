"""Many configurations trained together, with the results that each has alone."""

import warnings
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from joblib import Parallel, delayed

from .._dataset import Dataset
from .._validation import check_integer
from ._checks import check_data, check_prune, count_outputs, holds_classes
from ._config import FUSED, LOSSES, Config, check_batch, choose_loss, to_tensors
from ._device import find_device, one_thread
from ._fit import train
from ._group import Group
from ._history import History
from ._mlp import MLP

#: Weights trained together: more gain nothing, and take room.
MOST_WEIGHTS = 1_000_000


@dataclass(frozen=True, eq=False)
class Result:
    """What one configuration achieved; made by :func:`fit_population`.

    Attributes
    ----------
    config : dict
        The configuration as it was given.
    histories : tuple of History
        The epochs: of the one training, or of the training on each fold.
    models : tuple of MLP
        The networks, with the weights of their best epochs.
    """

    config: dict
    histories: tuple[History, ...]
    models: tuple[MLP, ...]

    @property
    def score(self):
        """The validation metric of the best epoch, its mean over the folds."""
        return float(np.mean([history.score for history in self.histories]))

    @property
    def state(self):
        """How it ended; with folds, the worst that befell one of them."""
        order = ("diverged", "pruned", "stopped", "finished")
        return min((history.state for history in self.histories), key=order.index)

    @property
    def seconds(self):
        """How long it took: its share, summed over the folds."""
        return sum(history.seconds for history in self.histories)

    def __repr__(self):
        """Show the outcome in one line, the same in every language."""
        metric = self.histories[0].metric
        return f"Result({self.config}, {self.state}, valid_{metric}={self.score:.4f})"


def fit_population(
    configs,
    data,
    *,
    folds=None,
    prune=None,
    workers=1,
    dtype=torch.float32,
    device="auto",
    **common,
):
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
    device : str or torch.device, default="auto"
        ``"auto"`` takes the graphics card if there is one.
    **common : object
        Settings of all configurations that do not say otherwise.

    Returns
    -------
    list of Result
        A result for each configuration, in their order.

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
    check_integer(workers, "workers", minimum=1)
    check_prune(prune)
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"dtype must be torch.float32 or torch.float64, got {dtype!r}")
    if prune is not None and (folds is not None or workers > 1):
        raise ValueError(
            "prune compares trainings in one process on one validation set; leave "
            f"it out, got folds={folds} and workers={workers}"
        )
    device = find_device(device)
    classes = holds_classes(data)
    sets = [check_data(part) for part in _split(data, folds)]
    smallest = min(len(arrays["X_train"]) for arrays in sets)
    losses = []
    for config in read:
        check_batch(config.batch_size, smallest)
        losses.append(choose_loss(config.loss, classes))
    outputs = {
        loss: max(count_outputs(arrays, loss == "cross_entropy") for arrays in sets)
        for loss in set(losses)
    }
    jobs = _make_jobs(read, losses, sets, outputs, workers)
    alone = {k for job in jobs if not job["together"] for k in job["places"]}
    if alone:
        kinds = sorted({read[k].optimizer for k in alone})
        warnings.warn(
            f"{len(alone)} of {len(read)} configurations are trained one at a time: "
            f"only {', '.join(FUSED)} train many together, got {', '.join(kinds)}",
            stacklevel=2,
        )
    for job in jobs:
        job.update(device=device, dtype=dtype, outputs=outputs[job["loss"]])
    # New networks draw from PyTorch's global generator; it stays as it was.
    with torch.random.fork_rng(devices=[]):
        if workers > 1:
            done = Parallel(n_jobs=workers, batch_size=1, pre_dispatch="all")(
                delayed(_train)(read, sets[job["fold"]], job) for job in jobs
            )
        else:
            done = [_train(read, sets[job["fold"]], job, prune) for job in jobs]
        return _gather(configs, read, sets, jobs, done)


def _read_configs(configs, common):
    if isinstance(configs, dict) or not hasattr(configs, "__iter__"):
        raise TypeError(
            f"configs must be a list of dicts, got {configs!r:.60} of type "
            f"{type(configs).__name__}"
        )
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


def _split(data, folds):
    if folds is None:
        return [data]
    if not isinstance(data, Dataset):
        raise TypeError(
            f"folds needs a Dataset, which knows how to split, got "
            f"{type(data).__name__}; make one, or leave folds out"
        )
    X, y = data.X_train_valid, data.y_train_valid
    return [(X[a], y[a], X[b], y[b]) for a, b in data.folds(folds)]


def _make_jobs(configs, losses, sets, outputs, workers):
    """Return the parts of the work: what is trained together, largest first."""
    n_features = sets[0]["X_train"].shape[1]
    groups = {}
    for k, (config, loss) in enumerate(zip(configs, losses, strict=True)):
        together = config.optimizer in FUSED
        key = (len(config.hidden), config.batch_size, config.seed, config.optimizer)
        groups.setdefault((together, loss, *key), []).append(k)
    sizes = {
        k: _count_weights((n_features, *config.hidden, outputs[loss]))
        for k, (config, loss) in enumerate(zip(configs, losses, strict=True))
    }
    jobs = []
    for (together, loss, *_rest), members in groups.items():
        total = sum(sizes[k] for k in members)
        parts = max(1, -(-total // MOST_WEIGHTS))
        if len(groups) * len(sets) < workers:
            parts = max(parts, workers)
        # Similar networks together, and parts of about the same size.
        members = sorted(members, key=lambda k: (configs[k].activation, -sizes[k]))
        for part in range(min(parts, len(members))):
            places = members[part::parts]
            work = sum(sizes[k] * configs[k].epochs for k in places)
            for fold in range(len(sets)):
                jobs.append(
                    {
                        "together": together,
                        "loss": loss,
                        "places": places,
                        "fold": fold,
                        "work": work,
                    }
                )
    return sorted(jobs, key=lambda job: -job["work"])


def _count_weights(sizes):
    return sum((a + 1) * b for a, b in pairwise(sizes))


def _train(configs, arrays, job, prune=None):
    """Train one part of the work; return histories and weights, on the processor."""
    members = [configs[k] for k in job["places"]]
    prunes = [prune and _at(prune, k) for k in job["places"]]
    tensors = to_tensors(arrays, job["loss"], job["dtype"], job["device"])
    with one_thread():
        if job["together"]:
            group = Group(members, tensors, job["outputs"], job["loss"], prunes)
            return group.train()
        done = []
        for config, stop in zip(members, prunes, strict=True):
            model = _build(config, tensors[0].shape[1], job["outputs"], job["dtype"])
            criterion = LOSSES[job["loss"]]()
            history = train(model, tensors, config, criterion, job["device"], stop)
            done.append((history, [p.detach().cpu() for p in model.parameters()]))
        return done


def _at(prune, k):
    return lambda epoch, score: prune(k, epoch, score)


def _build(config, n_features, n_outputs, dtype):
    model = MLP(n_features, config.hidden, n_outputs, config.activation, config.dropout)
    return model.to(dtype)


def _gather(given, configs, sets, jobs, done):
    histories = [[None] * len(sets) for _ in configs]
    models = [[None] * len(sets) for _ in configs]
    n_features = sets[0]["X_train"].shape[1]
    for job, trained in zip(jobs, done, strict=True):
        for k, (history, weights) in zip(job["places"], trained, strict=True):
            model = _build(configs[k], n_features, job["outputs"], job["dtype"])
            with torch.no_grad():
                for parameter, weight in zip(model.parameters(), weights, strict=True):
                    parameter.copy_(weight)
            histories[k][job["fold"]] = history
            models[k][job["fold"]] = model.eval().to(job["device"])
    return [
        Result(dict(config), tuple(h), tuple(m))
        for config, h, m in zip(given, histories, models, strict=True)
    ]
