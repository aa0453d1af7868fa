"""The course's network as an estimator of scikit-learn, through skorch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix, issparse
from skorch import NeuralNet, NeuralNetClassifier, NeuralNetRegressor

from .._validation import check_choice, check_numbers
from ._config import LOSSES, OPTIMIZERS, Config, find_device, plain_pytorch
from ._network import MLP


class _Seeded(NeuralNet):
    """Seeds each fit and learns the sizes from the data."""

    def __init__(self, *args: Any, seed: int = 0, **kwargs: Any) -> None:
        self.seed = seed
        super().__init__(*args, **kwargs)

    def initialize(self) -> Any:
        """Draw new weights, with the same seed each time."""
        with self._repeatable(self.seed):
            return super().initialize()

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Any:
        """Train from new weights."""
        X, y = self._read(X, y)
        self._set_sizes(X.shape[1], self._count(y))
        return super().fit(X, y, **fit_params)

    def partial_fit(self, X: Any, y: Any = None, classes: Any = None, **params) -> Any:
        """Go on training; seeded here, where each fit of a search comes by.

        Then a fit is the same in whatever process and order a search runs it.
        """
        X, y = self._read(X, y)
        if not self.initialized_:
            self._set_sizes(X.shape[1], self._count(y))
            self.initialize()
        with self._repeatable(self.seed + len(self.history)):
            return super().partial_fit(X, y, classes, **params)

    def load_params(self, f_params: Any = None, *args: Any, **kwargs: Any) -> None:
        """Load weights, of which an estimator that is new takes its sizes."""
        if not self.initialized_:
            file = f_params
            self._set_sizes(1, 1)  # a checkpoint names its files only for a network
            self.initialize()
            if checkpoint := kwargs.get("checkpoint"):
                super().load_params(f_history=checkpoint.f_history_)
                file = checkpoint.get_formatted_files(self)["f_params"]
            # Weights and biases, layer by layer.
            first, *_, last = torch.load(file, "cpu", weights_only=True).values()
            self._set_sizes(first.shape[1], len(last))
        super().load_params(f_params, *args, **kwargs)

    def forward_iter(self, X: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Return outputs for each batch."""
        with plain_pytorch():
            return iter([*super().forward_iter(_read_features(X), *args, **kwargs)])

    @contextmanager
    def _repeatable(self, seed: int) -> Iterator[None]:
        cuda = [self.device] if str(self.device).startswith("cuda") else []
        with plain_pytorch(), torch.random.fork_rng(devices=cuda):
            torch.manual_seed(seed)
            yield

    def _read(self, X: Any, y: Any) -> tuple[Any, np.ndarray]:
        return _read_features(X), self._as_targets(check_numbers(y, "y"))

    def _set_sizes(self, n_in: int, n_out: int) -> None:
        with self._repeatable(self.seed):  # a fitted network is made anew right here
            self.set_params(module__in_features=n_in, module__out_features=n_out)


def _read_features(X: Any) -> Any:
    if issparse(X):
        check_numbers(np.append(X.data, 0), "features")  # there may be none but zeros
        return csr_matrix(X, dtype=np.float32)  # skorch takes no sparse arrays
    if not isinstance(X, list) and not hasattr(X, "__array__"):
        return X  # skorch's own datasets, on the way through
    X = check_numbers(X, "X").astype(np.float32, copy=False)
    if X.ndim != 2:
        raise ValueError(f"X must have two dimensions, got shape {X.shape}")
    return X


class _Classifier(_Seeded, NeuralNetClassifier):
    @staticmethod
    def _as_targets(y: np.ndarray) -> np.ndarray:
        found = np.unique(y)
        if y.dtype.kind == "f" or y.ndim != 1 or (found != range(len(found))).any():
            raise ValueError(
                f"y must hold classes 0, 1, 2, …, all of them, in one dimension, got "
                f"{found[:5]} …; number them with numpy.unique(y, return_inverse=True)"
            )
        return y.astype(np.int64)

    @staticmethod
    def _count(y: np.ndarray) -> int:
        return int(y.max()) + 1


class _Regressor(_Seeded, NeuralNetRegressor):
    @staticmethod
    def _as_targets(y: np.ndarray) -> np.ndarray:
        return y.astype(np.float32).reshape(len(y), -1)

    @staticmethod
    def _count(y: np.ndarray) -> int:
        return y.shape[1]

    def predict(self, X: Any) -> np.ndarray:
        """Return the predicted values: one dimension if there is one for each row."""
        values = super().predict(X)
        return values[:, 0] if values.shape[1] == 1 else values


