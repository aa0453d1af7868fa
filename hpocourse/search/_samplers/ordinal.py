"""Samplers whose proposal follows from the seed, the ordinal and the study alone.

Optuna's own samplers keep a generator that no storage holds, so a resumed study
differs from one that was never interrupted. Here each trial is drawn with a
generator seeded by (seed, ordinal): what was proposed before the interruption is
proposed again after it.

The *ordinal* of a trial is its place in the search: 0 for the first. A trial that
was lost with its process is repeated under a new number with the same ordinal.
"""

from __future__ import annotations

import warnings
from binascii import crc32
from collections.abc import Iterable
from importlib.util import find_spec
from itertools import product
from math import prod
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from ..._validation import check_choices, check_one_objective
from .. import _optuna as borrowed

# Plain values: Optuna copies each trial deeply, again and again.
ORDINAL = "hpocourse:ordinal"
GIVEN = "hpocourse:given"
#: States of a trial that its objective has brought to an end.
TOLD = (TrialState.COMPLETE, TrialState.PRUNED)
#: Points of a grid at most: each is to be trained.
LARGEST_GRID = 2**16
#: Values of a parameter that Optuna's Gaussian process lists at most.
LISTED = 10**6

Space = dict[str, BaseDistribution]
Point = tuple[float | None, ...]  # as Optuna keeps the values


def ordinal(trial: FrozenTrial) -> int:
    """Return a trial's place in its search, the same for its repetition."""
    return trial.system_attrs.get(ORDINAL, trial.number)


def placed(trials: Iterable[FrozenTrial]) -> list[tuple[int, FrozenTrial]]:
    """Return all trials of a study, each with its ordinal.

    A trial that someone else made or added has the place at which it stands. Of
    trials that share an ordinal, the last counts: it repeats one that was lost.
    """
    pairs, following = [], 0
    for trial in trials:
        place = trial.system_attrs.get(ORDINAL, following)
        pairs.append((place, trial))
        following += place == following
    return pairs


def past(study: Study, trial: FrozenTrial) -> dict[int, FrozenTrial]:
    """Return the other trials that have begun, by ordinal, in its order."""
    others = dict(placed(study.get_trials(deepcopy=False)))
    others.pop(ordinal(trial), None)
    return {place: t for place, t in others.items() if t.state != TrialState.WAITING}


class SobolSampler(borrowed.NumberedSobolSampler):
    """Optuna's scrambled Sobol sequence, its k-th point for the k-th trial.

    The seed stays the same for all trials: reseeded for each, the points would be no
    better than random ones. With the space, the first trial belongs to the sequence,
    too; Optuna draws that one at random.
    """

    def __init__(self, space: Space | None, seed: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            super().__init__(
                scramble=True,
                seed=seed,
                independent_sampler=OrdinalSampler(space, seed),
                warn_independent_sampling=False,
            )
        self._space = space

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        """Return the whole space, if it is known."""
        self.next_point = ordinal(trial)
        if self._space is None:
            return super().infer_relative_search_space(study, trial)
        return {name: d for name, d in self._space.items() if not d.single()}


class OrdinalSampler(BaseSampler):
    """Optuna's random sampler, seeded anew for each trial by its ordinal."""

    #: What proposes, and is seeded anew; another class may name another.
    native: Any = RandomSampler

    def __init__(self, space: Space | None, seed: int) -> None:
        self._seed = seed
        self._last: tuple[int, int] = (-1, 0)  # the last trial, and its seed
        self._sampler = self.native(seed=seed)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        """Return what the sampler proposes together; nothing of it is random."""
        self._begin(trial)  # one of another study may have its id
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Space
    ) -> dict[str, Any]:
        """Propose the parameters that belong together."""
        if not search_space:
            return {}
        return self._seeded(trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, name: str, d: BaseDistribution
    ) -> Any:
        """Propose one parameter, whatever was proposed before it."""
        check_one_objective(study)
        check_choices(name, d)
        # With the name: else all parameters of a trial would get the same draw.
        sampler = self._seeded(trial, crc32(name.encode()))
        return sampler.sample_independent(study, trial, name, d)

    def _begin(self, trial: FrozenTrial) -> None:
        entropy = np.array([self._seed, ordinal(trial)], np.uint32)
        (seed,) = np.random.SeedSequence(entropy).generate_state(1)
        self._last = borrowed.id_of(trial), int(seed)

    def _seeded(self, trial: FrozenTrial, name_hash: int = 0) -> BaseSampler:
        if self._last[0] != borrowed.id_of(trial):
            self._begin(trial)
        return self._with_seed(self._last[1] ^ name_hash)

    def _with_seed(self, seed: int) -> BaseSampler:
        # A new one would cost as much as the whole proposal.
        borrowed.reseed(self._sampler, seed)
        return self._sampler


