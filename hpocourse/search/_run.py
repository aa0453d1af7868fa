"""One search, whatever its method, storage and number of workers."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import suppress
from numbers import Real
from pathlib import Path
from typing import Any

import optuna
from optuna import Study
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
)
from optuna.exceptions import UpdateFinishedTrialError
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage, InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState
from tqdm import tqdm

from .._validation import check_choice, check_integer, check_seed
from ..languages import gettext as _
from ._optuna import id_of, stop, stoppable, stopped, storage_of, tell, trial_of
from ._samplers.ordinal import GridSampler, check_space, make_sampler, ordinal
from ._storage import Claims, is_lost, open_storage, owned, quiet
from ._workers import Outcome, Place, described, open_workers

DIRECTIONS = ("maximize", "minimize")
#: After so many trials without a single success a search gives up.
PATIENCE = 5
#: Seconds between two looks at trials that other processes run.
POLL = 0.5

_last: Study | None = None


class SearchError(RuntimeError):
    """A search in which every trial failed.

    Attributes
    ----------
    study : optuna.Study
        The study, with the failed trials and their reasons.
    """

    def __init__(self, message: str, study: Study) -> None:
        super().__init__(message)
        self.study = study

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it travel between processes, with its study."""
        return type(self), (*self.args, self.study)