def classifier(
    *,
    hidden: tuple[int, ...] = (64,),
    activation: str = "relu",
    dropout: float = 0.0,
    optimizer: str = "adam",
    lr: float = 1e-3,
    batch_size: int = 64,
    epochs: int = 20,
    seed: int = 0,
    device: str | torch.device = "cpu",
    **options: Any,
) -> NeuralNetClassifier:
    """Return an MLP that classifies, as an estimator of scikit-learn.

    Its scores are the same whatever ``n_jobs`` a search has. In a search,
    skorch's names hold: ``module__hidden``, ``module__activation``,
    ``module__dropout``, ``lr``, ``batch_size``, ``max_epochs`` and
    ``optimizer__weight_decay``. Weights saved by ``save_params`` or by skorch's
    ``Checkpoint`` are read by ``load_params`` of a new estimator with the same
    `hidden`.

    Parameters
    ----------
    hidden, activation, dropout : object
        As for :class:`MLP`; sizes of input and output follow the data.
    optimizer, lr, batch_size, epochs : object
        As for :func:`fit`; the loss is the cross entropy.
    seed : int, default=0
        The seed of each fit.
    device : str or torch.device, default="cpu"
        Where to train. ``"auto"`` takes the graphics card if there is one.
    **options : object
        Whatever else skorch takes: ``callbacks`` (early stopping, checkpoints,
        schedules of the learning rate, TensorBoard), ``train_split``, ``verbose``,
        ``optimizer__weight_decay``.
        By default nothing is set apart, and nothing is printed.

    Returns
    -------
    skorch.NeuralNetClassifier
        The estimator.

    Raises
    ------
    TypeError, ValueError
        If a setting means nothing, or skorch does not know an option.

    References
    ----------
    Tietz, M., Fan, T. J., Nouri, D., Bossan, B. (2017). skorch: a scikit-learn
    compatible neural network library that wraps PyTorch.

    Examples
    --------
    >>> from hpocourse import load_digits
    >>> from hpocourse.networks import classifier
    >>> digits = load_digits()
    >>> net = classifier(hidden=(32,), lr=0.01, epochs=5)
    >>> net = net.fit(digits.X_train, digits.y_train)
    >>> net.score(digits.X_valid, digits.y_valid) > 0.9
    True

    Stop after five epochs without a lower loss on a fifth set apart:

    >>> from skorch.callbacks import EarlyStopping
    >>> from skorch.dataset import ValidSplit
    >>> net = classifier(
    ...     epochs=100, lr=0.03, train_split=ValidSplit(5, stratified=True),
    ...     callbacks=[EarlyStopping(patience=5, load_best=True)],
    ... )
    >>> len(net.fit(digits.X_train, digits.y_train).history) < 100
    True
    """
    return _make(_Classifier, "cross_entropy", **locals())


def regressor(*, loss: str = "mse", **settings: Any) -> NeuralNetRegressor:
    """Return an MLP that predicts values, as an estimator of scikit-learn.

    Parameters
    ----------
    loss : str, default="mse"
        ``"huber"``, ``"l1"`` or ``"mse"``.
    **settings : object
        As for :func:`classifier`.

    Returns
    -------
    skorch.NeuralNetRegressor
        The estimator.

    Raises
    ------
    TypeError, ValueError
        If a setting means nothing, or skorch does not know an option.

    Examples
    --------
    >>> from hpocourse import make_wave
    >>> from hpocourse.networks import regressor
    >>> wave = make_wave()
    >>> net = regressor(lr=0.01, epochs=30).fit(wave.X_train, wave.y_train)
    >>> net.score(wave.X_valid, wave.y_valid) > 0.8
    True
    """
    check_choice(loss, "loss", [name for name in LOSSES if name != "cross_entropy"])
    known = signature(classifier).parameters
    ours = {name: settings.pop(name) for name in known if name in settings}
    return _make(_Regressor, loss, options=settings, **ours)


def _make(kind, loss, *, options, device="cpu", **ours):
    config = Config(**ours)
    settings = {
        "module__hidden": config.hidden,
        "module__activation": config.activation,
        "module__dropout": config.dropout,
        "criterion": LOSSES[loss],
        "optimizer": OPTIMIZERS[config.optimizer],
        "lr": config.lr,
        "batch_size": config.batch_size,
        "max_epochs": config.epochs,
        "seed": config.seed,
    }
    usual = {"train_split": None, "verbose": 0, "iterator_train__shuffle": True}
    return kind(MLP, device=str(find_device(device)), **settings, **usual | options)
