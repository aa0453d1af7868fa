"""Samplers whose proposal follows from the seed, the ordinal and the study alone.

Optuna's own samplers keep a generator that no storage holds, so a resumed study
differs from one that was never interrupted. Here each trial is drawn with a
generator seeded by (seed, ordinal): what was proposed before the interruption is
proposed again after it.

The *ordinal* of a trial is its place in the search: 0 for the first. A trial that
was lost with its process is repeated under a new number with the same ordinal.
"""

from __future__ import annotations

import random
import warnings
from binascii import crc32
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from itertools import count, islice
from math import prod
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from ..._validation import check_choice, check_seed
from .._optuna import FIXED_PARAMS, NumberedSobolSampler, id_of, reseed, share_generator
from . import METHODS

# Plain values: Optuna copies each trial deeply, again and again.
ORDINAL = "hpocourse:ordinal"
REPEAT = "hpocourse:repeat"
GIVEN = "hpocourse:given"
#: A grid of at most so many points is shuffled as a whole, a larger one bit by bit.
SHUFFLED = 2**16
#: Values of a parameter that Optuna's Gaussian process lists at most.
LISTED = 10**6

Space = dict[str, BaseDistribution]
Point = tuple[int | None, ...]


def ordinal(trial: FrozenTrial) -> int:
    """Return a trial's place in its search, the same for its repetition."""
    return trial.system_attrs.get(ORDINAL, trial.number)


def ordinals(trials: Iterable[FrozenTrial]) -> list[int]:
    """Return the ordinals of all trials of a study.

    A trial that someone else made or added has the place at which it stands.
    """
    places, place = [], 0
    for trial in trials:
        places.append(trial.system_attrs.get(ORDINAL, place))
        place += REPEAT not in trial.system_attrs
    return places


def past(study: Study, trial: FrozenTrial) -> dict[int, FrozenTrial]:
    """Return the other trials that have begun, by ordinal and sorted.

    Of trials that share an ordinal, the last counts: it repeats one that was lost
    with its worker.
    """
    trials = study.get_trials(deepcopy=False)
    by_ordinal = dict(zip(ordinals(trials), trials, strict=True))
    by_ordinal.pop(ordinal(trial), None)
    return {
        place: other
        for place, other in sorted(by_ordinal.items())
        if other.state != TrialState.WAITING
    }


def known_seed(seed: int | None) -> int:
    """Return a checked seed; a random one instead of ``None``."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    return check_seed(seed)


def check_one_objective(study: Study) -> None:
    """Raise if a study has several objectives."""
    if len(study.directions) > 1:
        raise ValueError(
            f"the study {study.study_name!r} has {len(study.directions)} objectives, "
            "and this sampler works for one; use optuna.samplers.NSGAIISampler()"
        )


def check_space(space: object) -> None:
    """Raise unless a search space is a dict of Optuna's distributions, or None."""
    if space is None:
        return
    if not isinstance(space, dict):
        raise TypeError(
            "space must be a dict from names to distributions of Optuna, got "
            f"{space!r:.60} of type {type(space).__name__}"
        )
    if not space:
        raise ValueError(
            "space is empty; name at least one parameter, or leave space out and "
            "let the objective suggest its own"
        )
    for name, distribution in space.items():
        if not isinstance(name, str):
            raise TypeError(f"space must have names for keys, got {name!r:.60}")
        if not isinstance(distribution, BaseDistribution):
            raise TypeError(
                f"space[{name!r}] must be a distribution of Optuna, got "
                f"{distribution!r:.60}; use FloatDistribution(low, high, log=…), "
                "IntDistribution(low, high) or CategoricalDistribution([…]) of "
                "optuna.distributions"
            )
        clash = find_clash(getattr(distribution, "choices", ()))
        if clash is not None:
            raise ValueError(
                f"space[{name!r}] has the choices {clash[0]!r:.60} and {clash[1]!r:.60}"
                ", which Python holds for equal, so that a study would keep the first "
                "for both; offer words, and look up what they stand for"
            )


