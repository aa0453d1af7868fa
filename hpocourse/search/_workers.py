"""Where trials are evaluated: here, in processes of this machine, or elsewhere."""

import socket
import warnings
from concurrent.futures import Future
from contextlib import contextmanager

import cloudpickle
from joblib import cpu_count
from joblib.externals.loky.process_executor import ProcessPoolExecutor
from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage

from ..languages import get_language
from ._evaluate import Task, evaluate, evaluate_remotely, evaluate_together

#: What the libraries that compute read their number of threads from.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
LOOPBACK = "127.0.0.1"


class Place:
    """Where a trial is submitted, by default with nothing more to do."""

    def work(self):
        """Evaluate what was submitted, if it does not evaluate itself."""

    def release(self, future):
        """Note that a trial has been told.

        Parameters
        ----------
        future : concurrent.futures.Future
            What :meth:`submit` returned for it.
        """


class Here(Place):
    """Evaluates in this process, one trial at a time.

    Parameters
    ----------
    objective : callable
        What to evaluate.
    """

    size = 1

    def __init__(self, objective):
        self._objective = objective

    def submit(self, parameters, trial):
        """Evaluate a trial at once.

        Parameters
        ----------
        parameters : dict or None
            Its parameters, if the objective takes them.
        trial : optuna.trial.Trial or None
            Itself, if the objective takes it.

        Returns
        -------
        concurrent.futures.Future
            Its :class:`~hpocourse.search._evaluate.Outcome`.
        """
        future = Future()
        arguments = [a for a in (parameters, trial) if a is not None]
        future.set_result(evaluate(self._objective, *arguments))
        return future


class Together(Place):
    """Evaluates several trials in one call, in this process.

    Parameters
    ----------
    objective : callable
        What to evaluate: takes a list of parameters, returns a list of values.
    size : int
        How many at once.
    """

    def __init__(self, objective, size):
        self.size = size
        self._objective = objective
        self._waiting = {}

    def submit(self, parameters, trial):
        """Let a trial wait for the others; as `Here.submit`."""
        future = Future()
        self._waiting[future] = parameters
        return future

    def work(self):
        """Evaluate those that wait."""
        outcomes = evaluate_together(self._objective, list(self._waiting.values()))
        for future, outcome in zip(self._waiting, outcomes, strict=True):
            future.set_result(outcome)
        self._waiting = {}


class Slots(Place):
    """Processes of this machine, each an executor of its own.

    When a process dies, an executor that holds several gives up all that they
    were at; here the others go on, and a new one takes the place of the dead.

    Parameters
    ----------
    size : int
        How many processes; each gets its share of the machine's cores.
    task : bytes
        What they evaluate; travels to each once.
    """

    def __init__(self, size, task):
        self.size = size
        threads = str(max(1, cpu_count() // size))
        self._environment = dict.fromkeys(THREADS, threads)
        self._task = task
        self._idle = [self._start() for _ in range(size)]
        self._busy = {}

    def submit(self, parameters, trial):
        """Evaluate in the process that has been idle longest; as `Here.submit`."""
        slot = self._idle.pop(0)
        trial_id = None if trial is None else trial._trial_id
        future = slot.submit(_evaluate_kept, parameters, trial_id)
        self._busy[future] = slot
        return future

    def release(self, future):
        """Note that a process is idle again; replace it if it died.

        Parameters
        ----------
        future : concurrent.futures.Future
            What it was at.
        """
        slot = self._busy.pop(future)
        if future.exception() is not None:
            slot.shutdown(wait=False, kill_workers=True)
            slot = self._start()
        self._idle.append(slot)

    def close(self):
        """End the processes, whatever they are at."""
        for slot in [*self._idle, *self._busy.values()]:
            slot.shutdown(wait=True, kill_workers=True)

    def _start(self):
        return ProcessPoolExecutor(
            max_workers=1,
            initializer=_keep,
            initargs=(self._task,),
            env=self._environment,
        )


def _keep(task):
    global _kept
    _kept = task


def _evaluate_kept(parameters, trial_id):
    return evaluate_remotely(_kept, parameters, trial_id)


class Elsewhere(Place):
    """An executor of the caller's, of Dask for example.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        Where to evaluate; it stays open.
    size : int
        How many trials to keep it at.
    task : bytes
        What to evaluate.
    """

    def __init__(self, executor, size, task):
        self.size = size
        self._executor = executor
        self._task = task

    def submit(self, parameters, trial):
        """Evaluate wherever the executor does; as `Here.submit`."""
        trial_id = None if trial is None else trial._trial_id
        return self._executor.submit(
            evaluate_remotely, self._task, parameters, trial_id
        )

    def close(self):
        """Leave the executor to its owner."""


@contextmanager
def open_workers(objective, study, *, workers, executor, batch, shares_storage):
    """Open what evaluates the trials of a search, and close it at the end.

    Parameters
    ----------
    objective : callable
        The objective.
    study : optuna.Study
        The study.
    workers : int
        How many trials at once.
    executor : concurrent.futures.Executor or None
        Where; by default here, or in `workers` processes.
    batch : int or None
        How many to evaluate in one call, here.
    shares_storage : bool
        Whether the objective takes the trial, so that workers need the storage.
    """
    if executor is None and workers == 1:
        yield Here(objective) if batch is None else Together(objective, batch)
        return
    with _shared(study, shares_storage) as storage:
        task = Task(objective=objective, language=get_language().folder)
        if shares_storage:
            task = Task(
                objective=objective,
                language=get_language().folder,
                study_name=study.study_name,
                storage=storage,
                sampler=study.sampler,
                pruner=study.pruner,
            )
        try:
            task = cloudpickle.dumps(task)
        except Exception as error:
            raise TypeError(
                "the objective cannot travel to the workers "
                f"({type(error).__name__}: {error}); open files, connections and "
                "locks inside it, not outside"
            ) from error
        if executor is None:
            opened = Slots(workers, task)
        else:
            opened = Elsewhere(executor, workers, task)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def _shared(study, shares_storage):
    """Yield where workers find the storage: its address, or that of a proxy."""
    backend = getattr(study._storage, "_backend", None)
    if not shares_storage:
        yield None
    elif isinstance(backend, RDBStorage):
        yield backend.engine.url.render_as_string(hide_password=False)
    else:
        from optuna.storages._grpc.server import make_server

        # Optuna's public function has no way to stop the server again.
        port = _free_port()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            server = make_server(study._storage, LOOPBACK, port)
        server.start()
        try:
            yield (LOOPBACK, port)
        finally:
            server.stop(grace=None).wait()


def _free_port():
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]
