"""The tables of real trainings as problems for comparing methods.

Comparing seven methods over fifty seeds takes hundreds of thousands of trainings.
They were made once, by ``make_tables.py``; :class:`hpocourse.datasets.SearchTable`
looks them up and says what a lookup keeps. Here:

- A call returns the value of one of the row's three trainings, drawn by the seed of
  the objective and by how often it has been called: asking again for the same
  parameters may give another value, as training again would.
- The optimum is that of the table, the best mean over the repeats, so that regrets
  are known exactly; the space itself may hold something better between its rows.
"""

from functools import cached_property
from itertools import product

import numpy as np
from optuna.distributions import CategoricalDistribution, IntDistribution

from hpocourse._search_problems import define_problems
from hpocourse._search_table import REPEATS, SearchTable


class Problem(SearchTable):
    """A table with its noise, its scale, and grids of its space."""

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
        return float(self.sign * (self.best_value - chosen.mean()))

    def train(self, params, repeat):
        """Return what one training gave: that of the nearest row.

        Parameters
        ----------
        params : dict
            A value for each parameter.
        repeat : int
            Which of the trainings, from 0.

        Returns
        -------
        float
            Its value.
        """
        return float(self.values[self.nearest(params), repeat])

    def mean(self, params):
        """Return the mean of all repeats.

        Parameters
        ----------
        params : dict
            A value for each parameter.

        Returns
        -------
        float
            The mean.
        """
        return float(self.means[self.nearest(params)])

    def scaled_regret(self, params):
        """Return how much worse than the optimum a configuration is.

        Parameters
        ----------
        params : dict
            A value for each parameter.

        Returns
        -------
        float
            In units of ``scale``: 0 at the best row of the table, 1 where random
            search gets with ten trials.
        """
        return float(self.sign * (self.best_value - self.mean(params)) / self.scale)

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
                levels = dict.fromkeys(decode(self.space, u)[name] for u in units)
            grid[name] = CategoricalDistribution(tuple(levels))
        return grid


class Objective:
    """An objective with the noise of training, and a record of what was tried.

    Parameters
    ----------
    problem : Problem
        What is looked up, or trained.
    seed : int
        The seed of the noise.
    """

    def __init__(self, problem, seed):
        self.problem = problem
        self.tried, self.observed = [], []
        self._random = np.random.default_rng([seed, 20])

    def __call__(self, params):
        """Return the value of one repeat, which the seed draws.

        Parameters
        ----------
        params : dict
            A value for each parameter.

        Returns
        -------
        float
            What training gave.
        """
        value = self.problem.train(params, int(self._random.integers(REPEATS)))
        self.tried.append(dict(params))
        self.observed.append(value)
        return value

    def chosen(self, budget):
        """Return the configuration one would choose: the best seen within a budget.

        Parameters
        ----------
        budget : int
            How many of the calls count, the first ones.

        Returns
        -------
        dict
            Its parameters; its regret is that of its mean, not of the lucky repeat
            that made it be chosen.
        """
        observed = self.problem.sign * np.array(self.observed[:budget])
        return self.tried[int(observed.argmax())]


def decode(space, unit):
    """Return the configuration at a point of the unit cube.

    Parameters
    ----------
    space : dict
        The distribution of each parameter, by name.
    unit : array-like of shape (n_parameters,)
        A number from 0 to 1 for each parameter, categories included. Integers
        and categories each take an equal share, on the scale of the space.

    Returns
    -------
    dict
        A value for each parameter.
    """
    params = {}
    for (name, d), u in zip(space.items(), unit, strict=True):
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

    units = Sobol(len(space), scramble=True, rng=seed).random(n)
    unique = {tuple(p.values()): p for p in (decode(space, u) for u in units)}
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


def load_problem(name):
    """Return the problem of a table.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    Problem
        The problem.
    """
    return Problem(name, *define_problems()[name])


PROBLEMS = {name: load_problem(name) for name in define_problems()}
