"""Search problems whose objective is looked up in tables of real trainings.

Comparing seven methods over fifty seeds takes hundreds of thousands of trainings.
Here they were made once, by ``make_tables.py``: each row of a table is one
configuration of a space, trained really, three times. The objective returns the
value of the row nearest to the parameters it is given, so that a trial takes
microseconds.

What the lookup keeps, and what it does not:

- Distances are measured after each number has been mapped to [0, 1], its
  logarithm where the space says so. Categories are never crossed: the nearest row
  is looked for among those of the same categories.
- Each row has the values of its three repeats, by the seed of a network or by the
  shuffling of the folds. A call returns one of them, drawn by the seed of the
  objective and by how often it has been called: asking again for the same
  parameters may give another value, as training again would.
- The objective is constant around each row and jumps halfway to the next one,
  where the real one is as smooth as its noise lets it be. Models that expect
  smoothness, above all Gaussian processes, see something rougher than they would
  in practice, and no method can gain by refining within the cell of a row. The
  more parameters, the larger the cells.
- The optimum is that of the table, the best mean over the repeats, so that regrets
  are known exactly; the space itself may hold something better between its rows.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from scipy.spatial import cKDTree

TABLES = Path(__file__).parent / "tables"
REPEATS = 3
VALUES = [f"value_{repeat}" for repeat in range(REPEATS)]
#: Further apart than any two configurations of the same categories.
APART = 10.0


def _log(low, high):
    return FloatDistribution(low, high, log=True)


#: Of each problem: its direction, its measure, and its space. The parameters that
#: are usually held to matter most come first; the grids rely on it.
DEFINITIONS = {
    "svr_wave": (
        "maximize",
        "R², 3 folds",
        {"gamma": _log(1e-2, 1e3), "C": _log(1e-2, 1e3), "epsilon": _log(1e-3, 1)},
    ),
    "svc_digits": (
        "maximize",
        "accuracy on one of 3 folds",
        {"gamma": _log(1e-4, 10), "C": _log(1e-2, 1e3)},
    ),
    "svr_diabetes": (
        "maximize",
        "R², 3 folds",
        {"C": _log(1e-1, 1e4), "gamma": _log(1e-3, 1e2), "epsilon": _log(1e-1, 1e2)},
    ),
    "boosting_diabetes": (
        "maximize",
        "R², 3 folds",
        {
            "learning_rate": _log(2e-2, 0.5),
            "subsample": FloatDistribution(0.2, 1),
            "max_features": FloatDistribution(0.1, 1),
            "min_samples_leaf": _log(5e-3, 0.3),
        },
    ),
    "forest_digits": (
        "maximize",
        "accuracy on the validation set",
        {
            "max_features": _log(0.02, 1),
            "max_samples": FloatDistribution(0.1, 1),
            "min_samples_split": _log(2e-3, 0.3),
        },
    ),
    "arithmetic_network": (
        "minimize",
        "log10 of the mean absolute error on the validation set",
        {
            "learning_rate": _log(1e-4, 1e-1),
            "momentum": FloatDistribution(0, 0.99),
            "weight_decay": _log(1e-5, 1),
            "init_scale": _log(0.1, 5),
        },
    ),
    "boosting_cancer": (
        "minimize",
        "log loss, 3 folds",
        {
            "learning_rate": _log(2e-2, 1),
            "max_leaf_nodes": IntDistribution(2, 32, log=True),
            "l2_regularization": _log(1e-3, 1e2),
            "max_features": FloatDistribution(0.1, 1),
        },
    ),
    "digits_network": (
        "maximize",
        "accuracy on the validation set",
        {
            "learning_rate": _log(1e-4, 1e-1),
            "width": IntDistribution(8, 128, log=True),
            "batch_size": CategoricalDistribution([32, 64, 128]),
            "dropout": FloatDistribution(0, 0.7),
            "activation": CategoricalDistribution(["relu", "tanh", "logistic"]),
            "weight_decay": _log(1e-5, 1),
        },
    ),
    "pipeline_cancer": (
        "minimize",
        "log loss, 3 folds",
        {
            "C": _log(1e-3, 1e3),
            "n_components": IntDistribution(1, 30),
            "scaler": CategoricalDistribution(["none", "standard", "robust"]),
            "penalty": CategoricalDistribution(["l1", "l2"]),
        },
    ),
    "pipeline_diabetes": (
        "maximize",
        "R², 3 folds",
        {
            "alpha": _log(1e-4, 1e1),
            "l1_ratio": FloatDistribution(0, 1),
            "features": CategoricalDistribution(["linear", "quadratic", "splines"]),
        },
    ),
}


class Encoder:
    """Map configurations of a space to points, among which one can be nearest.

    Parameters
    ----------
    space : dict
        The distribution of each parameter, by name.
    """

    def __init__(self, space):
        self.space = space
        self._numbers, self._categories = [], []
        self.n_columns = 0
        for name, d in space.items():
            if isinstance(d, CategoricalDistribution):
                column = {c: self.n_columns + i for i, c in enumerate(d.choices)}
                self._categories.append((name, column))
                self.n_columns += len(d.choices)
            else:
                low, high = (
                    (np.log(d.low), np.log(d.high)) if d.log else (d.low, d.high)
                )
                self._numbers.append((name, self.n_columns, d.log, low, high - low))
                self.n_columns += 1

    def __call__(self, params):
        """Return the point of one configuration.

        Parameters
        ----------
        params : dict
            A value for each parameter.

        Returns
        -------
        list of float
            Numbers from 0 to 1, categories one-hot and far apart.
        """
        point = [0.0] * self.n_columns
        for name, column, log, low, width in self._numbers:
            value = math.log(params[name]) if log else params[name]
            point[column] = (value - low) / width
        for name, columns in self._categories:
            point[columns[params[name]]] = APART
        return point

    def decode(self, unit):
        """Return the configuration at a point of the unit cube.

        Parameters
        ----------
        unit : array-like of shape (n_parameters,)
            A number from 0 to 1 for each parameter, categories included. Integers
            and categories each take an equal share, on the scale of the space.

        Returns
        -------
        dict
            A value for each parameter.
        """
        params = {}
        for (name, d), u in zip(self.space.items(), unit, strict=True):
            if isinstance(d, CategoricalDistribution):
                n = len(d.choices)
                params[name] = d.choices[min(int(u * n), n - 1)]
                continue
            whole = isinstance(d, IntDistribution)
            low, high = (d.low - 0.5, d.high + 0.5) if whole else (d.low, d.high)
            if d.log:
                value = float(np.exp(np.log(low) + u * np.log(high / low)))
            else:
                value = float(low + u * (high - low))
            value = min(max(value, d.low), d.high)
            # Seven digits are what the table keeps: what is trained is what is read.
            params[name] = round(value) if whole else float(f"{value:.7g}")
        return params


@dataclass(frozen=True, eq=False)
class Problem:
    """A table of trainings as something to optimize.

    Parameters
    ----------
    name : str
        Name of the problem and of its table.
    direction : str
        ``"maximize"`` or ``"minimize"``.
    measure : str
        What the values are.
    space : dict
        The Optuna distribution of each parameter, by name.
    """

    name: str
    direction: str
    measure: str
    space: dict

    @property
    def path(self):
        """Where the table is."""
        return TABLES / f"{self.name}.csv.gz"

    @cached_property
    def table(self):
        """The table: a column for each parameter and for each repeat's value."""
        return read_table(self.path, self.space)

    @cached_property
    def encoder(self):
        """The encoder of the space."""
        return Encoder(self.space)

    @cached_property
    def values(self):
        """Values as an array, a row for each configuration, a column a repeat."""
        return self.table[VALUES].to_numpy()

    @cached_property
    def means(self):
        """The mean over the repeats, for each row."""
        return self.values.mean(axis=1)

    @property
    def sign(self):
        """1 where more is better, -1 where less is."""
        return 1 if self.direction == "maximize" else -1

    @property
    def optimum(self):
        """The best mean over the repeats."""
        return self.sign * (self.sign * self.means).max()

    @cached_property
    def noise(self):
        """Standard deviation between repeats of the best tenth of the rows."""
        best = np.argsort(-self.sign * self.means)[: len(self.means) // 10]
        return float(np.sqrt(self.values[best].var(axis=1, ddof=1).mean()))

    @cached_property
    def scale(self):
        """What regrets are divided by: that of the best of ten random rows."""
        return self._random_regret(10)

    def random_regret(self, budget):
        """Return what random search leaves, from draws of rows of the table.

        Parameters
        ----------
        budget : int
            The number of trials.

        Returns
        -------
        float
            The mean regret; 1 with ten trials.
        """
        return self._random_regret(budget) / self.scale

    def _random_regret(self, budget, n_draws=4000):
        random = np.random.default_rng(0)
        rows = random.integers(len(self.means), size=(n_draws, budget))
        repeats = random.integers(REPEATS, size=rows.shape)
        best = (self.sign * self.values[rows, repeats]).argmax(axis=1)
        chosen = self.means[rows[np.arange(n_draws), best]]
        return float(self.sign * (self.optimum - chosen.mean()))

    @cached_property
    def _tree(self):
        names = list(self.space)
        rows = self.table[names].to_dict("records")
        return cKDTree(np.array([self.encoder(row) for row in rows]))

    def row(self, params):
        """Return the number of the nearest row.

        Parameters
        ----------
        params : dict
            A value for each parameter.

        Returns
        -------
        int
            Its position in the table.
        """
        return int(self._tree.query(self.encoder(params))[1])

    def __call__(self, params):
        """Return the mean over the repeats of the nearest row.

        Parameters
        ----------
        params : dict
            A value for each parameter.

        Returns
        -------
        float
            The value without noise, as far as three repeats tell it.
        """
        return float(self.means[self.row(params)])

    def regret(self, row):
        """Return how much worse than the optimum a row is, in units of ``scale``.

        Parameters
        ----------
        row : int
            Position in the table.

        Returns
        -------
        float
            0 at the optimum, 1 where random search gets with ten trials.
        """
        return float(self.sign * (self.optimum - self.means[row]) / self.scale)

    def objective(self, seed):
        """Return an objective with the noise of training.

        Parameters
        ----------
        seed : int
            The seed of the noise.

        Returns
        -------
        Objective
            A function of a dict of parameters.
        """
        return Objective(self, seed)

    def grid_space(self, budget):
        """Return the grid of at most as many points as the budget.

        Levels are spread evenly over each range, on its scale, half a step away
        from its ends; a single level is the middle. Each parameter in turn, in
        the order of the space, gets one more as long as the budget allows.

        Parameters
        ----------
        budget : int
            The number of trials.

        Returns
        -------
        dict
            A categorical distribution for each parameter.
        """
        # One level is the middle; categories start with their first.
        most = {
            name: len(d.choices)
            if isinstance(d, CategoricalDistribution)
            else (d.high - d.low + 1 if isinstance(d, IntDistribution) else budget)
            for name, d in self.space.items()
        }
        counts = dict.fromkeys(self.space, 1)
        grown = True
        while grown:
            grown = False
            for name, count in counts.items():
                size = int(np.prod(list(counts.values()))) // count * (count + 1)
                if count < most[name] and size <= budget:
                    counts[name] = count + 1
                    grown = True
        grid = {}
        for i, (name, count) in enumerate(counts.items()):
            units = np.full((count, len(self.space)), 0.5)
            units[:, i] = (np.arange(count) + 0.5) / count
            d = self.space[name]
            if isinstance(d, CategoricalDistribution):
                levels = d.choices[:count]
            else:
                levels = dict.fromkeys(self.encoder.decode(u)[name] for u in units)
            grid[name] = CategoricalDistribution(tuple(levels))
        return grid


class Objective:
    """An objective with the noise of training, and a record of what was tried.

    Parameters
    ----------
    problem : Problem
        What is looked up.
    seed : int
        The seed of the noise.
    """

    def __init__(self, problem, seed):
        self.problem = problem
        self.rows, self.observed = [], []
        self._random = np.random.default_rng([seed, 20])

    def __call__(self, params):
        """Return the value of one repeat of the nearest row.

        Parameters
        ----------
        params : dict
            A value for each parameter.

        Returns
        -------
        float
            What training gave.
        """
        row = self.problem.row(params)
        value = float(self.problem.values[row, self._random.integers(REPEATS)])
        self.rows.append(row)
        self.observed.append(value)
        return value

    def chosen(self, budget):
        """Return the row one would choose: the best value seen within a budget.

        Parameters
        ----------
        budget : int
            How many of the calls count, the first ones.

        Returns
        -------
        int
            Its position in the table; its regret is that of its mean, not of the
            lucky repeat that made it be chosen.
        """
        observed = self.problem.sign * np.array(self.observed[:budget])
        return self.rows[int(observed.argmax())]


def read_table(path, space):
    """Read a table with the types of its space.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    space : dict
        The distribution of each parameter.

    Returns
    -------
    pandas.DataFrame
        A column for each parameter and for each repeat's value.
    """
    table = pd.read_csv(path, keep_default_na=False)
    for name, d in space.items():
        if isinstance(d, CategoricalDistribution):
            table[name] = table[name].astype(type(d.choices[0]))
    return table


def design(space, n, seed):
    """Return configurations spread over a space: a scrambled Sobol sequence.

    Parameters
    ----------
    space : dict
        The distribution of each parameter.
    n : int
        Number of configurations, a power of two for the sequence to be balanced.
    seed : int
        The seed of the scrambling.

    Returns
    -------
    list of dict
        Different configurations; fewer than ``n`` where some coincided.
    """
    from scipy.stats.qmc import Sobol

    encoder = Encoder(space)
    units = Sobol(len(space), scramble=True, rng=seed).random(n)
    unique = {tuple(p.values()): p for p in map(encoder.decode, units)}
    return list(unique.values())


def levels(grid):
    """Return every point of a grid.

    Parameters
    ----------
    grid : dict
        A categorical distribution for each parameter.

    Returns
    -------
    list of dict
        The points, the last parameter changing fastest.
    """
    combinations = product(*(d.choices for d in grid.values()))
    return [dict(zip(grid, c, strict=True)) for c in combinations]


PROBLEMS = {
    name: Problem(name, *definition) for name, definition in DEFINITIONS.items()
}
