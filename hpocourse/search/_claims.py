"""Which trial is next: each ordinal once, and what a dead process left, again.

The *ordinal* of a trial is its place in the search: 0 for the first. A trial
that was lost with its process is repeated under a new number with the same
ordinal, so that a resumed search goes on as if nothing had happened.
"""

import json
import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from datetime import datetime

from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState

from ._storage import claiming

# Plain values: Optuna copies each trial deeply, again and again.
ORDINAL = "hpocourse:ordinal"
OWNER = "hpocourse:owner"
REPEAT = "hpocourse:repeat"
BEAT = "hpocourse:beat"
LOST = "hpocourse:lost"

HOST = f"{socket.gethostname()}-{uuid.getnode():x}"
#: Seconds between two signs of life of a running trial.
INTERVAL = 10
#: Seconds without one after which a trial of another machine counts as lost.
GRACE = 60

_active = set()


def ordinal(trial):
    """Return a trial's place in its search, the same for its repetition.

    Parameters
    ----------
    trial : optuna.trial.FrozenTrial or optuna.trial.Trial
        The trial.

    Returns
    -------
    int
        Its ordinal; the number, for a trial that this package did not make.
    """
    return trial.system_attrs.get(ORDINAL, trial.number)


class Claims:
    """The trials of a study that this search may run, one at a time.

    Parameters
    ----------
    study : optuna.Study
        The study, perhaps shared with other processes.
    total : int
        How many trials it shall have; repetitions do not count.
    """

    def __init__(self, study, total):
        self._study_id = study._study_id
        self._storage = study._storage
        self._total = total
        self._alone = isinstance(study._storage, InMemoryStorage)
        self._token = uuid.uuid4().hex
        self._running = set()
        self._stop = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self):
        """Begin to give signs of life."""
        _active.add(self._token)
        if not self._alone:  # someone may listen
            self._heart.start()
        return self

    def __exit__(self, *exc_info):
        """Give up what is still running, so that it can be repeated at once."""
        self._stop.set()
        if self._heart.is_alive():
            self._heart.join()
        for trial_id in list(self._running):
            self.lose(trial_id)
        _active.discard(self._token)

    def take(self):
        """Return the id of a trial that is ours to run now.

        Returns
        -------
        int or None
            Its id; ``None`` while there is nothing to do.
        """
        with claiming(self._storage, self._study_id):
            trials = self._trials()
            if self._bury(trials):
                trials = self._trials()
            trial_id = self._enqueued(trials)
            if trial_id is None:
                trial_id = self._next(trials)
        if trial_id is not None:
            self._running.add(trial_id)
        return trial_id

    def finished(self):
        """Tell whether all trials of the study that can end have ended.

        Returns
        -------
        bool
            ``False`` while another process runs one that may yet be lost.
        """
        trials = self._trials()
        return not any(t.state == TrialState.RUNNING and owner(t) for t in trials)

    def done(self, trial_id):
        """Note that a trial of ours has been told.

        Parameters
        ----------
        trial_id : int
            Its id.
        """
        self._running.discard(trial_id)

    def lose(self, trial_id):
        """Mark a trial as lost with its worker: it will be repeated.

        Parameters
        ----------
        trial_id : int
            Its id.
        """
        self._running.discard(trial_id)
        # It may have ended meanwhile, or another process may have been faster.
        with suppress(UpdateFinishedTrialError):
            self._storage.set_trial_system_attr(trial_id, LOST, True)
            self._storage.set_trial_state_values(trial_id, TrialState.FAIL)

    def _trials(self):
        return self._storage.get_all_trials(self._study_id, deepcopy=False)

    def _bury(self, trials):
        dead = [t for t in trials if t.state == TrialState.RUNNING and _is_dead(t)]
        for trial in dead:
            self.lose(trial._trial_id)
        return bool(dead)

    def _enqueued(self, trials):
        """Take a trial that someone enqueued with `Study.enqueue_trial`."""
        for trial in trials:
            if trial.state == TrialState.WAITING:
                trial_id = trial._trial_id
                place = sum(not _is_repeat(t) for t in trials[: trial.number])
                if place < self._total and self._storage.set_trial_state_values(
                    trial_id, TrialState.RUNNING
                ):
                    for name, value in self._claim(place).items():
                        self._storage.set_trial_system_attr(trial_id, name, value)
                    return trial_id
        return None

    def _next(self, trials):
        if any(LOST in trial.system_attrs for trial in trials):
            last = {ordinal(trial): trial for trial in trials}
            for place, trial in sorted(last.items()):
                if LOST in trial.system_attrs and place < self._total:
                    return self._create(place, trial.params)
        n_ordinals = sum(not _is_repeat(trial) for trial in trials)
        if n_ordinals >= self._total:
            return None
        return self._create(n_ordinals, number=len(trials))

    def _create(self, place, repeated=None, number=None):
        if self._alone and place == number:  # its number says it all, and is quick
            return self._storage.create_new_trial(self._study_id)
        system_attrs = self._claim(place)
        if repeated is not None:
            system_attrs[REPEAT] = True
        if repeated:
            system_attrs["fixed_params"] = repeated  # as Study.enqueue_trial does
        template = FrozenTrial(
            number=-1,
            trial_id=-1,
            state=TrialState.RUNNING,
            value=None,
            datetime_start=datetime.now(),
            datetime_complete=None,
            params={},
            distributions={},
            user_attrs={},
            system_attrs=system_attrs,
            intermediate_values={},
        )
        return self._storage.create_new_trial(self._study_id, template)

    def _claim(self, place):
        owner = {
            "host": HOST,
            "pid": os.getpid(),
            "token": self._token,
            "time": time.time(),
        }
        return {ORDINAL: place, OWNER: json.dumps(owner)}

    def _beat(self):
        while not self._stop.wait(INTERVAL):
            for trial_id in list(self._running):
                with suppress(UpdateFinishedTrialError):  # it was told meanwhile
                    self._storage.set_trial_system_attr(trial_id, BEAT, time.time())


def owner(trial):
    """Return which process runs a trial, or ran it.

    Parameters
    ----------
    trial : optuna.trial.FrozenTrial
        The trial.

    Returns
    -------
    dict or None
        Its ``host``, ``pid``, the ``token`` of its search and the ``time``;
        ``None`` for a trial that this package did not make.
    """
    text = trial.system_attrs.get(OWNER)
    return None if text is None else json.loads(text)


def _is_repeat(trial):
    return REPEAT in trial.system_attrs


def _is_dead(trial):
    """Tell whether the process that ran a trial is gone.

    A process of this machine is looked up; of another one, the signs of life
    count. Trials that this package did not make are left alone.
    """
    process = owner(trial)
    if process is None:
        return False
    if process["host"] == HOST and process["pid"] == os.getpid():
        return process["token"] not in _active
    if process["host"] == HOST and not _is_alive(process["pid"]):
        return True
    last_sign = trial.system_attrs.get(BEAT, process["time"])
    return time.time() - last_sign > GRACE


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
