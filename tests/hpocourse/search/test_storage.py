"""Studies in files: what opens, what is refused, and what a crash leaves."""

import errno
import fcntl
import json
import os
import subprocess
import sys
import threading
import time

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.storages import InMemoryStorage, JournalStorage
from optuna.trial import TrialState

from hpocourse import search
from hpocourse.search import _claims, _storage

X = {"x": FloatDistribution(-10, 10)}


def run(storage, n_trials=4, objective=lambda parameters: parameters["x"], **options):
    return search.run(
        objective, X, n_trials=n_trials, storage=storage, progress=False, **options
    )


def test_the_path_s_ending_decides(tmp_path):
    assert isinstance(search.open_storage(tmp_path / "a.log"), JournalStorage)
    run(tmp_path / "b.db")
    assert (tmp_path / "b.db").read_bytes().startswith(b"SQLite format 3")
    run(f"sqlite:///{tmp_path / 'c'}", study_name="c")
    assert (tmp_path / "c").read_bytes().startswith(b"SQLite format 3")
    memory = InMemoryStorage()
    assert search.open_storage(memory) is memory
    assert isinstance(search.open_storage(None), InMemoryStorage)


def test_optuna_reads_what_we_write(tmp_path):
    path = tmp_path / "study.log"
    study = run(path)
    backend = optuna.storages.journal.JournalFileBackend(str(path))
    again = optuna.load_study(study_name="study", storage=JournalStorage(backend))
    assert again.best_params == study.best_params


@pytest.mark.parametrize("system_locks", [True, False])
def test_a_stale_lock_delays_at_most_two_seconds(system_locks, tmp_path, monkeypatch):
    if not system_locks:

        def fail(*arguments):
            raise OSError(errno.ENOSYS, "Function not implemented")

        monkeypatch.setattr(fcntl, "flock", fail)
    path = tmp_path / "study.log"
    run(path)
    for lock in ("study.log.lock", "study.log.claim.lock"):
        (tmp_path / lock).touch()  # as a process killed while writing leaves it
    begin = time.monotonic()
    open_and_claim = search.open_storage(path)
    with _storage.claiming(open_and_claim, 0):
        open_and_claim.create_new_study([optuna.study.StudyDirection.MAXIMIZE])
    assert time.monotonic() - begin < (2 if system_locks else 4)
    assert not (tmp_path / "study.log.lock").exists()


def test_a_stale_lock_of_optuna_alone_delays_longer(tmp_path):
    # Why the period is set: Optuna's own would wait for half a minute.
    path = tmp_path / "study.log"
    assert optuna.storages.journal.JournalFileOpenLock(str(path)).grace_period == 30
    lock = _storage._open_journal(path)._backend._lock
    assert lock._optuna.grace_period == _storage.STALE_LOCK == 1


def test_a_slow_process_is_not_robbed_of_its_lock(tmp_path, monkeypatch):
    monkeypatch.setattr(_storage, "STALE_LOCK", 0.2)
    path = tmp_path / "study.log"
    run(path)
    first, second = (_storage.JournalLock(str(path)) for _ in range(2))
    order = []

    def wait_for_the_lock():
        second.acquire()
        order.append("second")
        second.release()

    first.acquire()
    waiting = threading.Thread(target=wait_for_the_lock)
    waiting.start()
    time.sleep(1)
    order.append("first")
    first.release()
    waiting.join()
    assert order == ["first", "second"]


def test_a_folder_without_symbolic_links_works(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "symlink", fail)
    with pytest.raises(OSError, match="not supported"):  # Optuna's default
        optuna.create_study(
            storage=JournalStorage(
                optuna.storages.journal.JournalFileBackend(str(tmp_path / "a.log"))
            )
        )
    assert len(run(tmp_path / "b.log").trials) == 4


