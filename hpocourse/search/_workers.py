"""One trial evaluated: in this process, in others of this machine, or elsewhere."""

from __future__ import annotations

import math
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from numbers import Real
from typing import Any, Protocol

import cloudpickle
from joblib import cpu_count
from optuna import Study
from optuna.exceptions import TrialPruned
from optuna.storages import InMemoryStorage
from optuna.trial import Trial, TrialState

from ..languages import get_language, set_language
from ._optuna import (
    ProcessPoolExecutor,
    id_of,
    stoppable,
    stopped,
    storage_of,
    trial_of,
)

#: What the libraries that compute read their number of threads from.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
#: Seconds between two looks of a worker at whether its search still lives.
WATCH = 1.0
#: Letters of a traceback that are kept: its end says most.
TRACEBACK = 10_000


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Attributes
    ----------
    state : optuna.trial.TrialState
        COMPLETE, PRUNED or FAIL.
    value : float or None
        The objective's value, where it is complete.
    reason : str or None
        Why it failed, where it did.
    traceback : str or None
        Where its objective raised, if it did.
    error : Exception or None
        What it raised, in this process only.
    stop : bool
        Whether its objective called ``trial.study.stop()`` in a worker.
    """

    state: TrialState
    value: float | None = None
    reason: str | None = None
    traceback: str | None = None
    error: Exception | None = None
    stop: bool = False


def described(error: BaseException) -> str:
    """Return an exception's kind and text, even of one whose text cannot be made."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return f"{type(error).__name__} (whose text raises an exception itself)"


def evaluate(objective: Callable[..., Any], *arguments: object) -> Outcome:
    """Call an objective and say what became of it; only an interruption passes."""
    try:
        value = objective(*arguments)
    except TrialPruned:
        return Outcome(TrialState.PRUNED)
    except Exception as error:
        where = "".join(traceback.format_exception(error))[-TRACEBACK:]
        return Outcome(
            TrialState.FAIL, reason=described(error), traceback=where, error=error
        )
    if getattr(value, "size", None) == 1 and hasattr(value, "item"):
        value = value.item()  # an array of one number
    wrong = _wrong(value)
    if wrong is not None:
        return Outcome(TrialState.FAIL, reason=wrong)
    return Outcome(TrialState.COMPLETE, value=float(value))


def _wrong(value: Any) -> str | None:
    advice = "return one number, the value to optimize"
    if value is None:
        return f"the objective returned nothing; {advice}"
    if not isinstance(value, Real):
        return f"the objective returned {_shown(value)}; {advice}"
    if math.isnan(value):
        return "the objective returned NaN; find the parameters at which it arises"
    return None


def _shown(value: Any) -> str:
    kind = f"of type {type(value).__name__}"
    try:
        return f"{value!r:.60} {kind}"
    except Exception:
        return f"a value {kind}"


@dataclass(frozen=True)
class _Task:
    """What a worker needs to evaluate trials; travels to it once."""

    objective: Callable[..., Any]
    language: str
    study: Study | None  # where the objective takes the trial


@lru_cache(maxsize=1)
def _load(task: bytes) -> _Task:
    loaded = cloudpickle.loads(task)
    set_language(loaded.language)
    return loaded


def _evaluate_remotely(
    packed: bytes, parameters: dict[str, Any] | None, trial_id: int | None
) -> Outcome:
    """Evaluate one trial in a worker."""
    try:
        task = _load(packed)
        if task.study is None or trial_id is None:
            outcome = evaluate(task.objective, parameters)
            return replace(outcome, error=None)  # which may not travel
        task.study.get_trials(deepcopy=False)  # a database's cache must know the trial
        trial = trial_of(task.study, trial_id)
    except Exception as error:
        reason = f"the worker could not begin: {described(error)}"
        return Outcome(TrialState.FAIL, reason=reason)
    with stoppable(task.study):
        arguments = [a for a in (parameters, trial) if a is not None]
        outcome = evaluate(task.objective, *arguments)
        return replace(outcome, error=None, stop=stopped(task.study))


class Place(Protocol):
    """Where trials are evaluated."""

    size: int

    def submit(self, parameters: dict[str, Any] | None, trial: Trial | None) -> Future:
        """Evaluate a trial, given as the parameters, itself, or both."""

    def release(self, future: Future) -> None:
        """Note that the trial of a future has been told."""