def run(
    objective: Callable[..., Any],
    space: dict[str, BaseDistribution] | None = None,
    *,
    method: str | BaseSampler = "tpe",
    n_trials: int,
    seed: int = 0,
    direction: str = "maximize",
    storage: str | Path | BaseStorage | None = None,
    study_name: str | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    pruner: BasePruner | None = None,
    timeout: float | None = None,
    pass_trial: bool = False,
    progress: bool = True,
    callbacks: Iterable[Callable[[Study, FrozenTrial], None]] = (),
) -> Study:
    """Search for the parameters at which an objective is best.

    With a `storage`, calling it again goes on where the study stands: after an
    interruption, on another day, or, with a database, on several machines at once. A
    search that runs one trial at a time proposes after an interruption exactly what
    it would have proposed without; with several workers the results come back in an
    order that changes from run to run, so nothing of the kind is promised.

    Parameters
    ----------
    objective : callable
        What to optimize; returns one number. It gets a dict of parameters, or an
        Optuna trial if there is no `space`. A trial in which it raises or returns
        no number fails, and counts: the reason stands in its user attribute
        ``failure``, the place in ``traceback``.
    space : dict of str to optuna.distributions.BaseDistribution, optional
        The parameters and where to search them.
    method : str or optuna.samplers.BaseSampler, default="tpe"
        ``"grid"`` (which ends at its last point), ``"random"``, ``"qmc"``
        (scrambled Sobol), ``"tpe"`` and ``"gp"`` (Optuna's), ``"hyperopt"``
        (hyperopt's TPE), ``"bayes"`` (bayesian-optimization's Gaussian process),
        or any sampler of Optuna, which is used as it is: it alone decides whether
        a resumed search repeats.
    n_trials : int
        How many trials the study shall have in the end, those of earlier calls
        included; a study that has them is returned as it is.
    seed : int, default=0
        The seed.
    direction : {"maximize", "minimize"}, default="maximize"
        What is better.
    storage : str, pathlib.Path or optuna.storages.BaseStorage, optional
        Where to keep the study: a path ending in ``.log`` (Optuna's journal) or
        ``.db`` (SQLite), a database's address, or a storage. By default memory. A
        file belongs to one search at a time; a PostgreSQL database may be shared.
    study_name : str, optional
        The study's name; by default that of the file.
    workers : int, default=1
        How many trials to run at once, each in a process of its own with its
        share of the cores. One that dies costs its trial, which is repeated once.
    executor : concurrent.futures.Executor, optional
        Where to run them instead, `workers` at once: a Dask client's
        ``get_executor()``. It must be on this machine if the objective takes the
        trial and the storage is no database.
    pruner : optuna.pruners.BasePruner, optional
        What ``trial.should_prune()`` asks; Optuna's median pruner by default.
    timeout : float, optional
        Seconds after which no new trial begins.
    pass_trial : bool, default=False
        Whether the objective also gets the trial: ``objective(parameters, trial)``.
    progress : bool, default=True
        Whether to show a bar with the best value so far and the number of failures.
    callbacks : iterable of callable, default=()
        Called after each trial with the study and the trial, as Optuna does;
        ``study.stop()`` ends the search.

    Returns
    -------
    optuna.Study
        The study. What interrupts the search carries it as its attribute ``study``,
        and :func:`last_study` returns it.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the storage holds another study.
    OSError
        If the storage does not open, cannot be written to, or is a file that another
        search is at.
    ImportError
        If `method` is ``"gp"`` and PyTorch is not installed.
    SearchError
        If the first five trials all fail, or all there are; with the last reason.

    Warns
    -----
    RuntimeWarning
        If trials failed: how many, and the commonest reason.

    References
    ----------
    Bergstra, Bardenet, Bengio and Kégl: *Algorithms for Hyper-Parameter
    Optimization*, NeurIPS 2011 (``"tpe"``, ``"hyperopt"``). Srinivas, Krause, Kakade
    and Seeger: *Gaussian Process Optimization in the Bandit Setting*, ICML 2010
    (``"bayes"``). Owen: *Randomly Permuted (t, m, s)-Nets and (t, s)-Sequences*, 1995
    (``"qmc"``).

    Examples
    --------
    >>> from optuna.distributions import FloatDistribution
    >>> from hpocourse import search
    >>> study = search.run(
    ...     lambda parameters: -((parameters["x"] - 2) ** 2),
    ...     {"x": FloatDistribution(-10, 10)},
    ...     n_trials=30,
    ...     progress=False,
    ... )
    >>> len(study.trials), abs(study.best_params["x"] - 2) < 0.5
    (30, True)
    """
    global _last
    check_search(
        objective,
        space,
        n_trials=n_trials,
        seed=seed,
        direction=direction,
        workers=workers,
    )
    callbacks = _check_options(pruner, timeout, executor, callbacks)
    if storage is not None and not isinstance(storage, InMemoryStorage):
        _check_choices(space)
    sampler = make_sampler(method, space, seed)
    opened = open_storage(storage)
    study_name = _check_name(study_name, storage)
    with owned(opened):
        try:
            with quiet():
                study = optuna.create_study(
                    storage=opened,
                    study_name=study_name,
                    direction=direction,  # type: ignore[arg-type]
                    sampler=sampler,
                    pruner=pruner,
                    load_if_exists=True,
                )
        except OSError as error:
            raise OSError(f"cannot keep a study in {storage}: {error}") from error
        _check_same_study(study, space, direction)
        _last = study
        if isinstance(sampler, GridSampler):
            n_trials = min(n_trials, len(sampler.course(study)))
        done = sum(
            trial.state.is_finished() for trial in study.get_trials(deepcopy=False)
        )
        takes_trial = pass_trial or space is None
        try:
            with (
                open_workers(
                    objective,
                    study,
                    workers=workers,
                    executor=executor,
                    takes_trial=takes_trial,
                ) as place,
                Claims(study, n_trials) as claims,
                tqdm(
                    desc=_("Search"),
                    total=n_trials,
                    initial=min(done, n_trials),
                    disable=not progress,
                ) as bar,
            ):
                loop = _Loop(
                    study, space, claims, callbacks, bar, min(PATIENCE, n_trials)
                )
                loop.run(place, takes_trial, timeout)
        except BaseException as error:
            with suppress(Exception):  # some kinds take no attributes
                error.study = study  # type: ignore[attr-defined]
            raise
        loop.warn()
        return study


def last_study() -> Study:
    """Return the study of the last search of this process.

    Where :func:`run` was interrupted it has not returned a study; this one holds
    the trials that it had finished.

    Returns
    -------
    optuna.Study
        The study.

    Raises
    ------
    LookupError
        If this process has not searched yet.
    """
    if _last is None:
        raise LookupError("there was no search in this process yet; call run first")
    return _last


