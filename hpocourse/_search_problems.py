"""The problems whose trainings stand in tables: what was trained, and its space."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


@cache
def define_problems() -> dict[str, tuple[str, str, str, dict[str, BaseDistribution]]]:
    """Return of each problem: what was trained, its measure, direction and space."""
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
