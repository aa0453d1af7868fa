"""The trainings behind the tables: one function for each problem.

Each takes a configuration and returns the values of its repeats. Networks and
forests differ between repeats by their seed and are judged on the validation set;
what has no randomness of its own, or little, is judged by cross-validation, whose
folds each repeat shuffles anew. Test sets are not touched.
"""

import warnings
from dataclasses import replace
from functools import cache, wraps
from itertools import pairwise

import numpy as np

from hpocourse import datasets

FOLDS = 3
REPEATS = 3


def _each_repeat(training):
    """Make a training of one repeat one of all of them."""

    @wraps(training)
    def train(params):
        return [training(params, repeat) for repeat in range(REPEATS)]

    return train


@cache
def _data(name):
    if name == "wave":
        return datasets.make_wave(600, noise=0.05)
    if name == "arithmetic":
        return datasets.make_arithmetic(1500)
    return getattr(datasets, f"load_{name}")()


@cache
def _folds(name, repeat):
    return replace(_data(name), seed=repeat).folds(FOLDS)


def _cross_validate(estimator, name, repeat, scoring, n_folds=FOLDS):
    """Return the mean score over the folds of one repeat, or the first of them."""
    from sklearn.model_selection import cross_val_score

    data = _data(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # solvers that stop early are part of it
        scores = cross_val_score(
            estimator,
            data.X_train_valid,
            data.y_train_valid,
            cv=_folds(name, repeat)[:n_folds],
            scoring=scoring,
            error_score="raise",
        )
    return float(scores.mean())


@_each_repeat
def svr_wave(params, repeat):
    """Fit a support vector regression to the wave."""
    from sklearn.svm import SVR

    model = SVR(**params, max_iter=20_000)
    return _cross_validate(model, "wave", repeat, "r2")


@_each_repeat
def svc_digits(params, repeat):
    """Fit a support vector classifier to two thirds of the digits."""
    from sklearn.svm import SVC

    return _cross_validate(SVC(**params), "digits", repeat, "accuracy", 1)


@_each_repeat
def svr_diabetes(params, repeat):
    """Fit a support vector regression to the diabetes data, standardized."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    model = make_pipeline(StandardScaler(), SVR(**params, max_iter=20_000))
    return _cross_validate(model, "diabetes", repeat, "r2")


@_each_repeat
def boosting_diabetes(params, repeat):
    """Boost 20 trees on the diabetes data."""
    from sklearn.ensemble import GradientBoostingRegressor

    model = GradientBoostingRegressor(**params, n_estimators=20, random_state=repeat)
    return _cross_validate(model, "diabetes", repeat, "r2")


@_each_repeat
def boosting_cancer(params, repeat):
    """Boost 20 trees on binned features of the breast cancer data."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        **params, max_iter=20, max_bins=32, early_stopping=False, random_state=repeat
    )
    return -_cross_validate(model, "breast_cancer", repeat, "neg_log_loss")


