"""A search for an arithmetic network and the network that was found, kept.

Both took minutes; kept, they are there at once. The scripts in ``benchmarks`` that make
them anew are ``make_arithmetic_trials.py`` and ``make_arithmetic_network.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from .networks import MLP

FOLDER = Path(__file__).parent / "arithmetic"
FILES = {name: FOLDER / f"{name}.csv.gz" for name in ("trials", "curves", "tests")}
WEIGHTS = FOLDER / "network.npz"


@dataclass(frozen=True, eq=False)
class ArithmeticStudy:
    """What is kept of a search; made by :func:`load_arithmetic_study`."""

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Every epoch of the search with Keras Tuner, and of refits of its best.

        A row for each epoch of each training: the number of the trial, the seed (0 in
        the search, others in refits), the hyperparameters, the epoch, and ``loss``,
        ``mae``, ``val_loss`` and ``val_mae``.
        """
        return pd.read_csv(FILES["trials"])

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Every epoch of the best recipe: ``seed``, ``epoch``, ``mae``, ``val_mae``."""
        return pd.read_csv(FILES["curves"])

    @cached_property
    def tests(self) -> pd.DataFrame:
        """What each seed of the best recipe achieved, on validation and test sets."""
        return pd.read_csv(FILES["tests"])

    def network(self) -> MLP:
        """Return the network of the first seed.

        It takes operands standardized by the training set and one-hot operations, and
        gives standardized results.

        Returns
        -------
        MLP
            The network, with the weights of its best epoch.
        """
        import torch

        from .networks import MLP

        with np.load(WEIGHTS) as stored:
            state = {name: torch.from_numpy(stored[name]) for name in stored}
        widths = [len(weights) for weights in state.values() if weights.ndim == 2]
        model = MLP(6, tuple(widths[:-1]))
        model.load_state_dict(state)
        return model.eval()


def load_arithmetic_study() -> ArithmeticStudy:
    """Load a search for an arithmetic network, and the network found in the end.

    All were trained on :func:`make_arithmetic` with its defaults, and chosen on its
    validation set.

    Returns
    -------
    ArithmeticStudy
        The epochs of all trainings as tables, and one network.

    Examples
    --------
    >>> from hpocourse import load_arithmetic_study
    >>> load_arithmetic_study().trials["trial"].nunique()
    15
    """
    return ArithmeticStudy()
