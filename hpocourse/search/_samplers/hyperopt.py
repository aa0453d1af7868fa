"""hyperopt's TPE as a sampler of Optuna."""

from __future__ import annotations

from functools import lru_cache
from math import fmod, log
from typing import Any

import hyperopt
import numpy as np
from hyperopt import hp, tpe
from optuna import Study
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from ..._validation import check_choices, check_one_objective, check_seed, check_space
from .ordinal import Space, ordinal, past


class HyperoptSampler(BaseSampler):
    """The TPE of hyperopt, proposing what ``hyperopt.fmin`` would propose.

    With the same seed, the trials of a sequential search equal, one by one, those
    of ``fmin(..., algo=tpe.suggest, rstate=np.random.default_rng(seed))`` over the
    same space. The proposals come from hyperopt's own ``tpe.suggest``.

    Parameters
    ----------
    space : dict of str to optuna.distributions.BaseDistribution, optional
        What will be searched. It matters for one thing: hyperopt draws the
        parameters in an order of its own, last name first and choices before what
        hangs on them, and to draw in that order it must know all of them. Without
        `space` they are drawn in the order in which the objective asks: as good a
        search, but equal to ``fmin`` only if that order is hyperopt's.
    seed : int, default=0
        The seed.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.

    Notes
    -----
    What was changed against hyperopt, and why:

    - **The past is read from the study** at each trial, and the k-th trial takes the
      k-th draw of ``np.random.default_rng(seed)``, as in ``fmin``. hyperopt keeps
      both in memory. So a search that was stopped goes on, in a new process too, as
      if it had not been.
    - **The space is that of Optuna**: a range is ``hp.uniform``, with a logarithm
      ``hp.loguniform`` (integers: ``hp.qloguniform`` with step 1), integers and
      steps are ``hp.quniform``, categories ``hp.choice``. hyperopt counts steps
      from 0; here they count from the lower end, and choices are the values
      themselves, not their indices. hyperopt gives the two ends of stepped ranges
      half the weight of other values; that is kept, so that results are equal.
    - **Trials without a value** count, as in hyperopt, as infinitely bad: failed,
      pruned, and still running ones. So a search with many workers keeps away from
      what is being tried.
    - Values outside the range that is now asked for are left out.

    References
    ----------
    Bergstra, Bardenet, Bengio and Kégl: *Algorithms for Hyper-Parameter
    Optimization*, NeurIPS 2011 (TPE). Bergstra, Yamins and Cox: *Making a Science of
    Model Search*, ICML 2013 (hyperopt).

    Examples
    --------
    >>> import optuna
    >>> from hpocourse.search import HyperoptSampler
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> study = optuna.create_study(sampler=HyperoptSampler(seed=0))
    >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=9)
    """

    def __init__(self, space: Space | None = None, *, seed: int = 0) -> None:
        check_space(space)
        self._seed = check_seed(seed)
        self._space = {n: d for n, d in (space or {}).items() if not d.single()}
        self._drafts: dict[int, _Draft] = {}

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Space:
        """Return the space of Optuna's distributions, if it was given."""
        self._drafts.pop(trial.number, None)  # another study's, of the same number
        return self._space

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: Space
    ) -> dict[str, Any]:
        """Propose parameters together, in hyperopt's order.

        Raises
        ------
        ValueError
            If the study has several objectives.
        """
        draft = self._draft(study, trial)
        return draft.propose(search_space) if search_space else {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, name: str, d: BaseDistribution
    ) -> Any:
        """Propose one parameter.

        Raises
        ------
        ValueError
            If two of its choices are equal for Python, or the study has several
            objectives.
        """
        check_choices(name, d)
        return self._draft(study, trial).propose({name: d})[name]

    def after_trial(
        self, study: Study, trial: FrozenTrial, state: Any, values: Any
    ) -> None:
        """Forget the trial."""
        self._drafts.pop(trial.number, None)

    def _draft(self, study: Study, trial: FrozenTrial) -> _Draft:
        check_one_objective(study)
        if trial.number not in self._drafts:
            rng = np.random.default_rng(self._seed)
            seed = rng.integers(2**31 - 1, size=ordinal(trial) + 1)[-1]
            self._drafts[trial.number] = _Draft(study, trial, seed)
        return self._drafts[trial.number]


class _Draft:
    """A trial whose parameters are being drawn, one after another."""

    def __init__(self, study: Study, trial: FrozenTrial, seed: int) -> None:
        self._ordinal = ordinal(trial)
        self._past = past(study, trial)
        sign = 1 if study.direction == StudyDirection.MINIMIZE else -1
        docs = [_doc(*item, sign) for item in self._past.items()]
        self._trials = hyperopt.trials_from_docs(docs, validate=False)
        self._rng = np.random.default_rng(seed)

    def propose(self, space: Space) -> dict[str, Any]:
        """Return a value for each parameter of a space without conditions."""
        for doc, trial in zip(self._trials.trials, self._past.values(), strict=True):
            misc, params = doc["misc"], trial.params
            for name, d in space.items():
                values = _to_hyperopt(params[name], d) if name in params else []
                misc["vals"][name] = values
                misc["idxs"][name] = [misc["tid"]] * len(values)
        # tpe.suggest seeds a generator; given one, it goes on with that.
        place, domain = [self._ordinal], _domain(tuple(space.items()))
        (new,) = tpe.suggest(place, domain, self._trials, self._rng, verbose=False)
        values = new["misc"]["vals"]
        return {name: _from_hyperopt(values[name][0], d) for name, d in space.items()}


def _doc(place: int, trial: FrozenTrial, sign: int) -> dict[str, Any]:
    """Return a trial as hyperopt keeps it, with what `tpe.suggest` reads."""
    told = trial.state == TrialState.COMPLETE
    return {
        "tid": place,
        "state": hyperopt.JOB_STATE_DONE,
        "misc": {"tid": place, "idxs": {}, "vals": {}},
        "result": {"loss": sign * (trial.value or 0.0)} if told else {},
    }


def _no_objective(params: Any) -> float:
    raise NotImplementedError("a domain of the sampler's is never evaluated")


@lru_cache(maxsize=64)
def _domain(items: tuple[tuple[str, BaseDistribution], ...]) -> Any:
    return hyperopt.Domain(_no_objective, {n: _expression(n, d) for n, d in items})


def _expression(name: str, d: Any) -> Any:
    if isinstance(d, CategoricalDistribution):
        return hp.choice(name, range(len(d.choices)))
    if d.log and d.step:
        return hp.qloguniform(name, log(d.low), log(d.high), d.step)
    if d.log:
        return hp.loguniform(name, log(d.low), log(d.high))
    if d.step is None:
        return hp.uniform(name, d.low, d.high)
    offset = fmod(d.low, d.step)
    return hp.quniform(name, d.low - offset, d.high - offset, d.step)


def _to_hyperopt(value: Any, d: Any) -> list[Any]:
    """Return a value as hyperopt keeps it; nothing if it is out of the range."""
    if isinstance(d, CategoricalDistribution):
        return [int(d.to_internal_repr(value))]
    if not d.low <= value <= d.high:
        return []
    if d.step in (None, 1):
        return [value]
    return [round((value - fmod(d.low, d.step)) / d.step) * d.step]


def _from_hyperopt(value: Any, d: Any) -> Any:
    if isinstance(d, CategoricalDistribution):
        return d.choices[value]
    if d.step is not None:
        value += fmod(d.low, d.step)
        value = d.low + round((value - d.low) / d.step) * d.step
    value = min(max(value, d.low), d.high)
    return int(value) if isinstance(d, IntDistribution) else float(value)