class _Loop:
    """The loop of a search: take a trial, have it evaluated, tell the study."""

    def __init__(
        self,
        study: Study,
        space: dict[str, BaseDistribution] | None,
        claims: Claims,
        callbacks: tuple[Callable[[Study, FrozenTrial], None], ...],
        bar: Any,
        patience: int,
    ) -> None:
        self._study = study
        self._space = space
        self._claims = claims
        self._callbacks = callbacks
        self._bar = bar
        self._patience = patience
        self._deaths: Counter[int] = Counter()
        self._reasons: Counter[str] = Counter()
        trials = [t for t in study.get_trials(deepcopy=False) if not is_lost(t)]
        states = Counter(trial.state for trial in trials)
        self._failures = states[TrialState.FAIL]
        self._successes = states[TrialState.COMPLETE] + states[TrialState.PRUNED]

    def run(self, place: Place, takes_trial: bool, timeout: float | None) -> None:
        """Go on until the study has its total, and nothing is left running."""
        started = time.monotonic()
        running: dict[Future, Trial] = {}
        with stoppable(self._study):
            while True:
                late = timeout and time.monotonic() - started > timeout
                over = stopped(self._study) or late
                while not over and len(running) < place.size:
                    trial = self._begin()
                    if trial is None:
                        break
                    future = place.submit(trial[1], trial[0] if takes_trial else None)
                    running[future] = trial[0]
                    if future.done():
                        break
                if running:
                    if not any(future.done() for future in running):
                        wait(running, return_when=FIRST_COMPLETED)
                    for future in [future for future in running if future.done()]:
                        self._end(future, running.pop(future))
                        place.release(future)
                elif over or self._claims.finished():
                    return
                else:
                    time.sleep(POLL)  # another process may yet lose its trial

    def warn(self) -> None:
        """Say how many trials failed, and why most of them did."""
        if self._reasons:
            ((reason, count),) = self._reasons.most_common(1)
            warnings.warn(
                f"{self._reasons.total()} trials failed, {count} of them with "
                f"{reason:.200}; study.trials[k].user_attrs['traceback'] says where",
                RuntimeWarning,
                stacklevel=3,
            )

    def _begin(self) -> tuple[Trial, dict[str, Any] | None] | None:
        """Return the next trial, and the parameters that it proposes."""
        while (trial_id := self._claims.take()) is not None:
            try:
                trial = trial_of(self._study, trial_id)
                if self._space is None:
                    return trial, None
                space = self._space.items()
                return trial, {name: _suggest(trial, name, d) for name, d in space}
            except UpdateFinishedTrialError:  # taken away; see `_end`
                self._claims.done(trial_id)
        return None

    def _end(self, future: Future, trial: Trial) -> None:
        trial_id = id_of(trial)
        outcome = self._outcome(future, trial)
        if outcome is None:
            self._claims.lose(trial_id)
            return
        try:
            self._tell(trial, outcome)
        except (UpdateFinishedTrialError, ValueError, AssertionError):
            if not is_lost(storage_of(self._study).get_trial(trial_id)):
                raise
            # This process was asleep, and another one has taken the trial for lost.
            self._claims.done(trial_id)
            return
        self._claims.done(trial_id)
        self._note(trial_id, outcome)

    def _outcome(self, future: Future, trial: Trial) -> Outcome | None:
        """Return what became of a trial; ``None`` if it is to be repeated."""
        error = future.exception()
        if error is None:
            return future.result()
        place = ordinal(storage_of(self._study).get_trial(id_of(trial)))
        self._deaths[place] += 1
        if self._deaths[place] == 1:
            return None
        reason = f"its worker died twice ({described(error)})"
        return Outcome(TrialState.FAIL, reason=reason)

    def _tell(self, trial: Trial, outcome: Outcome) -> None:
        storage = storage_of(self._study)
        attrs = {"failure": outcome.reason, "traceback": outcome.traceback}
        for name, text in attrs.items():
            if text is not None:
                storage.set_trial_user_attr(id_of(trial), name, text)
        tell(self._study, trial, outcome.value, outcome.state)

    def _note(self, trial_id: int, outcome: Outcome) -> None:
        """Count a trial that was told, call back, and see whether there is hope."""
        study = self._study
        if outcome.stop:
            stop(study)
        if outcome.state == TrialState.FAIL:
            self._failures += 1
            self._reasons[str(outcome.reason)] += 1
        else:
            self._successes += 1
        if self._callbacks:
            frozen = storage_of(study).get_trial(trial_id)
            for callback in self._callbacks:
                callback(study, frozen)
        self._show()
        if self._successes or self._failures < self._patience:
            return
        error = SearchError(
            f"all of the first {self._failures} trials failed, the last one with "
            f"{outcome.reason}; mend the objective, or the space in which it fails "
            "(study.trials[k].user_attrs['failure'] of this error's study tells more)",
            study,
        )
        if outcome.error is None and outcome.traceback is not None:
            error.add_note(f"In the worker:\n{outcome.traceback}")
        raise error from outcome.error

    def _show(self) -> None:
        self._bar.update()
        if self._bar.disable:
            return
        parts = []
        if self._study.get_trials(deepcopy=False, states=[TrialState.COMPLETE]):
            parts.append(_("best {value:.6g}").format(value=self._study.best_value))
        if self._failures:
            parts.append(_("failed {count}").format(count=self._failures))
        self._bar.set_postfix_str(", ".join(parts))


