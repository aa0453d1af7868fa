"""One trial evaluated: in this process, in others of this machine, or elsewhere."""

from __future__ import annotations

import math
import os
import reprlib
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from numbers import Real
from typing import Any

import cloudpickle
from joblib import cpu_count
from optuna import Study
from optuna.exceptions import TrialPruned
from optuna.storages import InMemoryStorage
from optuna.trial import Trial, TrialState

from ..languages import get_language, set_language
from . import _optuna as borrowed

#: What the libraries that compute read their number of threads from.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
#: Seconds between two looks of a worker at whether its search still lives: fewer than
#: it takes to start that search again.
WATCH = 0.2
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
    return traceback.format_exception_only(error)[0].strip()


def evaluate(
    objective: Callable[..., Any], parameters: dict[str, Any] | None, trial: Any
) -> Outcome:
    """Call an objective and say what became of it; only an interruption passes."""
    try:
        value = objective(*(a for a in (parameters, trial) if a is not None))
    except TrialPruned:
        return Outcome(TrialState.PRUNED)
    except Exception as error:
        where = "".join(traceback.format_exception(error))[-TRACEBACK:]
        return Outcome(TrialState.FAIL, None, described(error), where, error)
    if getattr(value, "size", None) == 1 and hasattr(value, "item"):
        value = value.item()  # an array of one number
    if isinstance(value, Real) and not math.isnan(value):
        return Outcome(TrialState.COMPLETE, float(value))
    reason = (
        f"the objective returned {reprlib.repr(value)} of type {type(value).__name__}; "
        "return one number, the value to optimize"
    )
    return Outcome(TrialState.FAIL, reason=reason)


@dataclass(frozen=True)
class _Task:
    """What a worker needs to evaluate trials; travels to it once."""

    objective: Callable[..., Any]
    language: str
    study: Study | None  # where the objective takes the trial


@lru_cache(maxsize=1)
def _load(packed: bytes) -> _Task:
    task = cloudpickle.loads(packed)
    set_language(task.language)
    return task


#: The task of a process that this module has started.
_kept: bytes = b""


@cache
def end_with(parent: int) -> None:
    """End this process when the one that started it is gone; nobody else notices."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _begin(packed: bytes, parent: int) -> None:
    """Keep the task, and end with the search."""
    global _kept
    _kept = packed
    end_with(parent)


def _evaluate_remotely(
    packed: bytes, parameters: dict[str, Any] | None, trial_id: int | None
) -> Outcome:
    """Evaluate one trial in a worker; an exception may not travel back."""
    try:
        task = _load(packed or _kept)
        if task.study is None or trial_id is None:
            return replace(evaluate(task.objective, parameters, None), error=None)
        task.study.get_trials(deepcopy=False)  # a database's cache must know the trial
        trial = borrowed.trial_of(task.study, trial_id)
    except Exception as error:
        reason = f"the worker could not begin: {described(error)}"
        return Outcome(TrialState.FAIL, reason=reason)
    with borrowed.stoppable(task.study):
        outcome = evaluate(task.objective, parameters, trial)
        return replace(outcome, error=None, stop=borrowed.stopped(task.study))


class Processes(Executor):
    """Processes of this machine, each an executor of its own.

    When a process dies, an executor that holds several gives up all that they
    were at; here the others go on, and a new one takes the place of the dead.
    """

    def __init__(self, size: int, packed: bytes) -> None:
        threads = str(max(1, cpu_count() // size))
        self._start = partial(
            borrowed.ProcessPoolExecutor,
            max_workers=1,
            initializer=_begin,
            initargs=(packed, os.getpid()),
            env=dict.fromkeys(THREADS, threads),
        )
        self._last: dict[Any, Future | None] = {
            self._start(): None for _ in range(size)
        }

    def submit(  # type: ignore[override]
        self, function: Callable[..., Any], /, *arguments: Any
    ) -> Future:
        """Call a function in a process that is idle; start one anew if it died."""
        process, last = next(
            item for item in self._last.items() if item[1] is None or item[1].done()
        )
        del self._last[process]
        if last is not None and last.exception() is not None:
            process.shutdown(wait=False, kill_workers=True)
            process = self._start()
        self._last[process] = future = process.submit(function, *arguments)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, whatever they are at."""
        for process in self._last:
            process.shutdown(wait=wait, kill_workers=True)


#: Evaluates a trial; the first argument are its parameters, where the space is known.
Submit = Callable[[dict[str, Any] | None, Trial], Future]


@contextmanager
def open_workers(
    objective: Callable[..., Any],
    study: Study,
    workers: int,
    executor: Executor | None,
    takes_trial: bool,
) -> Iterator[Submit]:
    """Open what evaluates the trials of a search, and close it at the end."""

    def submit_here(parameters: dict[str, Any] | None, trial: Trial) -> Future:
        future: Future = Future()
        given = trial if takes_trial else None
        future.set_result(evaluate(objective, parameters, given))
        return future

    if executor is None and workers == 1:
        yield submit_here
        return
    if takes_trial and isinstance(borrowed.storage_of(study), InMemoryStorage):
        raise ValueError(
            "the objective takes the trial, and workers cannot reach a study that is "
            'kept in memory; pass storage="study.log", or a space without pass_trial'
        )
    task = _Task(objective, get_language().folder, study if takes_trial else None)
    try:
        packed = cloudpickle.dumps(task)
    except Exception as error:
        raise TypeError(
            f"the objective cannot travel to the workers ({described(error)}); open "
            "files, connections and locks inside it, not outside"
        ) from error
    pool = executor or Processes(workers, packed)
    sent = packed if executor else b""  # our own processes have it

    def submit(parameters: dict[str, Any] | None, trial: Trial) -> Future:
        trial_id = borrowed.id_of(trial) if takes_trial else None
        return pool.submit(_evaluate_remotely, sent, parameters, trial_id)

    try:
        yield submit
    finally:
        if executor is None:
            pool.shutdown()
