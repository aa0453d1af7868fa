"""The course's network as an estimator of scikit-learn, through skorch."""

from importlib.util import find_spec

import numpy as np
import torch
from sklearn.model_selection import KFold, StratifiedKFold
from skorch import NeuralNetClassifier, NeuralNetRegressor
from skorch.callbacks import Checkpoint, EarlyStopping
from skorch.dataset import ValidSplit

from ._callbacks import Board, Factor, Schedule
from ._checks import check_array
from ._config import LOSSES, OPTIMIZERS, Config
from ._device import find_device, one_thread
from ._mlp import MLP

#: The share set apart for watching a training is one of so many.
FIFTH = 5


class _Seeded:
    """Seeds each fit and learns the sizes from the data."""

    def __init__(self, *args, seed=0, **kwargs):
        self.seed = seed
        super().__init__(*args, **kwargs)

    def fit(self, X, y, **fit_params):
        """Train from new weights.

        Seeded here and not before: then each fit of a search is the same in
        whatever process and order it runs.
        """
        X, y = self._as_arrays(X), self._as_targets(check_array(y, "y"))
        self._check_split(y)
        cuda = [self.device] if str(self.device).startswith("cuda") else []
        with torch.random.fork_rng(devices=cuda), one_thread():
            self.set_params(
                module__in_features=X.shape[1], module__out_features=self._count(y)
            )
            torch.manual_seed(self.seed)
            return super().fit(X, y, **fit_params)

    def _check_split(self, y):
        if self.train_split is None:
            return
        classes = isinstance(self, NeuralNetClassifier)
        least = np.bincount(y).min() if classes else len(y)
        if least < FIFTH:
            of = " of each class" if classes else ""
            raise ValueError(
                "patience and checkpoint set a fifth of the data apart, which takes at "
                f"least {FIFTH} examples{of}, got {least}; leave them out"
            )

    def forward_iter(self, X, *args, **kwargs):
        """Yield outputs for each batch."""
        with one_thread():
            yield from super().forward_iter(self._as_arrays(X), *args, **kwargs)

    @staticmethod
    def _as_arrays(X):
        if not isinstance(X, np.ndarray | torch.Tensor | list) and not hasattr(
            X, "__array__"
        ):
            return X  # skorch's own datasets, on the way through
        X = check_array(X, "X").astype(np.float32, copy=False)
        if X.ndim != 2:
            raise ValueError(f"X must have two dimensions, got shape {X.shape}")
        return X


class _Classifier(_Seeded, NeuralNetClassifier):
    @staticmethod
    def _as_targets(y):
        found = np.unique(y)
        if y.dtype.kind == "f" or y.ndim != 1 or (found != range(len(found))).any():
            raise ValueError(
                f"y must hold classes 0, 1, 2, …, all of them, got dtype {y.dtype}, "
                f"shape {y.shape} and values {found[:5].tolist()} …; number classes "
                "with numpy.unique(y, return_inverse=True)"
            )
        return y.astype(np.int64)

    @staticmethod
    def _count(y):
        return int(y.max()) + 1


class _Regressor(_Seeded, NeuralNetRegressor):
    @staticmethod
    def _as_targets(y):
        return y.astype(np.float32).reshape(len(y), -1)

    @staticmethod
    def _count(y):
        return y.shape[1]

    def predict(self, X):
        """Return the predicted values: one dimension if there is one for each row."""
        values = super().predict(X)
        return values[:, 0] if values.shape[1] == 1 else values


