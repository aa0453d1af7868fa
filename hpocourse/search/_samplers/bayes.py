"""bayes_opt's Gaussian process as a sampler of Optuna."""

from __future__ import annotations

import warnings
from threading import Lock
from typing import Any

import numpy as np
from bayes_opt import BayesianOptimization
from bayes_opt.acquisition import UpperConfidenceBound
from optuna.samplers import BaseSampler
from optuna.search_space import intersection_search_space
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState
from scipy.spatial import cKDTree
from sklearn.gaussian_process.kernels import Matern

from ..._validation import check_integer, check_one_objective, check_seed
from .._optuna import cube_of
from .ordinal import (
    TOLD,
    OrdinalSampler,
    Space,
    all_values,
    has_steps,
    n_values,
    ordinal,
    past,
)

#: Of bayes_opt's upper confidence bound, as there.
KAPPA = 2.576
#: Points at which the bound is looked up, as many as bayes_opt takes.
N_RANDOM = 10_000
#: Fits of the length scales that start anew; bayes_opt takes 5, for twice the time.
N_RESTARTS = 1
#: Steps around the best points so far, as shares of the cube's edge: each a third.
STEPS = 0.1 / 3.0 ** np.arange(8)
#: Length scales between which the data choose, of a cube's edge. A shorter one says
#: that points tell nothing about their neighbors; a long one, that a column is idle.
LENGTHS = (0.2, 1e5)
#: How many points are moved, and how often in a step.
N_BEST, N_MOVES = 5, 40
#: A parameter of more values counts as continuous.
ROUNDED = 1000
#: Decimal places in which two points are the same.
DIGITS = 9
#: bayes_opt hushes warnings while it fits and predicts, and threads share what is
#: hushed: two at once would let warnings through, or leave all hushed for good.
HUSHED = Lock()

Array = np.ndarray


class BayesOptSampler(OrdinalSampler):
    """The Gaussian process of bayes_opt, in units that suit it.

    bayes_opt fits its Gaussian process to the trials so far and values points by its
    upper confidence bound; this class decides what it sees, and which points.

    Parameters
    ----------
    seed : int, default=0
        The seed.
    n_initial : int, default=5
        Until so many trials have a value, points are drawn at random.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.

    Notes
    -----
    What was changed against bayes_opt, and why:

    - **All inputs lie between 0 and 1**, logarithms taken first. bayes_opt measures
      distances in the units given: beside 8 to 64 hidden units, learning rates from
      0.0001 to 0.1 are all the same to it.
    - **Each column has a length scale of its own**, found from the data alone, where
      bayes_opt has one for all: a category that does not matter is then no obstacle.
      None is shorter than a fifth of the range: a few points would else be fitted
      without saying anything about the rest.
    - **Integers and steps are rounded before they are valued** (unless they have more
      than 1000 values); categories are columns of 0 and 1. bayes_opt searches such
      spaces by differential evolution, which takes several times as long.
    - **The best point is sought** among 10 000 random ones, as there, and then by
      ever smaller random steps around the best of these instead of along derivatives,
      which rounded values do not have. Of equally good points any may come first.
    - **Points already tried are left out** unless nothing else is left, and repeated
      points count once, with their mean. bayes_opt raises at a repeated point, and
      on a grid it can propose the same one for ever.
    - **The past is read from the study**, and the generator is seeded by the seed
      and the trial's ordinal: a search that was stopped goes on as if it had not
      been.

    What bayes_opt has no word for:

    - *Conditional* parameters, and those whose range changes, are drawn at random and
      stay out of the model, as in Optuna's Gaussian process: what belongs to it are
      the parameters that all trials with a value have.
    - A *running* trial counts as if it had found the best value so far (a constant
      liar, as in bayes_opt's `ConstantLiar`), so that workers spread out.
    - A *failed* trial counts as the worst value so far: it is not its value, but
      without it the same point would be proposed again.
    - A *pruned* trial counts with the value it last reported, if that lies between
      the worst and the best of the complete ones, else with the nearer of these.
      So do infinite values.

    References
    ----------
    Srinivas, Krause, Kakade and Seeger: *Gaussian Process Optimization in the Bandit
    Setting*, ICML 2010 (the upper confidence bound).

    Examples
    --------
    >>> import optuna
    >>> from hpocourse.search import BayesOptSampler
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> study = optuna.create_study(sampler=BayesOptSampler(seed=0))
    >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=9)
    """

    def __init__(self, *, seed: int = 0, n_initial: int = 5) -> None:
        super().__init__(None, check_seed(seed))
        self._n_initial = check_integer(n_initial, "n_initial", minimum=1)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        """Return the parameters that all trials with a value have."""
        trials = list(past(study, trial).values())
        space = intersection_search_space(trials, include_pruned=True)
        return {name: d for name, d in space.items() if not d.single()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Space
    ) -> dict[str, Any]:
        """Propose parameters together; none while points are drawn at random.

        Raises
        ------
        ValueError
            If the study has several objectives.
        """
        check_one_objective(study)
        trials = [
            other
            for other in past(study, trial).values()
            if search_space.items() <= other.distributions.items()
        ]
        targets = _targets(trials, study.direction)
        n_told = sum(other.state in TOLD for other in trials)
        if not search_space or n_told < self._n_initial or not targets:
            return {
                name: self.sample_independent(study, trial, name, distribution)
                for name, distribution in search_space.items()
            }
        cube = Cube(search_space)
        rows = np.array([cube.encode(other.params) for other in trials])
        rows, place = np.unique(rows.round(DIGITS), axis=0, return_inverse=True)
        place = place.ravel()  # NumPy 2.0 gives it the shape of a column
        means = np.bincount(place, targets) / np.bincount(place)
        entropy = np.random.SeedSequence([self._seed, ordinal(trial)])
        return cube.decode(_suggest(cube, rows, means, entropy.generate_state(4)))


