"""Studies in files: what opens, what is refused, and what a crash leaves."""

import errno
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import time

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.exceptions import StorageInternalError
from optuna.storages import InMemoryStorage, JournalStorage
from optuna.trial import TrialState

from hpocourse import search
from hpocourse.search import _loop, _optuna
from hpocourse.search._loop import is_lost
from hpocourse.search._samplers.ordinal import ordinal

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


def test_a_stale_lock_delays_at_most_two_seconds(tmp_path):
    path = tmp_path / "study.log"
    run(path)
    (tmp_path / "study.log.lock").touch()  # as a process killed while writing leaves it
    begin = time.monotonic()
    assert len(run(path, n_trials=5).trials) == 5
    assert time.monotonic() - begin < 3
    assert not (tmp_path / "study.log.lock").exists()


def test_a_stale_lock_of_optuna_alone_delays_longer(tmp_path):
    # Why it is removed: Optuna's own would wait for half a minute.
    path = tmp_path / "study.log"
    assert optuna.storages.journal.JournalFileOpenLock(str(path)).grace_period == 30


@pytest.mark.parametrize("name", ["study.log", "study.db"])
def test_a_file_belongs_to_one_search_at_a_time(name, tmp_path):
    path, calls = tmp_path / name, []

    def objective(parameters):
        with pytest.raises(BlockingIOError) as caught:
            run(path, objective=calls.append)
        assert "in use by another search" in str(caught.value)
        assert "give it workers= instead" in str(caught.value)
        assert "postgresql+psycopg://" in str(caught.value)
        return 0.0

    address = f"sqlite:///{path}" if name.endswith(".db") else path
    assert len(run(path, objective=objective).trials) == 4
    run(address, n_trials=5, study_name="study", objective=objective)
    assert calls == []


def test_a_process_that_the_objective_left_behind_does_not_keep_the_file(tmp_path):
    fork, left = multiprocessing.get_context("fork"), []

    def objective(parameters):
        left.append(fork.Process(target=time.sleep, args=(60,)))
        left[-1].start()
        return 0.0

    run(tmp_path / "study.log", n_trials=1, objective=objective)
    try:
        assert len(run(tmp_path / "study.log", n_trials=2).trials) == 2
    finally:
        for process in left:
            process.kill()
            process.join()


def test_a_file_system_without_locks_is_no_obstacle(tmp_path, monkeypatch):
    def fail(file, operation):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", fail)
    assert len(run(tmp_path / "study.log").trials) == 4


@pytest.mark.slow
def test_a_database_that_is_locked_for_a_while_costs_nothing(tmp_path):
    path = tmp_path / "study.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    unlock = threading.Timer(7, lambda: other.execute("ROLLBACK"))

    def objective(parameters):
        if not unlock.is_alive() and not unlock.finished.is_set():
            other.execute("BEGIN EXCLUSIVE")
            unlock.start()
        return parameters["x"]

    study = run(path, objective=objective)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 4


def test_a_database_of_optuna_alone_gives_up_after_five_seconds(tmp_path):
    # Why it is opened with more patience.
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'study.db'}")
    with storage.engine.connect() as connection:
        wait = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    ours = _optuna.database_of(search.open_storage(tmp_path / "study.db"))
    with ours.connect() as connection:
        patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    assert (wait, patience) == (5000, 60_000)


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


@pytest.fixture
def shared(monkeypatch):
    """Let files count as databases, which several machines share."""
    monkeypatch.setattr(_optuna, "file_of", lambda storage: None)


def orphan(storage, age=0.0):
    """Leave a running trial behind, as a killed process does."""
    study = run(storage, n_trials=1)
    claims = _loop.Claims(study, 2)
    trial_id = claims.take()
    beat = time.time() - age
    study._storage.set_trial_system_attr(trial_id, _loop.BEAT, beat)


@pytest.mark.parametrize("name", ["study.log", "study.db"])
def test_a_trial_of_a_dead_process_is_repeated(name, tmp_path):
    orphan(tmp_path / name)
    study = run(tmp_path / name, n_trials=3)
    states = [trial.state for trial in study.trials]
    assert states == [TrialState.COMPLETE, TrialState.FAIL] + [TrialState.COMPLETE] * 2
    assert [ordinal(trial) for trial in study.trials] == [0, 1, 1, 2]


