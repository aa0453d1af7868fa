"""Tables of real trainings, in which a search looks values up instead of training.

Each row is one configuration, trained really, three times. A lookup takes
less than a millisecond, so that many methods can be compared over many seeds. The
trainings are in ``benchmarks/trainings.py`` of the repository, and
``benchmarks/make_tables.py`` makes the tables anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ._points import points_of
from ._validation import check_seed

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from scipy.spatial import cKDTree

TABLES = Path(__file__).parent / "tables"
REPEATS = 3
VALUES = [f"value_{repeat}" for repeat in range(REPEATS)]


@dataclass(frozen=True, eq=False, repr=False)
class SearchTable:
    """A search problem whose values were trained beforehand.

    Made by :func:`load_search_table`. Calling it with a configuration gives the
    value of the nearest row: each number is mapped to between 0 and 1, its logarithm
    where the space says so, and rows of other categories are not considered. The
    value is therefore constant around each row and jumps halfway to the next: a
    search cannot gain by refining within the cell of a row, and models that expect
    smoothness see something rougher than they would in practice.

    Attributes
    ----------
    name : str
        The name of the table.
    about : str
        What was trained, on which data.
    measure : str
        What the values are, with their unit where they have one.
    direction : {"maximize", "minimize"}
        Whether more is better or less.
    space : dict of str to optuna.distributions.BaseDistribution
        The parameters and where to search them, those held to matter most first.
    default_params : dict of str to object
        What the library takes where nothing is said, or the nearest in the space.

    Examples
    --------
    >>> from hpocourse import load_search_table
    >>> table = load_search_table("svc_digits")
    >>> table
    SearchTable('svc_digits', 512 configurations of gamma, C; maximize accuracy on one
    of 3 folds)
    >>> round(table({"gamma": 0.1, "C": 10}), 3)
    0.99
    """

    name: str
    about: str
    measure: str
    direction: str
    space: dict[str, BaseDistribution]
    default_params: dict[str, Any]

    @property
    def path(self) -> Path:
        """Where the table is: a compressed file of comma-separated values."""
        return TABLES / f"{self.name}.csv.gz"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All trainings: a row for each configuration.

        A column for each parameter of the space, and ``value_0``, ``value_1`` and
        ``value_2``, the values of its three trainings: with other seeds, or other
        folds where the model has no randomness of its own.
        """
        from optuna.distributions import CategoricalDistribution

        frame = pd.read_csv(self.path, keep_default_na=False)
        for name, d in self.space.items():
            if isinstance(d, CategoricalDistribution):
                frame[name] = frame[name].astype(type(d.choices[0]))
        return frame

    @cached_property
    def values(self) -> np.ndarray:
        """What the trainings gave: a row for each configuration, three columns."""
        return self.frame[VALUES].to_numpy()

    @cached_property
    def means(self) -> np.ndarray:
        """The mean of the three trainings of each row."""
        return self.values.mean(axis=1)

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.direction == "maximize" else -1

    @property
    def best_value(self) -> float:
        """The best mean of three trainings."""
        return float(self.sign * (self.sign * self.means).max())

    @property
    def best_params(self) -> dict[str, Any]:
        """The configuration with :attr:`best_value`."""
        row = int((self.sign * self.means).argmax())
        return self.frame[list(self.space)].iloc[[row]].to_dict("records")[0]

    def __call__(
        self, params: Mapping[str, Any] | pd.DataFrame, *, seed: int = 0
    ) -> Any:
        """Return what training gave: the value of one of three trainings.

        Parameters
        ----------
        params : dict or pandas.DataFrame
            A configuration; or many at once, as a table or a dict of columns.
        seed : int, default=0
            The seed of the noise: it draws for each row which of its trainings
            counts. With the same seed, the same configuration has the same value,
            in whatever order and process it is looked up.

        Returns
        -------
        float or numpy.ndarray of shape (n_configurations,)
            The value or values, in units of :attr:`measure`.

        Raises
        ------
        TypeError, ValueError
            If a parameter is missing, unknown, or out of the space.

        Examples
        --------
        >>> import pandas as pd
        >>> from hpocourse import load_search_table
        >>> table = load_search_table("svc_digits")
        >>> drawn = pd.DataFrame({"gamma": [0.001, 0.1, 1], "C": 10})
        >>> table(drawn, seed=1).round(3)
        array([0.939, 0.99 , 0.983])
        """
        rows = self.nearest(params)
        random = np.random.default_rng([check_seed(seed), 20])
        drawn = random.integers(REPEATS, size=len(self.values))
        found = self.values[rows, drawn[rows]]
        return found if isinstance(rows, np.ndarray) else float(found)

    def nearest(self, params: Mapping[str, Any] | pd.DataFrame) -> Any:
        """Return the row that a configuration is looked up in.

        Parameters
        ----------
        params : dict or pandas.DataFrame
            A configuration; or many at once, as a table or a dict of columns.

        Returns
        -------
        int or numpy.ndarray of shape (n_configurations,)
            Position or positions in :attr:`frame`.

        Raises
        ------
        TypeError, ValueError
            If a parameter is missing, unknown, or out of the space.
        """
        points = points_of(params, self.space, self.name)
        rows = self._tree.query(points)[1]
        return rows if points.ndim == 2 else int(rows)

    def regret(self, params: Mapping[str, Any] | pd.DataFrame) -> Any:
        """Return how much worse than the best a configuration really is.

        Parameters
        ----------
        params : dict or pandas.DataFrame
            A configuration; or many at once, as a table or a dict of columns.

        Returns
        -------
        float or numpy.ndarray of shape (n_configurations,)
            The difference between the means of three trainings, at least 0, in units
            of :attr:`measure`.

        Raises
        ------
        TypeError, ValueError
            If a parameter is missing, unknown, or out of the space.
        """
        regrets = np.abs(self.best_value - self.means[self.nearest(params)])
        return regrets if isinstance(regrets, np.ndarray) else float(regrets)

    def __repr__(self) -> str:
        """Show the problem in one line, the same in every language."""
        return (
            f"{type(self).__name__}({self.name!r}, {len(self.frame)} configurations of "
            f"{', '.join(self.space)}; {self.direction} {self.measure})"
        )

    @cached_property
    def _tree(self) -> cKDTree:
        from scipy.spatial import cKDTree

        return cKDTree(points_of(self.frame[list(self.space)], self.space, self.name))
