"""bayes_opt's Gaussian process as a sampler of Optuna."""

from functools import partial
from threading import Lock

import numpy as np
from bayes_opt import BayesianOptimization
from bayes_opt.acquisition import UpperConfidenceBound
from bayes_opt.parameter import FloatParameter
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import StudyDirection
from optuna.trial import TrialState
from scipy.optimize import minimize
from sklearn.gaussian_process.kernels import Matern

from .._validation import check_integer
from ._claims import ordinal
from ._encoding import Encoding
from ._history import known_seed, past
from ._seeding import OrdinalSampler

#: Of bayes_opt's upper confidence bound, as there.
KAPPA = 2.576
#: Shortest and longest length scale, in a cube whose edges are 1.
LENGTH_SCALES = (0.05, 20.0)
#: How far logarithms of length scales, compared with the usual ones, stray from their
#: mean before it tells. With fewer trials than columns, little else tells.
SPREAD = 0.3
#: Fits of the length scales that start anew, besides the first.
N_RESTARTS = 1
#: Step of numerical derivatives.
STEP = 1e-6
#: bayes_opt hushes warnings while it fits and predicts, and threads share what is
#: hushed: two at once would let warnings through, or leave all hushed for good.
HUSHED = Lock()
TOLD = (TrialState.COMPLETE, TrialState.PRUNED)


class BayesOptSampler(BaseSampler):
    """The Gaussian process of bayes_opt, in units that suit it.

    bayes_opt fits its Gaussian process to the trials so far and seeks the maximum
    of its upper confidence bound; this class decides what it sees.

    Parameters
    ----------
    seed : int, optional
        The seed; a random one by default.
    n_initial : int, default 5
        Until so many trials have a value, points are drawn at random.

    Notes
    -----
    What was changed against bayes_opt, and why:

    - **All inputs lie between 0 and 1**, logarithms taken first. bayes_opt measures
      distances in the units given: beside 8 to 64 hidden units, learning rates from
      0.0001 to 0.1 are all the same to it.
    - **Integers and steps are relaxed and rounded once**, at the end; categories
      are columns of 0 and 1, and stay fixed while the numbers move. bayes_opt
      searches such spaces by differential evolution, which takes several times as
      long.
    - **Each column has its own length scale**, drawn to the mean of all unless the
      trials say otherwise; bayes_opt has one for all. What a category has taught
      counts for the others, too: changing it is taken to matter as much as going
      through a third of a number's range.
    - **Points already tried are left out** unless nothing else is left, and repeated
      points count once, with their mean. bayes_opt raises at a repeated point, and
      on a grid it can propose the same one for ever.
    - **Derivatives are taken in one call**, which makes it several times as fast.
    - **The past is read from the study**, and the generator is seeded by the seed
      and the trial's ordinal: a search that was stopped goes on as if it had not
      been.

    What bayes_opt has no word for:

    - A *conditional* parameter that a trial does not have stands in the middle of
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

    Examples
    --------
    >>> import optuna
    >>> from hpocourse.search import BayesOptSampler
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> study = optuna.create_study(sampler=BayesOptSampler(seed=0))
    >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=9)
    """

    def __init__(self, *, seed=None, n_initial=5):
        self._seed = known_seed(seed)
        self._n_initial = check_integer(n_initial, "n_initial", minimum=1)
        self._random = OrdinalSampler(RandomSampler, self._seed)

    def infer_relative_search_space(self, study, trial):
        """Return all parameters so far, with the ranges last asked for."""
        space = {}
        for other in past(study, trial).values():
            space.update(other.distributions)
        return {name: space[name] for name in sorted(space) if not space[name].single()}

    def sample_relative(self, study, trial, search_space):
        """Propose parameters together; none while points are drawn at random."""
        self._raise_error_if_multi_objective(study)
        others = past(study, trial).values()
        trials = [other for other in others if _fits(other, search_space)]
        targets = _targets(trials, study.direction)
        told = [other.params for other in trials if other.state in TOLD]
        if len(told) < self._n_initial or targets is None:
            return self._draw(study, trial, search_space)
        encoding = Encoding(search_space, told)
        points = {}
        for other, target in zip(trials, targets, strict=True):
            row = encoding.encode(other.params)
            points.setdefault(_key(row), (row, []))[1].append(target)
        entropy = np.random.SeedSequence([self._seed, ordinal(trial)])
        return encoding.decode(_suggest(encoding, points, entropy.generate_state(4)))

    def sample_independent(self, study, trial, param_name, param_distribution):
        """Draw a parameter that no earlier trial had, at random."""
        self._raise_error_if_multi_objective(study)
        space = {param_name: param_distribution}
        return self._draw(study, trial, space)[param_name]

    def _draw(self, study, trial, space):
        return {
            name: self._random.sample_independent(study, trial, name, distribution)
            for name, distribution in space.items()
        }


