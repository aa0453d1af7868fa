"""The problems whose trainings stand in tables: what was trained, and its space."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ._search_table import SearchTable
from ._validation import check_choice

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

#: What the library takes where nothing is said, or the nearest that the space allows,
#: in the order of the space.
DEFAULTS: dict[str, tuple[float | str, ...]] = {
    "svr_wave": (1.0, 1.0, 0.1),
    "svc_digits": (1 / 64, 1.0),
    "svr_diabetes": (1.0, 0.1, 0.1),
    "boosting_diabetes": (0.1, 1.0, 1.0, 0.005),
    "forest_digits": (0.125, 1.0, 0.002),
    "arithmetic_network": (0.001, 0.9, 1e-5, 1.0),
    "boosting_cancer": (0.1, 31, 0.001, 1.0),
    "digits_network": (0.001, 100, 128, 0.0, "relu", 1e-4),
    "pipeline_cancer": (1.0, 30, "standard", "l2"),
    "pipeline_diabetes": (1.0, 0.5, "linear"),
}


Space = dict[str, "BaseDistribution"]


@cache
def define_problems() -> dict[str, tuple[str, str, str, Space, dict[str, Any]]]:
    """Return what a table is made with, after its name: the last is the defaults."""
    return {
        name: (*problem, dict(zip(problem[-1], DEFAULTS[name], strict=True)))
        for name, problem in _define_spaces().items()
    }


def _define_spaces() -> dict[str, tuple[str, str, str, Space]]:
    from optuna.distributions import CategoricalDistribution as Choice
    from optuna.distributions import FloatDistribution as Float
    from optuna.distributions import IntDistribution as Int

    def log(low: float, high: float) -> Float:
        return Float(low, high, log=True)

    # The parameters that are usually held to matter most come first; the grids of
    # the benchmarks rely on it.
    return {
        "svr_wave": (
            "support vector regression of 600 points of the wave",
            "R², 3 folds",
            "maximize",
            {"gamma": log(1e-2, 1e3), "C": log(1e-2, 1e3), "epsilon": log(1e-3, 1)},
        ),
        "svc_digits": (
            "support vector classifier of the digits",
            "accuracy on one of 3 folds",
            "maximize",
            {"gamma": log(1e-4, 10), "C": log(1e-2, 1e3)},
        ),
        "svr_diabetes": (
            "support vector regression of the diabetes data, standardized",
            "R², 3 folds",
            "maximize",
            {"C": log(1e-1, 1e4), "gamma": log(1e-3, 1e2), "epsilon": log(1e-1, 1e2)},
        ),
        "boosting_diabetes": (
            "20 boosted trees on the diabetes data",
            "R², 3 folds",
            "maximize",
            {
                "learning_rate": log(2e-2, 0.5),
                "subsample": Float(0.2, 1),
                "max_features": Float(0.1, 1),
                "min_samples_leaf": log(5e-3, 0.3),
            },
        ),
        "forest_digits": (
            "a forest of 10 trees on the digits",
            "accuracy on the validation set",
            "maximize",
            {
                "max_features": log(0.02, 1),
                "max_samples": Float(0.1, 1),
                "min_samples_split": log(2e-3, 0.3),
            },
        ),
        "arithmetic_network": (
            "a network with two hidden layers of 32 on 1500 arithmetic examples",
            "log10 of the mean absolute error on the validation set",
            "minimize",
            {
                "learning_rate": log(1e-4, 1e-1),
                "momentum": Float(0, 0.99),
                "weight_decay": log(1e-5, 1),
                "init_scale": log(0.1, 5),
            },
        ),
        "boosting_cancer": (
            "20 boosted trees on binned features of the breast cancer data",
            "log loss, 3 folds",
            "minimize",
            {
                "learning_rate": log(2e-2, 1),
                "max_leaf_nodes": Int(2, 32, log=True),
                "l2_regularization": log(1e-3, 1e2),
                "max_features": Float(0.1, 1),
            },
        ),
        "digits_network": (
            "a network with one hidden layer, 6 epochs on the digits",
            "accuracy on the validation set",
            "maximize",
            {
                "learning_rate": log(1e-4, 1e-1),
                "width": Int(8, 128, log=True),
                "batch_size": Choice([32, 64, 128]),
                "dropout": Float(0, 0.7),
                "activation": Choice(["relu", "tanh", "logistic"]),
                "weight_decay": log(1e-5, 1),
            },
        ),
        "pipeline_cancer": (
            "scaling, components and logistic regression of the breast cancer data",
            "log loss, 3 folds",
            "minimize",
            {
                "C": log(1e-3, 1e3),
                "n_components": Int(1, 30),
                "scaler": Choice(["none", "standard", "robust"]),
                "penalty": Choice(["l1", "l2"]),
            },
        ),
        "pipeline_diabetes": (
            "features, scaling and an elastic net on the diabetes data",
            "R², 3 folds",
            "maximize",
            {
                "alpha": log(1e-4, 1e1),
                "l1_ratio": Float(0, 1),
                "features": Choice(["linear", "quadratic", "splines"]),
            },
        ),
    }


def load_search_table(name: str) -> SearchTable:
    """Load real trainings in which a search looks values up instead of training.

    Each table holds 512 to 2048 configurations, spread evenly over a space, each
    trained three times. Methods can so be compared in seconds. Test sets were not
    touched.

    Parameters
    ----------
    name : str
        One of these:

        ``"svr_wave"``
            Support vector regression of 600 points of :func:`make_wave`; ``gamma``,
            ``C``, ``epsilon``. R² over 3 folds.
        ``"svc_digits"``
            Support vector classifier of :func:`load_digits`; ``gamma``, ``C``.
            Accuracy on one of 3 folds.
        ``"svr_diabetes"``
            Support vector regression of :func:`load_diabetes`, standardized; ``C``,
            ``gamma``, ``epsilon``. R² over 3 folds.
        ``"boosting_diabetes"``
            20 boosted trees on :func:`load_diabetes`; ``learning_rate``,
            ``subsample``, ``max_features``, ``min_samples_leaf``. R² over 3 folds.
        ``"forest_digits"``
            A forest of 10 trees on :func:`load_digits`; ``max_features``,
            ``max_samples``, ``min_samples_split``. Accuracy on the validation set.
        ``"arithmetic_network"``
            A network with two hidden layers of 32 on 1500 examples of
            :func:`make_arithmetic`; ``learning_rate``, ``momentum`` (of Adam),
            ``weight_decay``, ``init_scale``. Decimal logarithm of the mean absolute
            error on the validation set, to be minimized.
        ``"boosting_cancer"``
            20 boosted trees on binned features of :func:`load_breast_cancer`;
            ``learning_rate``, ``max_leaf_nodes``, ``l2_regularization``,
            ``max_features``. Log loss over 3 folds, to be minimized.
        ``"digits_network"``
            A network with one hidden layer, 6 epochs on :func:`load_digits`;
            ``learning_rate``, ``width``, ``batch_size``, ``dropout``, ``activation``,
            ``weight_decay``. Accuracy on the validation set.
        ``"pipeline_cancer"``
            Scaling, principal components and logistic regression of
            :func:`load_breast_cancer`; ``C``, ``n_components``, ``scaler``,
            ``penalty``. Log loss over 3 folds, to be minimized.
        ``"pipeline_diabetes"``
            Features, scaling and an elastic net on :func:`load_diabetes`;
            ``alpha``, ``l1_ratio``, ``features``. R² over 3 folds.

    Returns
    -------
    SearchTable
        The problem: its space, its trainings, and the lookup.

    Raises
    ------
    ValueError
        If there is no such table; the message lists all.

    References
    ----------
    Eggensperger, K., Hutter, F., Hoos, H. H., Leyton-Brown, K. (2015). Efficient
    benchmarking of hyperparameter optimizers via surrogates. *AAAI*, 1114-1120.

    Examples
    --------
    >>> from functools import partial
    >>> from hpocourse import load_search_table, search
    >>> table = load_search_table("boosting_cancer")
    >>> study = search.run(
    ...     partial(table, seed=1), table.space, method="random", n_trials=20,
    ...     direction=table.direction, progress=False,
    ... )
    >>> table.regret(study.best_params) < 0.05  # of log loss
    True
    """
    problems = define_problems()
    check_choice(name, "name", problems)
    return SearchTable(name, *problems[name])
