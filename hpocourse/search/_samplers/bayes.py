"""bayes_opt's Gaussian process as a sampler of Optuna."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from threading import Lock
from typing import Any

import numpy as np
from bayes_opt import BayesianOptimization
from bayes_opt.acquisition import UpperConfidenceBound
from optuna import Study
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sklearn.gaussian_process.kernels import Matern

from ..._validation import check_integer
from .._optuna import contains
from .ordinal import (
    OrdinalSampler,
    Space,
    check_one_objective,
    known_seed,
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
#: How many points are moved, and how often in a step.
N_BEST, N_MOVES = 5, 40
#: What stands in all columns of a parameter that a trial does not have.
MIDDLE = 0.5
#: bayes_opt hushes warnings while it fits and predicts, and threads share what is
#: hushed: two at once would let warnings through, or leave all hushed for good.
HUSHED = Lock()
TOLD = (TrialState.COMPLETE, TrialState.PRUNED)

Array = np.ndarray


class BayesOptSampler(BaseSampler):
    """The Gaussian process of bayes_opt, in units that suit it.

    bayes_opt fits its Gaussian process to the trials so far and values points by its
    upper confidence bound; this class decides what it sees, and which points.

    Parameters
    ----------
    seed : int, optional
        The seed; a random one by default.
    n_initial : int, default 5
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
    - **Integers and steps are rounded before they are valued**; categories are
      columns of 0 and 1. bayes_opt searches such spaces by differential evolution,
      which takes several times as long.
    - **The best point is sought** among 10 000 random ones, as there, and then by
      ever smaller random steps around the best of these instead of along derivatives,
      which rounded values do not have.
    - **Points already tried are left out** unless nothing else is left, and repeated
      points count once, with their mean. bayes_opt raises at a repeated point, and
      on a grid it can propose the same one for ever.
    - **The past is read from the study**, and the generator is seeded by the seed
      and the trial's ordinal: a search that was stopped goes on as if it had not
      been.

    What bayes_opt has no word for:

    - *Conditional* parameters that a trial does not have stand in the middle of
      its range. Which ones a new trial will have is expected from the earlier ones:
      where all trials with a value of a choice or an integer lack a parameter, a
      new one with that value is taken to lack it.
    - A *running* trial counts as if it had found the best value so far (a constant
      liar, as in bayes_opt's `ConstantLiar`), so that workers spread out.
    - A *failed* trial counts as the worst value so far: it is not its value, but
      without it the same point would be proposed again.
    - A *pruned* trial counts with the value it last reported, if that lies between
      the worst and the best of the complete ones, else with the nearer of these.
      So do infinite values.
    - Trials with values outside the ranges now asked for are left out.

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

    def __init__(self, *, seed: int | None = None, n_initial: int = 5) -> None:
        self._seed = known_seed(seed)
        self._n_initial = check_integer(n_initial, "n_initial", minimum=1)
        self._random = OrdinalSampler(RandomSampler, self._seed)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        """Return all parameters so far, with the ranges last asked for."""
        space: Space = {}
        for other in past(study, trial).values():
            space.update(other.distributions)
        return {name: space[name] for name in sorted(space) if not space[name].single()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Space
    ) -> dict[str, Any]:
        """Propose parameters together; none while points are drawn at random."""
        check_one_objective(study)
        others = past(study, trial).values()
        trials = [other for other in others if _fits(other, search_space)]
        targets = _targets(trials, study.direction)
        told = [other.params for other in trials if other.state in TOLD]
        if len(told) < self._n_initial or not targets:
            return self._draw(study, trial, search_space)
        encoding = Encoding(search_space, told)
        points: dict[tuple[float, ...], list[float]] = {}
        for other, target in zip(trials, targets, strict=True):
            points.setdefault(_key(encoding.encode(other.params)), []).append(target)
        entropy = np.random.SeedSequence([self._seed, ordinal(trial)])
        return encoding.decode(_suggest(encoding, points, entropy.generate_state(4)))

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Draw a parameter that no earlier trial had, at random."""
        check_one_objective(study)
        space = {param_name: param_distribution}
        return self._draw(study, trial, space)[param_name]

    def _draw(self, study: Study, trial: FrozenTrial, space: Space) -> dict[str, Any]:
        return {
            name: self._random.sample_independent(study, trial, name, distribution)
            for name, distribution in space.items()
        }


def _fits(trial: FrozenTrial, space: Space) -> bool:
    """Tell whether a trial has parameters of the space, all within their ranges."""
    shared = [(space[n], v) for n, v in trial.params.items() if n in space]
    return bool(shared) and all(contains(d, value) for d, value in shared)


def _targets(trials: list[FrozenTrial], direction: StudyDirection) -> list[float]:
    """Return what to maximize, one number for each trial; nothing without any."""
    sign = 1 if direction == StudyDirection.MAXIMIZE else -1
    known = [sign * t.value for t in trials if t.state == TrialState.COMPLETE]  # type: ignore[operator]
    finite = [value for value in known if np.isfinite(value)]
    if not finite:
        return []
    worst, best = min(finite), max(finite)
    targets = []
    for trial in trials:
        target = worst
        if trial.state == TrialState.RUNNING:
            target = best
        elif trial.state == TrialState.COMPLETE:
            target = sign * trial.value  # type: ignore[operator]
        elif trial.state == TrialState.PRUNED and trial.last_step is not None:
            target = sign * trial.intermediate_values[trial.last_step]
        targets.append(
            worst if np.isnan(target) else float(np.clip(target, worst, best))
        )
    return targets


def _key(row: Array) -> tuple[float, ...]:
    return tuple(np.round(np.ravel(row), 9).tolist())


def _suggest(
    encoding: Encoding, points: dict[tuple[float, ...], list[float]], seed: Array
) -> Array:
    """Return the row of the point that bayes_opt values most."""
    optimizer = BayesianOptimization(
        None,
        {f"{k:04}": (0.0, 1.0) for k in range(encoding.width)},
        _Bound(encoding, set(points)),
        random_state=np.random.RandomState(seed),
        verbose=0,
    )
    scales = Matern(np.ones(encoding.width), nu=2.5)
    optimizer.set_gp_params(kernel=scales, n_restarts_optimizer=N_RESTARTS)
    for row, targets in points.items():
        optimizer.space.register(np.array(row), float(np.mean(targets)))
    with HUSHED, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # length scales end at their bounds
        return np.array(list(optimizer.suggest().values()))


class _Bound(UpperConfidenceBound):
    """bayes_opt's upper confidence bound, its maximum sought among rounded points."""

    def __init__(self, encoding: Encoding, tried: set[tuple[float, ...]]) -> None:
        super().__init__(kappa=KAPPA)
        self._encoding = encoding
        self._tried = tried

    def suggest(  # type: ignore[override]
        self,
        gp: Any,
        target_space: Any,
        *arguments: Any,
        random_state: Any,
        **rest: Any,
    ) -> Array:
        """Return the best point that is new, or the best of all if none is."""
        gp.fit(target_space.params, target_space.target)

        def ranked(rows: Array) -> Array:
            rows = np.unique(rows, axis=0)
            worth = self.base_acq(*gp.predict(rows, return_std=True))
            return rows[np.argsort(-worth, kind="stable")]

        shape = (N_RANDOM, self._encoding.width)
        drawn = ranked(self._encoding.snap(random_state.uniform(size=shape)))
        best = drawn[:N_BEST]
        for step in STEPS:
            around = np.repeat(best, N_MOVES, axis=0)
            around += step * random_state.normal(size=around.shape)
            best = ranked(np.vstack([best, self._encoding.snap(around)]))[:N_BEST]
        rows = np.vstack([best, drawn])
        return next((row for row in rows if _key(row) not in self._tried), rows[0])


class Encoding:
    """A search space as a cube: for each point a row of numbers from 0 to 1.

    Logarithms are taken first. Each value of an integer or a stepped range owns an
    interval of the same width. A category has a column for each choice, 1 for the
    one chosen and 0 for the others. A parameter that a trial does not have stands
    at 0.5, and so does one that a new trial is not expected to have: that is
    expected when a choice or an integer has a value with which no trial so far had
    the parameter.
    """

    def __init__(self, space: Space, seen: list[dict[str, Any]]) -> None:
        self._columns: dict[str, tuple[slice, _Choice | _Number]] = {}
        start = 0
        for name, distribution in space.items():
            is_choice = isinstance(distribution, CategoricalDistribution)
            column = (_Choice if is_choice else _Number)(distribution)
            self._columns[name] = slice(start, start + column.width), column
            start += column.width
        self.width = start
        self._rules = list(self._find_rules(seen))

    def encode(self, params: dict[str, Any]) -> Array:
        """Return the row of a trial's parameters."""
        row = np.full(self.width, MIDDLE)
        for name, (place, column) in self._columns.items():
            if name in params:
                row[place] = column.encode(params[name])
        return row

    def decode(self, row: Array) -> dict[str, Any]:
        """Return the parameters that a row is rounded to, unused ones included."""
        columns = self._columns.items()
        return {name: column.decode(row[place]) for name, (place, column) in columns}

    def snap(self, rows: Array) -> Array:
        """Return rows moved to the nearest that a trial can have."""
        rows = rows.clip(0, 1)
        for place, column in self._columns.values():
            rows[:, place] = column.snap(rows[:, place])
        unused = np.zeros(rows.shape, dtype=bool)
        for place, values, missing in self._rules:
            holds = np.isclose(rows[:, place], values).all(axis=1)
            holds &= ~unused[:, place.start]
            unused |= holds[:, np.newaxis] & missing
        rows[unused] = MIDDLE
        return rows

    def _find_rules(
        self, seen: list[dict[str, Any]]
    ) -> Iterator[tuple[slice, Array, Array]]:
        """Yield which values of a parameter go without which columns.

        Parameters that more trials have come first: what they rule out rules out
        nothing itself.
        """
        counts = {
            name: sum(name in params for params in seen) for name in self._columns
        }
        for name in sorted(counts, key=lambda name: counts[name], reverse=True):
            place, column = self._columns[name]
            companions: dict[tuple[float, ...], set[str]] = {}
            for params in seen:
                if column.is_discrete and name in params:
                    value = _key(column.encode(params[name]))
                    companions.setdefault(value, set()).update(params)
            for value, others in companions.items():
                missing = np.zeros(self.width, dtype=bool)
                for other in self._columns.keys() - others:
                    missing[self._columns[other][0]] = True
                if missing.any():
                    yield place, np.array(value), missing


class _Choice:
    is_discrete = True

    def __init__(self, distribution: Any) -> None:
        self._distribution = distribution
        self.width = len(distribution.choices)

    def encode(self, value: Any) -> Array:
        return np.eye(self.width)[int(self._distribution.to_internal_repr(value))]

    def decode(self, row: Array) -> Any:
        return self._distribution.choices[row.argmax()]

    def snap(self, rows: Array) -> Array:
        return np.eye(self.width)[rows.argmax(axis=1)]


class _Number:
    width = 1

    def __init__(self, distribution: Any) -> None:
        self.is_discrete = isinstance(distribution, IntDistribution)
        self._log = distribution.log
        self._step = distribution.step
        self._range = distribution.low, distribution.high
        margin = (self._step or 0) / 2
        ends = np.array([distribution.low - margin, distribution.high + margin])
        self._low, self._high = np.log(ends) if self._log else ends

    def encode(self, value: Any) -> Array:
        value = np.log(value) if self._log else np.asarray(value, dtype=float)
        return (value - self._low) / (self._high - self._low)

    def decode(self, row: Array) -> float:
        value = self._round(row)[0]
        return int(value) if self.is_discrete else float(value)

    def snap(self, rows: Array) -> Array:
        return rows if self._step is None else self.encode(self._round(rows))

    def _round(self, rows: Array) -> Array:
        values = self._low + rows * (self._high - self._low)
        if self._log:
            values = np.exp(values)
        low, high = self._range
        if self._step is not None:
            values = low + np.round((values - low) / self._step) * self._step
        return np.clip(values, low, high)