def test_a_trial_of_a_silent_machine_is_repeated(tmp_path, shared):
    orphan(tmp_path / "study.db", age=_loop.GRACE + 1)
    study = run(tmp_path / "study.db", n_trials=3)
    assert [ordinal(trial) for trial in study.trials] == [0, 1, 1, 2]


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_database_opened_with_a_grace_period_keeps_to_it(tmp_path, shared):
    address = f"sqlite:///{tmp_path}/study.db"
    orphan(tmp_path / "study.db", age=6)
    options = {"heartbeat_interval": 1, "grace_period": 5}
    storage = optuna.storages.RDBStorage(address, **options)
    study = search.run(
        lambda parameters: 0.0,
        {"x": optuna.distributions.FloatDistribution(-10, 10)},
        n_trials=2,
        storage=storage,
        study_name="study",
        progress=False,
    )
    assert [ordinal(trial) for trial in study.trials] == [0, 1, 1]


@pytest.mark.slow
def test_a_trial_of_a_living_machine_is_left_alone(tmp_path, shared, monkeypatch):
    monkeypatch.setattr(_loop, "GRACE", 2)
    orphan(tmp_path / "study.db")
    begin = time.monotonic()
    study = run(tmp_path / "study.db", n_trials=2)
    assert time.monotonic() - begin > 1  # waited: it might still have ended well
    assert [ordinal(trial) for trial in study.trials] == [0, 1, 1]


def test_a_running_trial_gives_signs_of_life_after_an_error_too(
    tmp_path, shared, monkeypatch
):
    monkeypatch.setattr(_loop, "INTERVAL", 0.05)
    storage = search.open_storage(tmp_path / "study.db")
    set_attr, errors, beats = storage.set_trial_system_attr, [], []

    def fail_once(trial_id, key, value):
        if not errors:
            errors.append(key)
            raise StorageInternalError("database is locked")
        set_attr(trial_id, key, value)
        beats.append(value)

    monkeypatch.setattr(storage, "set_trial_system_attr", fail_once)

    def objective(parameters):
        until = time.monotonic() + 30
        while not beats and time.monotonic() < until:
            time.sleep(0.05)
        return 0.0

    study = run(storage, n_trials=1, objective=objective, study_name="a")
    assert errors == [_loop.BEAT]
    assert study.trials[0].system_attrs[_loop.BEAT] == beats[-1]


@pytest.mark.parametrize("moment", ["asking", "evaluating", "reporting"])
def test_a_process_that_was_asleep_goes_on_with_the_next(
    moment, tmp_path, shared, monkeypatch
):
    path, taken = tmp_path / "study.db", []

    def take_away(trial):
        """Do what another process does while this one is asleep."""
        taken.append(trial.number)
        claims = _loop.Claims(trial.study, 5)
        claims.lose(trial._trial_id)

    def objective(parameters, trial):
        if moment != "asking" and trial.number == 2:
            take_away(trial)
            if moment == "reporting":
                trial.report(1.0, 0)
        return parameters["x"]

    suggest = _optuna.suggest

    def slow(trial, *arguments):
        if moment == "asking" and trial.number == 2 and not taken:
            take_away(trial)
        return suggest(trial, *arguments)

    monkeypatch.setattr(_optuna, "suggest", slow)
    study = run(path, 5, objective, study_name="s", pass_trial=True, method="random")
    assert taken == [2]
    assert [ordinal(trial) for trial in study.trials] == [0, 1, 2, 2, 3, 4]
    assert [t.number for t in study.trials if is_lost(t)] == [2]
    whole = run(None, 5, method="random")
    kept = [t.params for t in study.trials if not is_lost(t)]
    assert kept == [t.params for t in whole.trials]


def test_a_trial_that_was_told_in_the_last_moment_is_not_lost(tmp_path):
    study = run(tmp_path / "study.db", n_trials=1)
    claims = _loop.Claims(study, 2)
    trial_id = claims.take()
    study._storage.set_trial_system_attr(trial_id, _loop.LOST, True)
    study.tell(1, 0.5)
    assert not is_lost(study.trials[1])
    assert len(run(tmp_path / "study.db", n_trials=2).trials) == 2


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
    with pytest.raises(ValueError, match=r"a path without \? and %"):
        run(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("choice", [(16,), np.int64(3), len])
def test_choices_that_a_storage_does_not_keep(choice, tmp_path):
    with pytest.warns(UserWarning, match="for persistent storage"):  # Optuna's
        space = {"layers": CategoricalDistribution([None, choice])}
    calls = []
    with pytest.raises(TypeError, match="which a storage keeps as it is, got"):
        search.run(calls.append, space, n_trials=2, storage=tmp_path / "a.log")
    assert calls == []