def find_clash(choices: Iterable[Any]) -> tuple[Any, Any] | None:
    """Return two choices that are equal and not the same, as 1 and 1.0 are."""
    seen: list[Any] = []
    for choice in choices:
        for other in seen:
            try:
                equal = bool(choice == other)
            except ValueError:  # arrays of several elements
                equal = False
            if equal and repr(choice) != repr(other):
                return other, choice
        seen.append(choice)
    return None


class ScrambledSobolSampler(NumberedSobolSampler):
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
                independent_sampler=OrdinalSampler(RandomSampler, seed),
                warn_independent_sampling=False,
            )
        self._space = space

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        """Return the whole space, if it is known."""
        self.next_point = ordinal(trial)
        if self._space is None:
            return super().infer_relative_search_space(study, trial)
        return {name: d for name, d in self._space.items() if not d.single()}


def make_sampler(
    method: str | BaseSampler, space: Space | None, seed: int
) -> BaseSampler:
    """Return the sampler of a method, or the one that the caller brings."""
    if isinstance(method, BaseSampler):
        return method
    if isinstance(method, type) and issubclass(method, BaseSampler):
        raise TypeError(f"method is the class {method.__name__}; make one, add ()")
    check_choice(method, "method", METHODS)
    return METHODS[method].make(space, seed)


class OrdinalSampler(BaseSampler):
    """One of Optuna's samplers, seeded anew for each trial by its ordinal."""

    def __init__(self, make: Callable[..., BaseSampler], seed: int) -> None:
        self._make = make
        self._seed = seed
        self._last: tuple[int | None, int] = (None, 0)
        self._sampler = self._make(seed=seed)
        if make is TPESampler:
            share_generator(self._sampler)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        """Return what the sampler proposes together; nothing of it is random."""
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Space
    ) -> dict[str, Any]:
        """Propose the parameters that belong together."""
        if not search_space:
            return {}
        return self._seeded(trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Propose one parameter, whatever was proposed before it."""
        # With the name: else all parameters of a trial would get the same draw.
        return self._seeded(trial, crc32(param_name.encode())).sample_independent(
            study, trial, param_name, param_distribution
        )

    def _seeded(self, trial: FrozenTrial, name_hash: int = 0) -> BaseSampler:
        if self._last[0] != id_of(trial):
            sequence = np.random.SeedSequence([self._seed, ordinal(trial)])
            self._last = (id_of(trial), int(sequence.generate_state(1)[0]))
        return self._with_seed(self._last[1] ^ name_hash)

    def _with_seed(self, seed: int) -> BaseSampler:
        # A new one would cost as much as the whole proposal.
        reseed(self._sampler, seed)
        return self._sampler


class OptunaGPSampler(OrdinalSampler):
    """Optuna's Gaussian process; what it cannot do is said before the first trial."""

    def __init__(self, space: Space | None, seed: int) -> None:
        if find_spec("torch") is None:
            raise ImportError(
                'method="gp" needs PyTorch, which is not installed; install it '
                '(`pip install torch`), or use method="bayes" or "tpe"'
            )
        for name, distribution in (space or {}).items():
            _check_listable(name, distribution)
        super().__init__(GPSampler, seed)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Draw a parameter at random, as all of the first trials."""
        _check_listable(param_name, param_distribution)
        return super().sample_independent(study, trial, param_name, param_distribution)

    def _with_seed(self, seed: int) -> BaseSampler:
        return GPSampler(seed=seed)  # the last one keeps what it fitted


def _check_listable(name: str, d: BaseDistribution) -> None:
    if isinstance(d, CategoricalDistribution) or not d.step:  # type: ignore[attr-defined]
        return
    count = _size(d)
    if count > LISTED:
        raise ValueError(
            f'method="gp" lists all values of a stepped parameter, and {name!r} has '
            f"{count}; give it a larger step, make it a FloatDistribution, or use "
            'method="bayes" or "tpe"'
        )


class GridSampler(BaseSampler):
    """Each point of a grid once, in an order that the seed decides.

    Nothing is listed beforehand, so that a grid may be as large as it likes. What
    someone enqueued or added counts as visited.
    """

    def __init__(self, space: Space | None, seed: int) -> None:
        if space is None:
            raise ValueError(
                'method="grid" needs to know the space before the first trial; pass '
                "space, a dict of distributions"
            )
        for name, distribution in space.items():
            if not _has_steps(distribution):
                raise ValueError(
                    f"a grid needs steps, and parameter {name!r} has none: "
                    f"{distribution}; give FloatDistribution(low, high, step=…) or "
                    "list the values, CategoricalDistribution([0.01, 0.1, 1.0])"
                )
        self._space = {name: space[name] for name in sorted(space)}
        self._sizes = [_size(distribution) for distribution in self._space.values()]
        self._n_points = prod(self._sizes)
        self._draws = random.Random(seed)
        self._order: list[int] = []
        self._seen: set[int] = set()
        if self._n_points <= SHUFFLED:
            order = np.random.default_rng(seed).permutation(self._n_points)
            self._order = order.tolist()

    def end(self, study: Study) -> int:
        """Return the number of trials after which all points have been visited."""
        if self._n_points > SHUFFLED:
            return self._n_points
        return sum(1 for _ in self._course(study))

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        """Propose each parameter by itself."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Space
    ) -> dict[str, Any]:
        """Propose nothing together."""
        return {}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return the parameter at the trial's point."""
        point = next(islice(self._course(study), ordinal(trial), None), self._at(0))
        k = point[list(self._space).index(param_name)]
        return _value(self._space[param_name], 0 if k is None else k)

    def _course(self, study: Study) -> Iterator[Point]:
        """Yield the point of each ordinal: given to the search, or next in its order.

        A point stands as the places of its values. `None`: it has no such value.
        """
        trials = study.get_trials(deepcopy=False)
        given = {
            place: self._point(trial.system_attrs.get(FIXED_PARAMS) or trial.params)
            for place, trial in zip(ordinals(trials), trials, strict=True)
            if ORDINAL not in trial.system_attrs or GIVEN in trial.system_attrs
        }
        taken, k = set(), 0
        for place in count():
            if place in given:
                taken.add(given[place])
                yield given[place]
                continue
            while k < self._n_points and self._at(k) in taken:
                k += 1
            if k == self._n_points:
                return
            yield self._at(k)
            k += 1

    def _at(self, k: int) -> Point:
        """Return the k-th point in the order of the seed."""
        while len(self._order) <= k:
            index = self._draws.randrange(self._n_points)
            if index not in self._seen:
                self._seen.add(index)
                self._order.append(index)
        index, point = self._order[k], []
        for size in reversed(self._sizes):
            index, place = divmod(index, size)
            point.append(place)
        return tuple(reversed(point))

    def _point(self, params: dict[str, Any]) -> Point:
        return tuple(
            _place(d, params[name]) if name in params else None
            for name, d in self._space.items()
        )