@_each_repeat
def pipeline_cancer(params, repeat):
    """Scale, project and classify the breast cancer data."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import RobustScaler, StandardScaler

    scalers = {
        "none": "passthrough",
        "standard": StandardScaler(),
        "robust": RobustScaler(),
    }
    model = make_pipeline(
        scalers[params["scaler"]],
        PCA(params["n_components"], svd_solver="full"),
        LogisticRegression(
            C=params["C"],
            l1_ratio=1.0 if params["penalty"] == "l1" else 0.0,
            solver="liblinear",
            random_state=0,
        ),
    )
    return -_cross_validate(model, "breast_cancer", repeat, "neg_log_loss")


@_each_repeat
def pipeline_diabetes(params, repeat):
    """Make features of the diabetes data, standardize them, fit an elastic net."""
    from sklearn.linear_model import ElasticNet
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import (
        PolynomialFeatures,
        SplineTransformer,
        StandardScaler,
    )

    features = {
        "linear": "passthrough",
        "quadratic": PolynomialFeatures(2, include_bias=False),
        "splines": SplineTransformer(4, include_bias=False, extrapolation="linear"),
    }
    # The penalty is measured against the target's standard deviation, about 77.
    model = make_pipeline(
        features[params["features"]],
        StandardScaler(),
        ElasticNet(
            alpha=77 * params["alpha"], l1_ratio=params["l1_ratio"], max_iter=500
        ),
    )
    return _cross_validate(model, "diabetes", repeat, "r2")


@_each_repeat
def forest_digits(params, repeat):
    """Grow a forest of 10 trees on the digits."""
    from sklearn.ensemble import RandomForestClassifier

    data = _data("digits")
    model = RandomForestClassifier(10, **params, random_state=repeat)
    model.fit(data.X_train, data.y_train)
    return float(model.score(data.X_valid, data.y_valid))


def _network(sizes):
    """Draw the layers of REPEATS networks, stacked, each from its own seed."""
    import torch

    torch.set_num_threads(1)
    layers = []
    random = [torch.Generator().manual_seed(repeat) for repeat in range(REPEATS)]
    for n_in, n_out in pairwise(sizes):
        for shape in ((n_in, n_out), (1, n_out)):
            drawn = [2 * torch.rand(shape, generator=g) - 1 for g in random]
            layers.append(torch.stack(drawn) / np.sqrt(n_in))
    return layers


def _train(forward, loss, layers, X, y, *, batch_size, epochs, each_epoch=None, **adam):
    """Train stacked networks with AdamW, each on an order of the rows of its own."""
    import torch

    for layer in layers:
        layer.requires_grad_()
    optimizer = torch.optim.AdamW(layers, fused=True, **adam)
    random = [torch.Generator().manual_seed(100 + r) for r in range(REPEATS)]
    for _ in range(epochs):
        if each_epoch:
            each_epoch()
        order = torch.stack([torch.randperm(len(X), generator=g) for g in random])
        for rows in order.split(batch_size, dim=1):
            optimizer.zero_grad()
            # A sum, so that no network's gradient depends on the others.
            loss(forward(X[rows]), y[rows]).mean(1).sum().backward()
            optimizer.step()
    if each_epoch:
        each_epoch()


def digits_network(params, epochs=6):
    """Train a network with one hidden layer on the digits, with Adam."""
    import torch
    from torch.nn.functional import cross_entropy

    data = _data("digits")
    X, y, X_valid = map(torch.from_numpy, (data.X_train, data.y_train, data.X_valid))
    layers = W1, b1, W2, b2 = _network((X.shape[1], params["width"], 10))
    activation = {"relu": torch.relu, "tanh": torch.tanh, "logistic": torch.sigmoid}
    activate, keep = activation[params["activation"]], 1 - params["dropout"]
    random = torch.Generator().manual_seed(0)

    def forward(batch, training=True):
        hidden = activate(torch.baddbmm(b1, batch, W1))
        if training:
            mask = torch.empty_like(hidden).bernoulli_(keep, generator=random)
            hidden = hidden * mask / keep
        return torch.baddbmm(b2, hidden, W2)

    def loss(output, labels):
        flat = cross_entropy(output.flatten(0, 1), labels.flatten(), reduction="none")
        return flat.view(labels.shape)

    _train(
        forward,
        loss,
        layers,
        X,
        y,
        batch_size=params["batch_size"],
        epochs=epochs,
        lr=params["learning_rate"],
        weight_decay=params["weight_decay"],
    )
    with torch.no_grad():
        output = forward(X_valid.expand(REPEATS, *X_valid.shape), training=False)
    right = output.argmax(2).numpy() == data.y_valid
    return right.mean(axis=1).tolist()


def arithmetic_network(params, epochs=12, width=32, batch_size=50):
    """Train a network with two hidden layers to calculate; its best epoch counts."""
    import torch
    from torch.nn.functional import silu

    data = _data("arithmetic")
    # Operands and results are scaled; errors are measured on the scale of results.
    scale = float(data.y_train.std())
    X, y, X_valid, y_valid = (
        torch.from_numpy((part / unit).astype(np.float32))
        for part, unit in (
            (data.X_train, (10, 10, 1, 1, 1, 1)),
            (data.y_train, scale),
            (data.X_valid, (10, 10, 1, 1, 1, 1)),
            (data.y_valid, scale),
        )
    )
    X_valid = X_valid.expand(REPEATS, *X_valid.shape)
    layers = _network((X.shape[1], width, width, 1))
    layers = [layer * params["init_scale"] for layer in layers]
    W1, b1, W2, b2, W3, b3 = layers

    def forward(batch):
        hidden = silu(torch.baddbmm(b1, batch, W1))
        hidden = silu(torch.baddbmm(b2, hidden, W2))
        return torch.baddbmm(b3, hidden, W3)[..., 0]

    errors = []

    def validate():
        with torch.no_grad():
            errors.append((forward(X_valid) - y_valid).abs().mean(1).numpy())

    _train(
        forward,
        lambda output, target: (output - target).abs(),
        layers,
        X,
        y,
        batch_size=batch_size,
        epochs=epochs,
        each_epoch=validate,
        lr=params["learning_rate"],
        betas=(params["momentum"], 0.999),
        weight_decay=params["weight_decay"],
    )
    # A network that diverged has nan, which the epochs before it are not.
    return np.log10(scale * np.nanmin(errors, axis=0)).tolist()


TRAININGS = {
    f.__name__: f
    for f in (
        svr_wave,
        svc_digits,
        svr_diabetes,
        boosting_diabetes,
        forest_digits,
        arithmetic_network,
        boosting_cancer,
        digits_network,
        pipeline_cancer,
        pipeline_diabetes,
    )
}