FULL = """
import resource, signal, sys
from hpocourse import search
from optuna.distributions import FloatDistribution
# No file may grow beyond this: the disk is full, as far as this process can tell.
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
def objective(parameters):
    print("a trial was spent")
    return 0.0
try:
    search.run(objective, {"x": FloatDistribution(0, 1)}, n_trials=2,
               storage=sys.argv[1], progress=False)
except OSError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["study.log", "study.db"])
def test_a_full_disk_is_an_error_before_the_first_trial(name, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "cannot keep a study in" in done.stdout
    assert "File too large" in done.stdout
    assert "a trial was spent" not in done.stdout


@pytest.mark.parametrize("name", ["study.log", "study.db"])
def test_a_folder_that_cannot_be_written_is_an_error(name):
    calls = []
    # Linux lets nobody make files there, not even root.
    with pytest.raises(OSError, match=r"cannot keep a study in .*choose a folder"):
        run(f"/sys/{name}", objective=calls.append)
    assert calls == []


def test_a_database_that_does_not_answer_is_an_error():
    with pytest.raises(OSError, match="check the address, and that the server runs"):
        run("sqlite:////no/such/folder/study.db", study_name="a")


def test_an_unfinished_record_is_removed_and_said(tmp_path):
    path = tmp_path / "study.log"
    run(path)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"op_code": 4, "worker')
    with pytest.warns(RuntimeWarning, match="unfinished record of 22 bytes"):
        study = run(path, n_trials=6)
    assert len(study.trials) == 6
    assert path.read_bytes().startswith(whole)


def test_an_unfinished_record_breaks_optuna_alone(tmp_path):
    # Why it is removed: Optuna appends to it and then reads the journal no more.
    path = tmp_path / "study.log"
    run(path)
    path.write_bytes(path.read_bytes() + b'{"op_code": 4, "worker')
    backend = optuna.storages.journal.JournalFileBackend(str(path))
    with pytest.raises((ValueError, AttributeError)):
        optuna.load_study(study_name="study", storage=JournalStorage(backend)).ask()


def orphan(storage, **changes):
    """Leave a running trial behind, as a killed process does."""
    study = run(storage, n_trials=1)
    with _claims.Claims(study, 2) as claims:
        trial_id = claims.take()
        claims.done(trial_id)
    owner = _claims.owner(study._storage.get_trial(trial_id)) | changes
    study._storage.set_trial_system_attr(trial_id, _claims.OWNER, json.dumps(owner))


FINISHED = subprocess.Popen([sys.executable, "-c", ""])
FINISHED.wait()


@pytest.mark.parametrize(
    "changes",
    [
        {},  # a search of this very process that ended
        {"pid": FINISHED.pid},  # another process of this machine that is gone
        {"host": "elsewhere", "time": 0},  # another machine, silent for long
        {"pid": 1, "time": 0},  # the number was given to another process since
    ],
)
def test_a_trial_of_a_dead_process_is_repeated(changes, tmp_path):
    orphan(tmp_path / "study.log", **changes)
    study = run(tmp_path / "study.log", n_trials=3)
    states = [trial.state for trial in study.trials]
    assert states == [TrialState.COMPLETE, TrialState.FAIL] + [TrialState.COMPLETE] * 2
    ordinals = [_claims.ordinal(trial) for trial in study.trials]
    assert ordinals == [0, 1, 1, 2]


def test_a_trial_of_a_living_machine_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(_claims, "GRACE", 2)
    orphan(tmp_path / "study.log", host="elsewhere", time=time.time())
    begin = time.monotonic()
    study = run(tmp_path / "study.log", n_trials=2)
    assert time.monotonic() - begin > 1  # waited: it might still have ended well
    assert [_claims.ordinal(trial) for trial in study.trials] == [0, 1, 1]


def test_a_running_trial_gives_signs_of_life(tmp_path, monkeypatch):
    monkeypatch.setattr(_claims, "INTERVAL", 0.05)
    begin = time.time()

    def objective(parameters):
        time.sleep(0.3)
        return 0.0

    study = run(tmp_path / "study.log", n_trials=1, objective=objective)
    beat = study.trials[0].system_attrs[_claims.BEAT]
    assert begin < beat <= time.time()


def test_a_trial_that_optuna_runs_is_left_alone(tmp_path):
    study = run(tmp_path / "study.log", n_trials=1)
    study.ask()
    study = run(tmp_path / "study.log", n_trials=3)
    states = [trial.state for trial in study.trials]
    assert states == [TrialState.COMPLETE, TrialState.RUNNING, TrialState.COMPLETE]


@pytest.mark.parametrize("name", ["a.log", "a.db"])
def test_a_study_stays_where_it_is_when_the_folder_changes(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = run(name)
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert len(study.get_trials()) == 4
    assert len(run(tmp_path / name, n_trials=6).trials) == 6


@pytest.mark.parametrize("name", ["q?uery=1.db", "p%20c.db"])
def test_paths_that_an_address_cannot_hold(name, tmp_path):
    with pytest.raises(ValueError, match="choose one without"):
        run(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("choice", [(16,), np.int64(3), len])
def test_choices_that_a_storage_does_not_keep(choice, tmp_path):
    with pytest.warns(UserWarning, match="for persistent storage"):  # Optuna's
        space = {"layers": CategoricalDistribution([None, choice])}
    calls = []
    with pytest.raises(ValueError, match="a storage does not keep as it is"):
        search.run(calls.append, space, n_trials=2, storage=tmp_path / "a.log")
    assert calls == []