def _has_steps(d: BaseDistribution) -> bool:
    if isinstance(d, CategoricalDistribution) or d.single():
        return True
    if isinstance(d, IntDistribution):
        return not d.log
    return isinstance(d, FloatDistribution) and d.step is not None


def _size(d: BaseDistribution) -> int:
    """Return how many values a stepped parameter has."""
    if isinstance(d, CategoricalDistribution):
        return len(d.choices)
    if d.single():
        return 1
    return round((d.high - d.low) / d.step) + 1  # type: ignore[attr-defined]


def _value(d: BaseDistribution, k: int) -> Any:
    """Return the k-th value of a stepped parameter."""
    if isinstance(d, CategoricalDistribution):
        return d.choices[k]
    if d.single():
        return d.low  # type: ignore[attr-defined]
    return min(d.low + k * d.step, d.high)  # type: ignore[attr-defined]


def _place(d: BaseDistribution, value: Any) -> int | None:
    """Return which value of a stepped parameter one is; ``None`` for others."""
    try:
        k = d.to_internal_repr(value)
    except ValueError:
        return None
    if not isinstance(d, CategoricalDistribution) and not d.single():
        k = (k - d.low) / d.step  # type: ignore[attr-defined]
    elif d.single():
        k = 0
    return round(k) if abs(k - round(k)) < 1e-8 and 0 <= round(k) < _size(d) else None