class Here:
    """Evaluates in this process, at once, one trial at a time."""

    size = 1

    def __init__(self, objective: Callable[..., Any]) -> None:
        self._objective = objective

    def submit(self, parameters: dict[str, Any] | None, trial: Trial | None) -> Future:
        """Evaluate a trial; as `Place.submit`."""
        future: Future = Future()
        arguments = [a for a in (parameters, trial) if a is not None]
        future.set_result(evaluate(self._objective, *arguments))
        return future

    def release(self, future: Future) -> None:
        """Do nothing; as `Place.release`."""


class Slots:
    """Processes of this machine, each an executor of its own.

    When a process dies, an executor that holds several gives up all that they
    were at; here the others go on, and a new one takes the place of the dead.
    """

    def __init__(self, size: int, task: bytes) -> None:
        self.size = size
        threads = str(max(1, cpu_count() // size))
        self._environment = dict.fromkeys(THREADS, threads)
        self._task = task
        self._idle = [self._start() for _ in range(size)]
        self._busy: dict[Future, Any] = {}

    def submit(self, parameters: dict[str, Any] | None, trial: Trial | None) -> Future:
        """Evaluate in the process that has been idle longest; as `Place.submit`."""
        slot = self._idle.pop(0)
        trial_id = None if trial is None else id_of(trial)
        future = slot.submit(_evaluate_kept, parameters, trial_id)
        self._busy[future] = slot
        return future

    def release(self, future: Future) -> None:
        """Note that a process is idle again; replace it if it died."""
        slot = self._busy.pop(future)
        if future.exception() is not None:
            slot.shutdown(wait=False, kill_workers=True)
            slot = self._start()
        self._idle.append(slot)

    def close(self) -> None:
        """End the processes, whatever they are at."""
        for slot in [*self._idle, *self._busy.values()]:
            slot.shutdown(wait=True, kill_workers=True)

    def _start(self) -> Any:
        return ProcessPoolExecutor(
            max_workers=1,
            initializer=_begin,
            initargs=(self._task, os.getpid()),
            env=self._environment,
        )


_kept: bytes


def _begin(task: bytes, parent: int) -> None:
    """Keep the task, and end when the search is gone, which nobody else notices."""
    global _kept
    _kept = task

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _evaluate_kept(parameters: dict[str, Any] | None, trial_id: int | None) -> Outcome:
    return _evaluate_remotely(_kept, parameters, trial_id)


class Elsewhere:
    """An executor of the caller's, of Dask for example; it stays open."""

    def __init__(self, executor: Executor, size: int, task: bytes) -> None:
        self.size = size
        self._executor = executor
        self._task = task

    def submit(self, parameters: dict[str, Any] | None, trial: Trial | None) -> Future:
        """Evaluate wherever the executor does; as `Place.submit`."""
        trial_id = None if trial is None else id_of(trial)
        return self._executor.submit(
            _evaluate_remotely, self._task, parameters, trial_id
        )

    def release(self, future: Future) -> None:
        """Do nothing; as `Place.release`."""


@contextmanager
def open_workers(
    objective: Callable[..., Any],
    study: Study,
    *,
    workers: int,
    executor: Executor | None,
    takes_trial: bool,
) -> Iterator[Place]:
    """Open what evaluates the trials of a search, and close it at the end."""
    if executor is None and workers == 1:
        yield Here(objective)
        return
    if takes_trial and isinstance(storage_of(study), InMemoryStorage):
        raise ValueError(
            "the objective takes the trial, and workers cannot reach a study that is "
            'kept in memory; pass storage="study.log", or a space without pass_trial'
        )
    language = get_language().folder
    try:
        task = cloudpickle.dumps(
            _Task(objective, language, study if takes_trial else None)
        )
    except Exception as error:
        raise TypeError(
            f"the objective cannot travel to the workers ({described(error)}); open "
            "files, connections and locks inside it, not outside"
        ) from error
    if executor is not None:
        yield Elsewhere(executor, workers, task)
        return
    slots = Slots(workers, task)
    try:
        yield slots
    finally:
        slots.close()
