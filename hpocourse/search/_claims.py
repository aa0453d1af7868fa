"""Which trial of a study is next, and which was lost with its process.

A file belongs to one search, so that all trials left running in it are lost. In a
database, which searches on several machines may share, trials give signs of life.

Why the sharing is not left to Optuna's heartbeat, `RetryHeartbeatStaleTrialCallback`
and `MaxTrialsCallback` (Optuna 5.0, three processes on PostgreSQL 15, 40 trials): with
one of them killed, the study ended with 41 completed trials, twice of two times; with
one suspended until its trial was taken for lost, that process ended when it was woken,
with `ValueError: Cannot tell a FAIL trial` or an `AssertionError`. Here trials are
counted before they begin, under a lock, and who wakes up goes on with the next one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from optuna import Study
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage, InMemoryStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from . import _optuna as borrowed
from ._samplers.ordinal import GIVEN, ORDINAL, GridSampler, placed

#: Seconds between two signs of life of a running trial in a database, unless it was
#: opened with a `heartbeat_interval`.
INTERVAL = 10.0
#: Seconds without one after which it counts as lost; clocks must agree better.
GRACE = 60.0

BEAT = "hpocourse:beat"
LOST = "hpocourse:lost"

_in_this_process = threading.RLock()


def is_lost(trial: FrozenTrial) -> bool:
    """Tell whether a trial was lost with its process, and is repeated."""
    # One that its process told in the very moment is not.
    return LOST in trial.system_attrs and trial.state == TrialState.FAIL


class Claims:
    """The trials that this search may run, one at a time, up to a total of the study.

    A study in a database may be shared with other processes. Repetitions of trials
    that were lost do not count towards the total.
    """

    def __init__(self, study: Study, total: int) -> None:
        self._study_id = borrowed.study_id_of(study)
        self._storage = borrowed.storage_of(study)
        self.total = total
        heartbeat = borrowed.heartbeat_of(self._storage)
        self._interval, self._grace = heartbeat or (INTERVAL, GRACE)
        in_memory = isinstance(self._storage, InMemoryStorage)
        self._is_in_file = borrowed.file_of(self._storage) is not None
        self._is_shared = not (in_memory or self._is_in_file)
        # A grid must tell its own trials from those that someone has added.
        self._is_plain = in_memory and not isinstance(study.sampler, GridSampler)
        self._running: set[int] = set()
        self._stop = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Claims:
        """Begin to give signs of life; in a file, find what a killed search left."""
        if self._is_shared:
            self._heart.start()
        elif self._is_in_file:
            self._bury()
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Give up what is still running, so that it can be repeated at once."""
        self._stop.set()
        if self._heart.is_alive():
            self._heart.join()
        for trial_id in list(self._running):
            self.lose(trial_id)

    def take(self) -> int | None:
        """Return the id of a trial to run now; ``None`` while there is none."""
        with _one_at_a_time(self._storage, self._study_id):
            if self._is_shared:
                self._bury()
            trials = placed(self._trials())
            if (trial_id := self._enqueued(trials)) is None:
                trial_id = self._next(trials)
        if trial_id is not None:
            self._running.add(trial_id)
        return trial_id

    def running(self) -> list[FrozenTrial]:
        """Return the trials that searches run; those of others are left alone."""
        begun = (t for t in self._trials() if t.state == TrialState.RUNNING)
        return [trial for trial in begun if BEAT in trial.system_attrs]

    def done(self, trial_id: int) -> None:
        """Note that a trial of this search has been told, or taken away from it."""
        self._running.discard(trial_id)

    def lose(self, trial_id: int) -> None:
        """Mark a trial as lost with its worker: it will be repeated."""
        self._running.discard(trial_id)
        # It may have ended meanwhile, or another process may have been faster.
        with suppress(UpdateFinishedTrialError):
            self._storage.set_trial_system_attr(trial_id, LOST, True)
            self._storage.set_trial_state_values(trial_id, TrialState.FAIL)

    def _trials(self) -> list[FrozenTrial]:
        return self._storage.get_all_trials(self._study_id, deepcopy=False)

    def _bury(self) -> None:
        """Mark as lost what no living process runs."""
        last = time.time() - self._grace if self._is_shared else float("inf")
        for trial in self.running():
            if trial.system_attrs[BEAT] < last:
                self.lose(borrowed.id_of(trial))

    def _enqueued(self, trials: Iterable[tuple[int, FrozenTrial]]) -> int | None:
        """Take a trial that someone enqueued with `Study.enqueue_trial`."""
        for place, trial in trials:
            if trial.state == TrialState.WAITING and place < self.total:
                trial_id = borrowed.id_of(trial)
                attrs = {ORDINAL: place, GIVEN: True, BEAT: time.time()}
                for name, value in attrs.items():
                    self._storage.set_trial_system_attr(trial_id, name, value)
                if self._storage.set_trial_state_values(trial_id, TrialState.RUNNING):
                    return trial_id
        return None

    def _next(self, trials: list[tuple[int, FrozenTrial]]) -> int | None:
        """Create the trial that repeats a lost one, or the next of all."""
        latest = dict(trials)
        lost = [place for place, trial in latest.items() if is_lost(trial)]
        place = min(lost, default=len(latest))
        if place >= self.total:
            return None
        if self._is_plain and place == len(trials):
            # Its number says it all, and Optuna need not copy a template.
            return self._storage.create_new_trial(self._study_id)
        attrs: dict[str, Any] = {ORDINAL: place, BEAT: time.time()}
        if lost:
            before = latest[place].system_attrs
            fixed = before.get(borrowed.FIXED_PARAMS, {}) | latest[place].params
            attrs[borrowed.FIXED_PARAMS] = fixed
            if GIVEN in before:
                attrs[GIVEN] = True
        template = create_trial(state=TrialState.RUNNING, system_attrs=attrs)
        return self._storage.create_new_trial(self._study_id, template)

    def _beat(self) -> None:
        while not self._stop.wait(self._interval):
            for trial_id in list(self._running):
                # It was told meanwhile, or the database does not answer this time.
                with suppress(Exception):
                    self._storage.set_trial_system_attr(trial_id, BEAT, time.time())


@contextmanager
def _one_at_a_time(storage: BaseStorage, study_id: int) -> Iterator[None]:
    """Let one process at a time decide which trial is next; of a file it is alone."""
    with _in_this_process:
        engine = borrowed.database_of(storage)
        if engine is None or engine.dialect.name != "postgresql":
            yield
            return
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({study_id})")
            yield