class OptunaTPESampler(OrdinalSampler):
    """Optuna's TPE."""

    native = TPESampler

    def __init__(self, space: Space | None, seed: int) -> None:
        super().__init__(space, seed)
        borrowed.share_generator(self._sampler)


class OptunaGPSampler(OrdinalSampler):
    """Optuna's Gaussian process; what it cannot do is said before the first trial."""

    native = GPSampler

    def __init__(self, space: Space | None, seed: int) -> None:
        if find_spec("torch") is None:
            raise ImportError(
                'method="gp" needs PyTorch; run `pip install torch`, or use "tpe"'
            )
        for name, distribution in (space or {}).items():
            _check_listable(name, distribution)
        super().__init__(space, seed)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, name: str, d: BaseDistribution
    ) -> Any:
        """Draw a parameter at random, as all of the first trials."""
        _check_listable(name, d)
        return super().sample_independent(study, trial, name, d)

    def _with_seed(self, seed: int) -> BaseSampler:
        return GPSampler(seed=seed)  # the last one keeps what it fitted


def _check_listable(name: str, d: Any) -> None:
    if has_steps(d) and (count := n_values(d)) > LISTED:
        raise ValueError(
            f'method="gp" lists all values of a stepped parameter, and {name!r} has '
            f'{count}; give it a larger step, or use method="bayes" or "tpe"'
        )


class GridSampler(OrdinalSampler):
    """Each point of a grid once, in an order that the seed decides.

    What someone enqueued or added counts as visited.
    """

    def __init__(self, space: Space | None, seed: int) -> None:
        if space is None:
            raise ValueError(
                'method="grid" needs to know the space before the first trial; pass it'
            )
        for name, distribution in space.items():
            if not has_steps(distribution):
                raise ValueError(
                    f"a grid needs steps, and parameter {name!r} has none: "
                    f"{distribution}; give FloatDistribution(low, high, step=…) or "
                    "list the values, CategoricalDistribution([0.01, 0.1, 1.0])"
                )
        size = prod(n_values(distribution) for distribution in space.values())
        if size > LARGEST_GRID:
            raise ValueError(
                f"the grid has {size} points, and at most {LARGEST_GRID} are listed; "
                'give it larger steps, or use method="random"'
            )
        super().__init__(space, seed)
        self._space = {name: space[name] for name in sorted(space)}
        columns = [map(d.to_internal_repr, all_values(d)) for d in self._space.values()]
        points = list(product(*columns))
        order = np.random.default_rng(seed).permutation(size)
        self._points = [points[k] for k in order]

    def course(self, study: Study) -> list[Point]:
        """Return the point of each ordinal: one given to the search, or the next."""
        given = {
            place: self._point(trial)
            for place, trial in placed(study.get_trials(deepcopy=False))
            if ORDINAL not in trial.system_attrs or GIVEN in trial.system_attrs
        }
        course: list[Point] = []
        taken: set[Point] = set()
        left = (point for point in self._points if point not in taken)
        while point := given.get(len(course)) or next(left, None):
            course.append(point)
            taken.add(point)
        return course

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        """Return the whole space."""
        return self._space

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Space
    ) -> dict[str, Any]:
        """Return the trial's point."""
        course, place = self.course(study), ordinal(trial)
        point = course[place] if place < len(course) else self._points[0]
        return {
            name: d.to_external_repr(value)
            for (name, d), value in zip(search_space.items(), point, strict=True)
        }

    def _point(self, trial: FrozenTrial) -> Point:
        """Return the point that was given; what it lacks is that of the first one."""
        fixed = trial.system_attrs.get(borrowed.FIXED_PARAMS)
        point: list[Any] = [*self._points[0]] if fixed else [None] * len(self._space)
        for k, (name, d) in enumerate(self._space.items()):
            if name in (params := fixed or trial.params):
                point[k] = _rounded(d, d.to_internal_repr(params[name]))
        return tuple(point)


def has_steps(d: Any) -> bool:
    """Tell whether a parameter has values that can be listed."""
    return isinstance(d, CategoricalDistribution) or d.single() or d.step is not None


def n_values(d: Any) -> int:
    """Return how many values a stepped parameter has."""
    if isinstance(d, CategoricalDistribution):
        return len(d.choices)
    return 1 if d.single() else round((d.high - d.low) / d.step) + 1


def all_values(d: Any) -> list[Any]:
    """Return the values of a stepped parameter."""
    if isinstance(d, CategoricalDistribution):
        return list(d.choices)
    return [min(d.low + k * (d.step or 0), d.high) for k in range(n_values(d))]


def _rounded(d: Any, value: float) -> float:
    """Return the grid's number for one that differs from it by rounding only."""
    if isinstance(d, CategoricalDistribution) or not d.step:
        return value
    near = min(d.low + round((value - d.low) / d.step) * d.step, d.high)
    return near if abs(near - value) < 1e-8 * d.step else value