def classifier(
    *,
    hidden=(64,),
    activation="relu",
    dropout=0.0,
    optimizer="adam",
    lr=1e-3,
    momentum=0.0,
    weight_decay=0.0,
    batch_size=64,
    epochs=20,
    patience=None,
    loss="cross_entropy",
    schedule=None,
    checkpoint=None,
    tensorboard=None,
    seed=0,
    device="auto",
):
    """Return an MLP that classifies, as an estimator of scikit-learn.

    Its scores are the same whatever ``n_jobs`` a search has. In a search,
    skorch's names hold: ``module__hidden``, ``module__activation``,
    ``module__dropout``, ``lr``, ``batch_size``, ``max_epochs`` and
    ``optimizer__weight_decay``.

    Parameters
    ----------
    hidden, activation, dropout : object
        As for :class:`MLP`; sizes of input and output follow the data.
    optimizer, lr, momentum, weight_decay, batch_size, epochs, loss : object
        As for :func:`fit`.
    patience : int, optional
        Set a fifth of the data apart, and stop after so many epochs without a lower
        loss on it, with the weights of the best epoch.
    schedule : {"cosine", "linear"} or callable, optional
        As for :func:`fit`.
    checkpoint : str or pathlib.Path, optional
        A folder in which to keep the weights of the epoch with the lowest loss on
        the fifth set apart.
    tensorboard : str or pathlib.Path, optional
        A folder for TensorBoard's records, in which each training has its own;
        needs the package tensorboard.
    seed : int, default=0
        The seed of each fit.
    device : str or torch.device, default="auto"
        ``"auto"`` takes the graphics card if there is one.

    Returns
    -------
    skorch.NeuralNetClassifier
        The estimator.

    Examples
    --------
    >>> from hpocourse import load_digits
    >>> from hpocourse.networks import classifier
    >>> digits = load_digits()
    >>> net = classifier(hidden=(32,), lr=0.01, epochs=5)
    >>> net = net.fit(digits.X_train, digits.y_train)
    >>> net.score(digits.X_valid, digits.y_valid) > 0.9
    True
    """
    return _make(_Classifier, **locals())


def regressor(
    *,
    hidden=(64,),
    activation="relu",
    dropout=0.0,
    optimizer="adam",
    lr=1e-3,
    momentum=0.0,
    weight_decay=0.0,
    batch_size=64,
    epochs=20,
    patience=None,
    loss="mse",
    schedule=None,
    checkpoint=None,
    tensorboard=None,
    seed=0,
    device="auto",
):
    """Return an MLP that predicts values, as an estimator of scikit-learn.

    Parameters
    ----------
    hidden, activation, dropout, optimizer, lr, momentum, weight_decay, batch_size, \
epochs, patience, loss, schedule, checkpoint, tensorboard, seed, device : object
        As for :func:`classifier`.

    Returns
    -------
    skorch.NeuralNetRegressor
        The estimator.

    Examples
    --------
    >>> from hpocourse import make_wave
    >>> from hpocourse.networks import regressor
    >>> wave = make_wave()
    >>> net = regressor(lr=0.01, epochs=30).fit(wave.X_train, wave.y_train)
    >>> net.score(wave.X_valid, wave.y_valid) > 0.8
    True
    """
    return _make(_Regressor, **locals())


def _make(kind, *, checkpoint, tensorboard, device, **settings):
    config = Config.read(settings)
    classes = kind is _Classifier
    if (config.loss == "cross_entropy") != classes:
        known = [name for name in LOSSES if (name == "cross_entropy") == classes]
        raise ValueError(f"loss must be one of {', '.join(known)}, got {config.loss!r}")
    callbacks = []
    if config.schedule is not None:
        schedule = torch.optim.lr_scheduler.LambdaLR
        callbacks.append(("schedule", Schedule(schedule, lr_lambda=Factor(config))))
    if config.patience is not None:
        stopping = EarlyStopping(patience=config.patience, threshold=0, load_best=True)
        callbacks.append(("stopping", stopping))
    if checkpoint is not None:
        keeper = Checkpoint(dirname=str(checkpoint), monitor="valid_loss_best")
        callbacks.append(("checkpoint", keeper))
    if tensorboard is not None:
        if find_spec("tensorboard") is None:
            raise ModuleNotFoundError(
                "tensorboard=… needs a package that is missing here; install it with "
                "`pip install tensorboard`"
            )
        callbacks.append(("tensorboard", Board(str(tensorboard))))
    watches = config.patience is not None or checkpoint is not None
    split = (StratifiedKFold if classes else KFold)(
        FIFTH, shuffle=True, random_state=config.seed
    )
    extra = {"optimizer__momentum": config.momentum} if config.momentum else {}
    return kind(
        MLP,
        seed=config.seed,
        module__hidden=config.hidden,
        module__activation=config.activation,
        module__dropout=config.dropout,
        module__in_features=1,
        criterion=LOSSES[config.loss],
        optimizer=OPTIMIZERS[config.optimizer],
        optimizer__weight_decay=config.weight_decay,
        lr=config.lr,
        batch_size=config.batch_size,
        max_epochs=config.epochs,
        train_split=ValidSplit(split) if watches else None,
        iterator_train__shuffle=True,
        callbacks=callbacks,
        device=str(find_device(device)),
        verbose=0,
        **extra,
    )
