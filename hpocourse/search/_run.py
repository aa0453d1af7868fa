"""One search, whatever its method, storage and number of workers."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage, InMemoryStorage
from optuna.trial import FrozenTrial, Trial, TrialState
from tqdm import tqdm

from .. import _validation as check
from ..languages import gettext as _
from . import _optuna as borrowed
from ._claims import Claims, is_lost
from ._samplers import make_sampler
from ._samplers.ordinal import TOLD, GridSampler, check_kept, check_space, ordinal
from ._storage import check_same_study, name_of, open_storage, owned, quiet
from ._workers import Outcome, Submit, described, open_workers

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
        file belongs to one search at a time; a PostgreSQL database may be shared. A
        trial counts as lost after 60 seconds without a sign of life, or after what
        an ``RDBStorage`` was given as its ``grace_period``.
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
    check_search(objective, space, n_trials, seed, direction, workers)
    what = "one of optuna.pruners, such as MedianPruner()"
    check.check_type(pruner, "pruner", BasePruner | None, what)
    what = "a concurrent.futures.Executor, of a Dask client client.get_executor()"
    check.check_type(executor, "executor", Executor | None, what)
    if timeout is not None:
        check.check_positive(timeout, "timeout")
    callbacks = tuple(callbacks)
    for callback in callbacks:
        check.check_type(callback, "each of callbacks", Callable, "a function")
    if storage is not None and not isinstance(storage, InMemoryStorage):
        check_kept(space)
    sampler = make_sampler(method, space, seed)
    opened = open_storage(storage)
    with owned(borrowed.file_of(opened)):
        with quiet():
            study = optuna.create_study(
                storage=opened,
                study_name=name_of(study_name, storage),
                direction=direction,  # type: ignore[arg-type]
                sampler=sampler,
                pruner=pruner,
                load_if_exists=True,
            )
        check_same_study(study, space, direction)
        _last = study
        if isinstance(sampler, GridSampler):
            n_trials = min(n_trials, len(sampler.course(study)))
        done = sum(t.state.is_finished() for t in study.get_trials(deepcopy=False))
        bar = {"total": n_trials, "initial": min(done, n_trials)}
        takes = pass_trial or space is None  # the trial
        try:
            with (
                open_workers(objective, study, workers, executor, takes) as submit,
                Claims(study, n_trials) as claims,
                tqdm(desc=_("Search"), **bar) if progress else nullcontext() as shown,
            ):
                loop = _Loop(study, space, claims, submit, workers, callbacks, shown)
                loop.run(timeout)
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


@dataclass
class _Loop:
    """The loop of a search: take a trial, have it evaluated, tell the study."""

    study: Study
    space: dict[str, BaseDistribution] | None
    claims: Claims
    submit: Submit
    workers: int
    callbacks: tuple[Callable[[Study, FrozenTrial], None], ...]
    bar: Any
    running: dict[Future, Trial] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    deaths: Counter[int] = field(default_factory=Counter)

    def run(self, timeout: float | None) -> None:
        """Go on until the study has its total, and nothing is left running."""
        started = time.monotonic()
        with borrowed.stoppable(self.study):
            while True:
                late = timeout and time.monotonic() - started > timeout
                over = borrowed.stopped(self.study) or late
                another = not over
                while another and len(self.running) < self.workers:
                    another = self._begin()
                if self.running:
                    for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                        self._end(self.running.pop(future), future)
                elif over or not self.claims.running():
                    return
                else:
                    time.sleep(POLL)  # another process may yet lose its trial

    def warn(self) -> None:
        """Say how many trials failed, and why most of them did."""
        if self.reasons:
            ((reason, count),) = self.reasons.most_common(1)
            warnings.warn(
                f"{self.reasons.total()} trials failed, {count} of them with "
                f"{reason:.200}; study.trials[k].user_attrs['traceback'] says where",
                RuntimeWarning,
                stacklevel=3,
            )

    def _begin(self) -> bool:
        """Begin the next trial; tell whether there was one."""
        if (trial_id := self.claims.take()) is None:
            return False
        try:
            trial = borrowed.trial_of(self.study, trial_id)
            parameters = self.space and {
                name: borrowed.suggest(trial, name, d) for name, d in self.space.items()
            }
        except UpdateFinishedTrialError:  # taken away; see `_end`
            self.claims.done(trial_id)
        else:
            self.running[self.submit(parameters, trial)] = trial
        return True

    def _end(self, trial: Trial, future: Future) -> None:
        """Tell what became of a trial; have it repeated if its worker died."""
        storage, trial_id = borrowed.storage_of(self.study), borrowed.id_of(trial)
        error = future.exception()
        if error is None:
            outcome = future.result()
        else:
            place = ordinal(storage.get_trial(trial_id))
            self.deaths[place] += 1
            if self.deaths[place] == 1:
                return self.claims.lose(trial_id)
            reason = f"its worker died twice ({described(error)})"
            outcome = Outcome(TrialState.FAIL, reason=reason)
        try:
            told = {"failure": outcome.reason, "traceback": outcome.traceback}
            for name, text in told.items():
                if text is not None:
                    storage.set_trial_user_attr(trial_id, name, text)
            borrowed.tell(self.study, trial, outcome.value, outcome.state)
        except (UpdateFinishedTrialError, ValueError, AssertionError):
            if not is_lost(storage.get_trial(trial_id)):
                raise
            # This process was asleep, and another one has taken the trial for lost.
            return self.claims.done(trial_id)
        self.claims.done(trial_id)
        self._note(storage.get_trial(trial_id), outcome)

    def _note(self, trial: FrozenTrial, outcome: Outcome) -> None:
        """Show a trial that was told, call back, and see whether there is hope."""
        if outcome.stop:
            self.study.stop()
        if outcome.state == TrialState.FAIL:
            self.reasons[str(outcome.reason)] += 1
        for callback in self.callbacks:
            callback(self.study, trial)
        if self.bar is not None:
            parts = []
            if self.study.get_trials(deepcopy=False, states=[TrialState.COMPLETE]):
                parts.append(_("best {value:.6g}").format(value=self.study.best_value))
            if self.reasons:
                parts.append(_("failed {count}").format(count=self.reasons.total()))
            self.bar.set_postfix_str(", ".join(parts))
            self.bar.update()
        if outcome.state in TOLD:
            return
        patience = min(PATIENCE, self.claims.total)
        told = self.study.get_trials(deepcopy=False)
        failed = [t for t in told if t.state == TrialState.FAIL and not is_lost(t)]
        if len(failed) < patience or any(t.state in TOLD for t in told):
            return
        error = SearchError(
            f"all of the first {len(failed)} trials failed, the last one with "
            f"{outcome.reason}; mend the objective, or the space in which it fails "
            "(study.trials[k].user_attrs['failure'] of this error's study tells more)",
            self.study,
        )
        if outcome.error is None and outcome.traceback is not None:
            error.add_note(f"In the worker:\n{outcome.traceback}")
        raise error from outcome.error


def check_search(
    objective: Any, space: Any, n_trials: Any, seed: Any, direction: Any, workers: Any
) -> None:
    """Raise at the first argument that every search has and that is wrong."""
    what = "a function, not what it returns"
    check.check_type(objective, "objective", Callable, what)
    check_space(space)
    check.check_integer(n_trials, "n_trials", minimum=1)
    check.check_seed(seed)
    check.check_choice(direction, "direction", ("maximize", "minimize"))
    check.check_integer(workers, "workers", minimum=1)
