"""Learning curves of real trainings, kept so that plans can be tried without training.

Each row is one training of one configuration with one seed: its validation loss after
each epoch. ``benchmarks/make_curves.py`` in the repository trains them anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ._points import points_of
from ._validation import check_choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optuna.distributions import BaseDistribution
    from scipy.spatial import cKDTree

CURVES = Path(__file__).parent / "curves"
SEED, EPOCH = "seed", "epoch_"
#: Of each problem: what was trained, and what its losses are.
PROBLEMS = {
    "digits": (
        "networks with one hidden layer, AdamW, a constant learning rate, on the "
        "digits",
        "cross-entropy on the validation set",
    ),
    "arithmetic": (
        "networks with two hidden layers, AdamW, a constant learning rate, on 1500 "
        "arithmetic examples",
        "mean squared error on the validation set, results standardized",
    ),
    "sigmoid": (
        "networks with two hidden layers of sigmoids, plain SGD, a constant learning "
        "rate, on the digits",
        "cross-entropy on the validation set",
    ),
}


@cache
def define_spaces() -> dict[str, dict[str, BaseDistribution]]:
    """Return the space that the configurations of each problem are spread over."""
    from optuna.distributions import FloatDistribution as Float
    from optuna.distributions import IntDistribution as Int

    return {
        "digits": {
            "width": Int(16, 256, log=True),
            "learning_rate": Float(1e-4, 1e-1, log=True),
            "weight_decay": Float(1e-4, 1, log=True),
            "dropout": Float(0, 0.6),
        },
        "arithmetic": {
            "width": Int(8, 64, log=True),
            "learning_rate": Float(3e-4, 1e-1, log=True),
            "weight_decay": Float(1e-5, 1, log=True),
        },
        "sigmoid": {
            "width": Int(16, 64, log=True),
            "learning_rate": Float(0.05, 5, log=True),
        },
    }


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurves:
    """Every epoch of many trainings; made by :func:`load_learning_curves`.

    Attributes
    ----------
    name : str
        The name of the problem.
    about : str
        What was trained, on which data.
    measure : str
        What the losses are, with their unit where they have one.
    """

    name: str
    about: str
    measure: str

    @property
    def path(self) -> Path:
        """Where the curves are: a compressed file of comma-separated values."""
        return CURVES / f"{self.name}.csv.gz"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All trainings: a row for each configuration and seed, a column an epoch."""
        return pd.read_csv(self.path)

    @cached_property
    def configs(self) -> pd.DataFrame:
        """The configurations: a row for each, a column for each hyperparameter."""
        first = self.frame[self.frame[SEED] == 0]
        names = [name for name in first if name != SEED and EPOCH not in name]
        return first[names].reset_index(drop=True)

    @property
    def space(self) -> dict[str, BaseDistribution]:
        """The distribution of each hyperparameter, as ``study.ask`` takes them."""
        return define_spaces()[self.name]

    @cached_property
    def losses(self) -> np.ndarray:
        """Validation losses of shape (n_configs, n_seeds, n_epochs); less is better."""
        epochs = self.frame.filter(like=EPOCH).to_numpy()
        return epochs.reshape(len(self.configs), -1, epochs.shape[1])

    @cached_property
    def _tree(self) -> cKDTree:
        from scipy.spatial import cKDTree

        return cKDTree(points_of(self.configs, self.space, self.name))

    def nearest(self, params: Mapping[str, float]) -> int:
        """Return the stored configuration that is nearest to another.

        Distances are those in the space scaled to the unit cube, in logarithms where
        the space says so.

        Parameters
        ----------
        params : dict
            A value for each hyperparameter, for example ``trial.params``.

        Returns
        -------
        int
            Its position in :attr:`configs` and :attr:`losses`.

        Raises
        ------
        TypeError, ValueError
            If a hyperparameter is missing, unknown, or out of the space.
        """
        return int(self._tree.query(points_of(params, self.space, self.name))[1])

    def __repr__(self) -> str:
        """Show the problem in one line, the same in every language."""
        configs, seeds, epochs = self.losses.shape
        return (
            f"{type(self).__name__}({self.name!r}, {configs} configurations of "
            f"{', '.join(self.configs)}; {seeds} seeds, {epochs} epochs)"
        )


def load_learning_curves(name: str) -> LearningCurves:
    """Load the learning curves of many configurations, each trained with many seeds.

    The configurations are spread evenly over a space. A seed draws the initial
    weights, the order of the batches and the dropout. The curves are stored with four
    digits. Test sets were not touched.

    Parameters
    ----------
    name : {"digits", "arithmetic", "sigmoid"}
        Which:

        ``"digits"``
            512 networks with one hidden layer on :func:`load_digits`, 27 epochs of
            AdamW in batches of 128; ``width`` from 16 to 256, ``learning_rate`` from
            1e-4 to 0.1, ``weight_decay`` from 1e-4 to 1, ``dropout`` up to 0.6.
            Cross-entropy on the validation set.
        ``"arithmetic"``
            512 networks with two hidden layers on 1500 examples of
            :func:`make_arithmetic`, operands and results standardized, 27 epochs of
            AdamW in batches of 64; ``width`` from 8 to 64, ``learning_rate`` from 3e-4
            to 0.1, ``weight_decay`` from 1e-5 to 1. Mean squared error on the
            validation set.
        ``"sigmoid"``
            512 networks with two hidden layers of sigmoids on :func:`load_digits`, 27
            epochs of plain SGD in batches of 32; ``width`` from 16 to 64,
            ``learning_rate`` from 0.05 to 5. All begin with a plateau, which some
            leave early, some late and some not at all. Cross-entropy on the
            validation set.

    Returns
    -------
    LearningCurves
        Configurations and their losses.

    Raises
    ------
    ValueError
        If there are no such curves; the message lists all.

    Examples
    --------
    >>> from hpocourse import load_learning_curves
    >>> curves = load_learning_curves("digits")
    >>> curves
    LearningCurves('digits', 512 configurations of width, learning_rate, weight_decay,
    dropout; 5 seeds, 27 epochs)
    >>> curves.losses[0, :, -1].shape  # the last epoch of the first, five trainings
    (5,)
    """
    check_choice(name, "name", PROBLEMS)
    return LearningCurves(name, *PROBLEMS[name])
