"""The loop of a search: take the next trial, have it evaluated, tell the study.

A trial is lost with its process, and repeated. A file belongs to one search, so that
all trials left running in it are lost. In a database, which searches on several
machines may share, trials give signs of life.

Why the sharing is not left to Optuna's heartbeat, `RetryHeartbeatStaleTrialCallback`
and `MaxTrialsCallback` (Optuna 5.0, three processes on PostgreSQL 15, 40 trials): with
one of them killed, the study ended with 41 completed trials, twice of two times; with
one suspended until its trial was taken for lost, that process ended when it was woken,
with `ValueError: Cannot tell a FAIL trial` or an `AssertionError`. Here trials are
counted before they begin, under a lock, and who wakes up goes on with the next one.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial
from tqdm import tqdm

from ..languages import gettext as _
from . import _optuna as borrowed
from ._samplers.ordinal import GIVEN, ORDINAL, TOLD, GridSampler, ordinal, placed
from ._storage import alone
from ._workers import Outcome, Submit, described

#: Seconds between two signs of life of a running trial in a database, unless it was
#: opened with a `heartbeat_interval`.
INTERVAL = 10.0
#: Seconds without one after which it counts as lost; clocks must agree better.
GRACE = 60.0
#: After so many trials without a single success a search gives up.
PATIENCE = 5
#: Seconds between two looks at trials that other processes run.
POLL = 0.5

BEAT = "hpocourse:beat"
LOST = "hpocourse:lost"


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
        self._heart: threading.Thread | None = None

    def __enter__(self) -> Claims:
        """Begin to give signs of life; in a file, find what a killed search left."""
        if self._is_shared:
            self._heart = threading.Thread(target=self._beat, daemon=True)
            self._heart.start()
        elif self._is_in_file:
            self._bury()
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Give up what is still running, so that it can be repeated at once."""
        self._stop.set()
        if self._heart is not None:
            self._heart.join()
        for trial_id in list(self._running):
            self.lose(trial_id)

    def take(self) -> int | None:
        """Return the id of a trial to run now; ``None`` while there is none."""
        with alone(self._storage, self._study_id):
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
        last = time.time() - self._grace if self._is_shared else math.inf
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


@dataclass
class Loop:
    """The loop of a search: take a trial, have it evaluated, tell the study."""

    study: Study
    space: dict[str, BaseDistribution] | None
    claims: Claims
    submit: Submit
    workers: int
    callbacks: tuple[Callable[[Study, FrozenTrial], None], ...]
    bar: tqdm | None
    running: dict[Future, Trial] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    died: set[int] = field(default_factory=set)  # ordinals whose worker died once

    def run(self, timeout: float | None) -> Counter[str]:
        """Go on until the study has its total; return why trials failed, counted."""
        end = time.monotonic() + (timeout or math.inf)
        with borrowed.stoppable(self.study):
            while True:
                over = borrowed.stopped(self.study) or time.monotonic() > end
                while not over and len(self.running) < self.workers and self._begin():
                    pass
                if self.running:
                    for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                        self._end(self.running.pop(future), future)
                elif over or not self.claims.running():
                    return self.reasons
                else:
                    time.sleep(POLL)  # another process may yet lose its trial

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
        if (error := future.exception()) is None:
            outcome = future.result()
        else:
            place = ordinal(storage.get_trial(trial_id))
            if place not in self.died:
                self.died.add(place)
                return self.claims.lose(trial_id)
            reason = f"its worker died twice ({described(error)})"
            outcome = Outcome(TrialState.FAIL, reason=reason)
        notes = {"failure": outcome.reason, "traceback": outcome.traceback}
        try:
            for name, text in notes.items():
                if text is not None:
                    storage.set_trial_user_attr(trial_id, name, text)
            borrowed.tell(self.study, trial, outcome.value, outcome.state)
        except (UpdateFinishedTrialError, ValueError, AssertionError):
            # This process was asleep, and another one has taken the trial for lost.
            if not is_lost(storage.get_trial(trial_id)):
                raise
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
        trials = self.study.get_trials(deepcopy=False)
        failed = [t for t in trials if t.state == TrialState.FAIL and not is_lost(t)]
        few = len(failed) < min(PATIENCE, self.claims.total)
        if few or any(t.state in TOLD for t in trials):
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
