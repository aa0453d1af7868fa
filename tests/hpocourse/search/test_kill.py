"""A search that is killed again and again ends as if it had never been."""

import multiprocessing
import os
import random
import signal
import time
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from hpocourse import search
from hpocourse.search import _loop
from hpocourse.search._loop import is_lost
from hpocourse.search._samplers.ordinal import placed

from .conftest import sequence

pytestmark = pytest.mark.slow

KILLS = 25
SPACE = {
    "x": FloatDistribution(-10, 10),
    "rate": FloatDistribution(1e-4, 1, log=True),
}
# Children are forked from a server that has imported all that they need, so that
# a kill hits the search and not the interpreter's start.
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["hpocourse.search._run"])


def value(parameters):
    return -((parameters["x"] - 2) ** 2) - parameters["rate"]


def search_on(storage, n_trials, objective=value):
    return search.run(
        objective, SPACE, n_trials=n_trials, storage=storage, progress=False, seed=3
    )


def slow_search_on(storage, n_trials, begun):
    def slow(parameters):
        begun.set()
        time.sleep(0.004)
        return value(parameters)

    search_on(storage, n_trials, slow)


def start(storage, n_trials):
    begun = CHILDREN.Event()
    process = CHILDREN.Process(target=slow_search_on, args=(storage, n_trials, begun))
    process.start()
    return process, begun


@pytest.mark.parametrize(
    ("suffix", "n_trials", "longest"), [(".log", 200, 0.06), (".db", 90, 0.15)]
)
def test_killed_at_random_moments(suffix, n_trials, longest, tmp_path, record_property):
    storage = tmp_path / f"study{suffix}"
    moments = random.Random(5)
    for kill in range(KILLS):
        process, begun = start(storage, n_trials)
        if kill % 5:  # while it tries parameters
            assert begun.wait(60)
            time.sleep(moments.uniform(0, longest))
        else:  # while it opens the storage
            time.sleep(moments.uniform(0, 0.2))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
    resumed = search_on(storage, n_trials)
    whole = search_on(None, n_trials)
    assert sequence(resumed) == sequence(whole)
    lost = [t for t in resumed.trials if is_lost(t)]
    assert len(resumed.trials) == n_trials + len(lost)
    assert all(trial.state == TrialState.FAIL for trial in lost)
    assert len(lost) > KILLS / 5  # the kills did hit trials
    record_property(
        "summary",
        f"killed {KILLS} times on {suffix}: {len(lost)} trials lost and repeated, "
        f"{n_trials} completed, as without",
    )


@pytest.mark.parametrize("suffix", [".log", ".db"])
def test_a_second_search_of_a_file_is_refused(suffix, tmp_path):
    storage = tmp_path / f"study{suffix}"
    process, begun = start(storage, 60)
    assert begun.wait(60)
    with pytest.raises(BlockingIOError, match="one at a time"):
        search_on(storage, 60)
    process.join(120)
    assert process.exitcode == 0
    assert len(search_on(storage, 61).trials) == 61


def test_without_a_lock_two_searches_exceed_the_total():
    # Why a process claims its trial under a lock: both would take the last one.
    study = search.run(value, SPACE, n_trials=3, progress=False)
    first, second = (_loop.Claims(study, 4) for _ in range(2))
    seen = placed(first._trials())
    created = [claims._next(seen) for claims in (first, second)]
    assert len(set(created)) == 2
    assert len(study.trials) == 5


def note_and_wait(parameters, folder, seconds):
    (folder / str(os.getpid())).touch()
    time.sleep(seconds)
    return value(parameters)


def compare_on(storage, folder, seconds):
    return search.compare(
        partial(note_and_wait, folder=folder, seconds=seconds),
        SPACE,
        methods=["random"],
        n_trials=60,
        seeds=2,
        storage=storage,
        workers=2,
        progress=False,
    )


def living(pids):
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
def test_a_killed_comparison_leaves_no_worker_behind(tmp_path):
    storage, folder = tmp_path / "studies.db", tmp_path / "seen"
    folder.mkdir()
    # Its workers would go on for half a minute.
    process = CHILDREN.Process(target=compare_on, args=(storage, folder, 0.5))
    process.start()
    until = time.monotonic() + 60
    while len(pids := [path.name for path in folder.iterdir()]) < 2:
        assert time.monotonic() < until, "two workers did not begin"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    begin = time.monotonic()
    while living(pids) and time.monotonic() < begin + 15:
        time.sleep(0.05)
    assert living(pids) == []
    resumed = compare_on(storage, folder, 0)
    whole = compare_on(None, folder, 0)
    pd.testing.assert_frame_equal(resumed.frame, whole.frame)