def _fits(trial, space):
    """Tell whether a trial has parameters of the space, all within their ranges."""
    shared = [(space[n], v) for n, v in trial.params.items() if n in space]
    return bool(shared) and all(d._contains(d.to_internal_repr(v)) for d, v in shared)


def _targets(trials, direction):
    """Return what to maximize, one number for each trial; ``None`` without any."""
    sign = 1 if direction == StudyDirection.MAXIMIZE else -1
    values = [sign * t.value for t in trials if t.state == TrialState.COMPLETE]
    values = [value for value in values if np.isfinite(value)]
    if not values:
        return None
    worst, best = min(values), max(values)
    targets = []
    for trial in trials:
        target = worst
        if trial.state == TrialState.RUNNING:
            target = best
        elif trial.state == TrialState.COMPLETE:
            target = sign * trial.value
        elif trial.state == TrialState.PRUNED and trial.intermediate_values:
            target = sign * trial.intermediate_values[trial.last_step]
        targets.append(worst if np.isnan(target) else np.clip(target, worst, best))
    return targets


def _key(row):
    return tuple(np.round(row, 9))


def _suggest(encoding, points, seed):
    """Return the row of the point that bayes_opt suggests."""
    optimizer = BayesianOptimization(
        None,
        {"point": _Cube(encoding)},
        _Bound(encoding, points),
        random_state=np.random.RandomState(seed),
        verbose=0,
    )
    optimizer.set_gp_params(
        kernel=Matern(encoding.length_scales, LENGTH_SCALES, nu=2.5),
        optimizer=partial(_fit_length_scales, np.log(encoding.length_scales)),
        n_restarts_optimizer=N_RESTARTS,
    )
    for row, targets in points.values():
        optimizer.space.register(row, np.mean(targets))
    with HUSHED:
        return optimizer.suggest()["point"]


def _fit_length_scales(usual, loss, theta, bounds):
    """Return logarithms of length scales that fit and relate much as the usual ones."""

    def penalized(theta):
        value, slope = loss(theta)
        apart = theta - usual
        apart -= apart.mean()
        return value + apart @ apart / (2 * SPREAD**2), slope + apart / SPREAD**2

    found = minimize(penalized, theta, jac=True, method="L-BFGS-B", bounds=bounds)
    return found.x, found.fun


class _Cube(FloatParameter):
    """All parameters as one of bayes_opt's, a row of an encoding."""

    def __init__(self, encoding):
        super().__init__("point", [(0.0, 1.0)] * encoding.width)
        self._encoding = encoding

    @property
    def dim(self):
        return self._encoding.width

    def random_sample(self, n_samples, random_state):
        return self._encoding.snap(random_state.uniform(size=(n_samples, self.dim)))

    def to_param(self, value):
        return value


class _Bound(UpperConfidenceBound):
    """bayes_opt's upper confidence bound, its maximum sought among rounded points."""

    def __init__(self, encoding, points):
        super().__init__(kappa=KAPPA)
        self._encoding = encoding
        self._points = points

    def _acq_min(self, acq, space, random_state, n_random=10_000, n_smart=10):
        """Return the best point that is new, or the best of all if none is."""
        drawn = space.random_sample(n_random, random_state)
        losses = acq(drawn)
        starts = drawn[np.argsort(losses, kind="stable")[:n_smart]]
        moved = self._encoding.snap(np.array([self._move(acq, x) for x in starts]))
        points = np.vstack([moved, drawn])
        order = np.argsort(np.concatenate([acq(moved), losses]), kind="stable")
        new = (i for i in order if _key(points[i]) not in self._points)
        return points[next(new, order[0])]

    def _move(self, acq, start):
        """Climb from a point, with its categories fixed and its integers relaxed."""
        movable = self._encoding.movable(start)
        if not movable.any():
            return start

        def loss(x):
            # One call for the value and all its derivatives: most of a call's time
            # goes into scikit-learn's checks of its input.
            rows = np.tile(start, (len(x) + 1, 1))
            steps = np.where(x > 0.5, -STEP, STEP)
            rows[:, movable] = x + np.vstack([np.zeros_like(x), np.diag(steps)])
            values = acq(rows)
            return values[0], (values[1:] - values[0]) / steps

        bounds = [(0, 1)] * movable.sum()
        found = minimize(
            loss, start[movable], jac=True, method="L-BFGS-B", bounds=bounds
        )
        end = start.copy()
        end[movable] = found.x
        return end