def _suggest(trial: Trial, name: str, d: Any) -> Any:
    if isinstance(d, CategoricalDistribution):
        return trial.suggest_categorical(name, d.choices)
    is_whole = isinstance(d, IntDistribution)
    suggest: Any = trial.suggest_int if is_whole else trial.suggest_float
    return suggest(name, d.low, d.high, step=d.step, log=d.log)


def check_search(
    objective: object,
    space: object,
    *,
    n_trials: object,
    seed: object,
    direction: object,
    workers: object,
) -> None:
    """Raise at the first argument that every search has and that is wrong."""
    if not callable(objective):
        raise TypeError(
            f"objective must be a function, got {objective!r:.60} of type "
            f"{type(objective).__name__}; pass the function itself, without calling it"
        )
    check_space(space)
    check_integer(n_trials, "n_trials", minimum=1)
    check_seed(seed)
    check_integer(workers, "workers", minimum=1)
    check_choice(direction, "direction", DIRECTIONS)


def _check_options(
    pruner: object, timeout: object, executor: object, callbacks: object
) -> tuple[Callable[[Study, FrozenTrial], None], ...]:
    """Raise at the first option that is wrong; return the callbacks, seen once."""
    if pruner is not None and not isinstance(pruner, BasePruner):
        raise TypeError(
            f"pruner must be one of optuna.pruners, got {pruner!r:.60} of type "
            f"{type(pruner).__name__}; make one, as optuna.pruners.MedianPruner()"
        )
    if timeout is not None:
        if isinstance(timeout, bool) or not isinstance(timeout, Real):
            raise TypeError(f"timeout must be a number of seconds, got {timeout!r:.60}")
        if not float(timeout) > 0:
            raise ValueError(f"timeout must be above 0 seconds, got {timeout}")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(
            "executor must be a concurrent.futures.Executor, got "
            f"{executor!r:.60} of type {type(executor).__name__}; of a Dask client, "
            "pass client.get_executor()"
        )
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a list of functions, got {callbacks!r:.60}")
    callbacks = tuple(callbacks)
    for callback in callbacks:
        if not callable(callback):
            raise TypeError(
                "callbacks must be functions that take a study and a trial, got "
                f"{callback!r:.60}"
            )
    return callbacks


def _check_choices(space: dict[str, BaseDistribution] | None) -> None:
    """Raise unless a storage gives every choice back as it was."""
    for name, distribution in (space or {}).items():
        for choice in getattr(distribution, "choices", ()):
            if choice is None or isinstance(choice, (bool, int, float, str)):
                continue
            raise ValueError(
                f"space[{name!r}] has the choice {choice!r:.60} of type "
                f"{type(choice).__name__}, which a storage does not keep as it is; "
                "offer numbers of Python (.tolist()) or words, and look up what a "
                "word stands for in the objective"
            )


def _check_name(name: str | None, storage: object) -> str | None:
    """Return the study's name: that of the file if none is given."""
    if name is not None or storage is None:
        return name
    if isinstance(storage, BaseStorage) or "://" in str(storage):
        raise ValueError(
            "a storage that can hold many studies needs study_name, so that the "
            "next call finds this one; pass study_name='…'"
        )
    return Path(str(storage)).stem


def _check_same_study(
    study: Study, space: dict[str, BaseDistribution] | None, direction: str
) -> None:
    """Raise if a stored study is not the one that the caller means."""
    stored = study.direction.name.lower()
    if study.direction != StudyDirection[direction.upper()]:
        raise ValueError(
            f"the study {study.study_name!r} is to {stored}, got "
            f"direction={direction!r}; pass direction={stored!r} or another study_name"
        )
    if space is None:
        return
    for trial in study.get_trials(deepcopy=False):
        for name in sorted(trial.distributions.keys() | space.keys()):
            old, new = trial.distributions.get(name), space.get(name)
            partial = not trial.state.is_finished() or not trial.distributions
            partial = partial or trial.state == TrialState.FAIL
            if old == new or (old is None and partial):
                continue
            raise ValueError(
                f"the study {study.study_name!r} has another search space: parameter "
                f"{name!r} is {old or 'missing'} there and {new or 'missing'} here; "
                "go on with the same space or pass another study_name"
            )
