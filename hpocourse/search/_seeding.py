"""Samplers whose proposal follows from the seed, the ordinal and the study alone.

Optuna's own samplers keep a generator that no storage holds, so a resumed study
differs from one that was never interrupted. Here each trial gets a fresh sampler,
seeded by (seed, ordinal): what was proposed before the interruption is proposed
again after it.
"""

import warnings
from binascii import crc32

import numpy as np
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    GPSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from sklearn.model_selection import ParameterGrid

from ._checks import METHODS, check_choice, grid_values
from ._claims import ordinal


def make_sampler(method, space, seed):
    """Return the sampler of a method.

    Parameters
    ----------
    method : str or optuna.samplers.BaseSampler
        One of the names that :func:`hpocourse.search.run` knows, or a sampler.
    space : dict of str to optuna.distributions.BaseDistribution, or None
        The search space.
    seed : int
        The seed.

    Returns
    -------
    optuna.samplers.BaseSampler
        The sampler.

    Raises
    ------
    TypeError, ValueError
        If the method is unknown, or a grid is asked for without a space.
    """
    if isinstance(method, BaseSampler):
        return method
    if isinstance(method, type) and issubclass(method, BaseSampler):
        raise TypeError(f"method is the class {method.__name__}; make one, add ()")
    check_choice(method, "method", METHODS)
    if method == "grid":
        if space is None:
            raise ValueError(
                'method="grid" needs to know the space before the first trial; pass '
                "space, a dict of distributions"
            )
        return GridSampler(grid_values(space), seed)
    if method == "qmc":
        return ScrambledSobolSampler(space, seed)
    if method == "hyperopt":
        from ._hyperopt import HyperoptSampler

        return HyperoptSampler(space, seed=seed)
    if method == "bayes":
        from ._bayes import BayesOptSampler

        return BayesOptSampler(seed=seed)
    sampler = {"random": RandomSampler, "tpe": TPESampler, "gp": GPSampler}[method]
    return OrdinalSampler(sampler, seed)


class OrdinalSampler(BaseSampler):
    """One of Optuna's samplers, seeded anew for each trial by its ordinal.

    Parameters
    ----------
    make : type
        Its class: `RandomSampler`, `TPESampler` or `GPSampler`.
    seed : int
        The seed of the search.
    """

    def __init__(self, make, seed):
        self._make = make
        self._seed = seed
        self._last = (None, None)
        self._sampler = make(seed=seed)
        if make is TPESampler:  # which draws its first trials with another
            self._sampler._random_sampler._rng = self._sampler._rng

    def infer_relative_search_space(self, study, trial):
        """Return what the sampler proposes together; nothing of it is random."""
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(self, study, trial, search_space):
        """Propose the parameters that belong together."""
        if not search_space:
            return {}
        return self._seeded(trial).sample_relative(study, trial, search_space)

    def sample_independent(self, study, trial, param_name, param_distribution):
        """Propose one parameter, whatever was proposed before it."""
        return self._seeded(trial, crc32(param_name.encode())).sample_independent(
            study, trial, param_name, param_distribution
        )

    def _seeded(self, trial, name_hash=0):
        if self._last[0] != trial._trial_id:
            self._last = (trial._trial_id, _mix(self._seed, ordinal(trial)))
        seed = self._last[1] ^ name_hash
        if self._make is GPSampler:  # it keeps what it fitted last, so a new one
            return GPSampler(seed=seed)
        # A new one would cost as much as the whole proposal.
        self._sampler._rng.rng.seed(seed)
        return self._sampler


def _mix(seed, place):
    return int(np.random.SeedSequence([seed, place]).generate_state(1)[0])


class GridSampler(BaseSampler):
    """Each point of a grid once, in an order that the seed decides.

    Parameters
    ----------
    values : dict of str to list
        The values of each parameter.
    seed : int
        The seed.
    """

    def __init__(self, values, seed):
        self._grid = ParameterGrid(values)
        self._order = np.random.default_rng(seed).permutation(len(self._grid))

    def __len__(self):
        """Return the number of points."""
        return len(self._grid)

    def infer_relative_search_space(self, study, trial):
        """Propose each parameter by itself."""
        return {}

    def sample_relative(self, study, trial, search_space):
        """Propose nothing together."""
        return {}

    def sample_independent(self, study, trial, param_name, param_distribution):
        """Return the parameter at the trial's point."""
        return self._grid[self._order[ordinal(trial)]][param_name]


class ScrambledSobolSampler(QMCSampler):
    """Optuna's scrambled Sobol sequence, its k-th point for the k-th trial.

    Optuna numbers the points in the storage, where a trial that was killed while
    asking leaves a gap. The seed stays the same for all trials: reseeded for each,
    the points would be no better than random ones.

    Parameters
    ----------
    space : dict of str to optuna.distributions.BaseDistribution, or None
        The search space, for the first trial too; Optuna draws that one at random.
    seed : int
        The seed.
    """

    def __init__(self, space, seed):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            super().__init__(
                scramble=True,
                seed=seed,
                independent_sampler=OrdinalSampler(RandomSampler, seed),
                warn_independent_sampling=False,
            )
        self._space = space

    def infer_relative_search_space(self, study, trial):
        """Return the whole space, if it is known."""
        self._ordinal = ordinal(trial)
        if self._space is None:
            return super().infer_relative_search_space(study, trial)
        return {name: d for name, d in self._space.items() if not d.single()}

    def _find_sample_id(self, study, search_space):
        return self._ordinal