def _targets(trials: list[FrozenTrial], direction: StudyDirection) -> list[float]:
    """Return what to maximize, one number for each trial; nothing without any."""
    sign = 1 if direction == StudyDirection.MAXIMIZE else -1
    values = np.array([t.value for t in trials if t.state == TrialState.COMPLETE])
    finite = sign * values[np.isfinite(values)]
    if not finite.size:
        return []
    worst, best = finite.min(), finite.max()
    targets = []
    for trial in trials:
        target = worst
        if trial.state == TrialState.RUNNING:
            target = best
        elif trial.state == TrialState.COMPLETE:
            target = sign * trial.value  # type: ignore[operator]
        elif trial.state == TrialState.PRUNED and trial.last_step is not None:
            target = sign * trial.intermediate_values[trial.last_step]
        targets.append(worst if np.isnan(target) else np.clip(target, worst, best))
    return targets


def _suggest(cube: Cube, rows: Array, targets: Array, seed: Array) -> Array:
    """Return the row of the point that bayes_opt values most."""
    optimizer = BayesianOptimization(
        None,
        {f"{k:04}": (0.0, 1.0) for k in range(cube.width)},
        _Bound(cube),
        random_state=np.random.RandomState(seed),
        verbose=0,
    )
    scales = Matern(np.ones(cube.width), LENGTHS, nu=2.5)
    optimizer.set_gp_params(kernel=scales, n_restarts_optimizer=N_RESTARTS)
    for row, target in zip(rows, targets, strict=True):
        optimizer.space.register(row, target)
    with HUSHED, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # length scales end at their bounds
        return np.array(list(optimizer.suggest().values()))


class _Bound(UpperConfidenceBound):
    """bayes_opt's upper confidence bound, its maximum sought among rounded points."""

    def __init__(self, cube: Cube) -> None:
        super().__init__(kappa=KAPPA)
        self._cube = cube

    def suggest(  # type: ignore[override]
        self, gp: Any, target_space: Any, *, random_state: Any, **rest: Any
    ) -> Array:
        """Return the best point that is new, or the best of all if none is."""
        gp.fit(target_space.params, target_space.target)

        def ranked(rows: Array) -> Array:
            # Where the bound is flat, the first of sorted rows is the lowest corner.
            rows = random_state.permutation(np.unique(self._cube.snap(rows), axis=0))
            worth = self.base_acq(*gp.predict(rows, return_std=True)).round(DIGITS)
            return rows[np.argsort(-worth, kind="stable")]

        drawn = ranked(random_state.uniform(size=(N_RANDOM, self._cube.width)))
        best = drawn[:N_BEST]
        for step in STEPS:
            around = np.repeat(best, N_MOVES, axis=0)
            around += step * random_state.normal(size=around.shape)
            best = ranked(np.vstack([best, around]))[:N_BEST]
        rows = np.vstack([best, drawn])
        tried = set(map(tuple, target_space.params))
        return next((r for r in rows if tuple(r.round(DIGITS)) not in tried), rows[0])


class Cube:
    """A search space as a cube: for each point a row of numbers from 0 to 1.

    Optuna encodes: logarithms are taken first, each value of an integer or a stepped
    range owns an interval, a category has a column for each choice.
    """

    def __init__(self, space: Space) -> None:
        transform = cube_of(space)
        self.encode, self.decode = transform.transform, transform.untransform
        self.width = len(transform.bounds)
        self._values: list[tuple[Array, Any]] = []
        columns = transform.column_to_encoded_columns
        for (name, d), place in zip(space.items(), columns, strict=True):
            if has_steps(d) and n_values(d) <= ROUNDED:
                one = cube_of({name: d})
                values = [one.transform({name: value}) for value in all_values(d)]
                self._values.append((place, cKDTree(values)))

    def snap(self, rows: Array) -> Array:
        """Return rows moved to the nearest that a trial can have."""
        rows = rows.clip(0, 1)
        for place, values in self._values:
            rows[:, place] = values.data[values.query(rows[:, place])[1]]
        return rows


def make(space: Space | None, seed: int) -> BaseSampler:
    """Return the sampler that `run` takes."""
    return BayesOptSampler(seed=seed)
