"""The same call on several machines: a real PostgreSQL server, a real Dask cluster.

The server is started by the code of the chapter on scaling out.
"""

import os
import signal
import subprocess
import sys
import time

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from hpocourse import search
from hpocourse.search._loop import is_lost
from hpocourse.search._samplers.ordinal import ordinal

X = {"x": FloatDistribution(-10, 10)}
N_TRIALS = 40

# A machine: a process whose search says when it has begun a trial.
MACHINE = """
import sys, time
from hpocourse import search
from hpocourse.search import _loop
from optuna.distributions import FloatDistribution

address, name, host, n_trials = *sys.argv[1:4], int(sys.argv[4])
_loop.INTERVAL, _loop.GRACE = 0.5, 3

def objective(parameters, trial):
    trial.set_user_attr("host", host)
    print("trial", flush=True)
    time.sleep({"doomed": 30, "sleeper": 2}.get(host, 0.2))
    return parameters["x"]

study = search.run(objective, {"x": FloatDistribution(-10, 10)}, storage=address,
                   study_name=name, n_trials=n_trials, pass_trial=True, progress=False)
print(len(study.trials), flush=True)
"""


def machine(address, name, host, n_trials=N_TRIALS):
    return subprocess.Popen(
        [sys.executable, "-c", MACHINE, address, name, host, str(n_trials)],
        stdout=subprocess.PIPE,
        text=True,
    )


def check_that_nothing_is_lost_or_doubled(address, name, host):
    study = optuna.load_study(study_name=name, storage=address)
    assert [trial.number for trial in study.trials] == list(range(N_TRIALS + 1))
    (lost,) = (t for t in study.trials if is_lost(t))
    kept = [t for t in study.trials if not is_lost(t)]
    assert lost.user_attrs["host"] == host
    assert sorted(ordinal(t) for t in kept) == list(range(N_TRIALS))
    assert {t.state for t in kept} == {TrialState.COMPLETE}
    assert {t.user_attrs["host"] for t in kept} >= {"first", "second"}
    (again,) = (t for t in kept if ordinal(t) == ordinal(lost))
    assert again.params == lost.params


@pytest.mark.needs("postgresql")
def test_three_machines_one_of_which_is_killed(postgresql):
    doomed = machine(postgresql, "killed", "doomed")
    assert doomed.stdout.readline() == "trial\n"
    others = [machine(postgresql, "killed", host) for host in ("first", "second")]
    for other in others:
        assert other.stdout.readline() == "trial\n"
    doomed.kill()
    doomed.wait()
    for other in others:
        assert other.wait(120) == 0
    check_that_nothing_is_lost_or_doubled(postgresql, "killed", "doomed")


@pytest.mark.needs("postgresql")
def test_three_machines_one_of_which_falls_asleep(postgresql):
    sleeper = machine(postgresql, "asleep", "sleeper")
    assert sleeper.stdout.readline() == "trial\n"
    sleeper.send_signal(signal.SIGSTOP)
    others = [machine(postgresql, "asleep", host) for host in ("first", "second")]
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            study = optuna.load_study(study_name="asleep", storage=postgresql)
            if any(is_lost(t) for t in study.trials):
                break
        except KeyError:
            pass
        time.sleep(0.2)
    sleeper.send_signal(signal.SIGCONT)
    for each in [sleeper, *others]:
        assert each.wait(120) == 0
    check_that_nothing_is_lost_or_doubled(postgresql, "asleep", "sleeper")


@pytest.mark.needs("postgresql")
def test_workers_share_a_database(postgresql):
    study = search.run(
        lambda trial: trial.suggest_float("x", -10, 10),
        storage=postgresql,
        study_name="workers",
        workers=2,
        n_trials=8,
        progress=False,
    )
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 8
    again = search.run(
        lambda trial: 0.0,
        storage=postgresql,
        study_name="workers",
        n_trials=8,
        progress=False,
    )
    assert [t.value for t in again.trials] == [t.value for t in study.trials]


@pytest.mark.needs("postgresql")
def test_a_server_that_does_not_answer_is_an_error(postgresql):
    address = postgresql.replace(postgresql.rpartition(":")[2].partition("/")[0], "1")
    with pytest.raises(OSError, match="check the address, and that the server runs"):
        search.run(
            lambda parameters: 0.0, X, n_trials=1, storage=address, study_name="none"
        )


@pytest.fixture(scope="module")
def dask_client():
    import dask
    from distributed import Client, LocalCluster

    with (
        dask.config.set({"distributed.worker.daemon": False}),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def test_a_dask_cluster_of_two_processes(dask_client):
    def objective(parameters):
        time.sleep(0.1)
        return float(os.getpid())

    study = search.run(
        objective,
        X,
        n_trials=12,
        workers=2,
        executor=dask_client.get_executor(),
        progress=False,
    )
    pids = {trial.value for trial in study.trials}
    assert len(pids) == 2
    assert os.getpid() not in pids
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 12


def test_pruning_on_a_dask_cluster(dask_client, tmp_path):
    def objective(trial):
        trial.report(trial.suggest_float("x", -10, 10), 0)
        if trial.should_prune():
            raise optuna.TrialPruned
        return trial.params["x"]

    study = search.run(
        objective,
        n_trials=12,
        workers=2,
        executor=dask_client.get_executor(),
        pruner=optuna.pruners.ThresholdPruner(lower=0),
        storage=tmp_path / "study.log",
        progress=False,
    )
    assert {t.state for t in study.trials} == {TrialState.COMPLETE, TrialState.PRUNED}
    assert all(
        (t.params["x"] < 0) == (t.state == TrialState.PRUNED) for t in study.trials
    )


def test_a_dask_worker_that_dies_costs_its_trial_only(dask_client, tmp_path):
    def objective(parameters):
        mark = tmp_path / "died"
        if parameters["x"] > 0 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return parameters["x"]

    study = search.run(
        objective,
        X,
        n_trials=10,
        workers=2,
        executor=dask_client.get_executor(retries=0),
        progress=False,
    )
    assert (tmp_path / "died").exists()
    kept = [t for t in study.trials if not is_lost(t)]
    assert sorted(ordinal(t) for t in kept) == list(range(10))
    assert {t.state for t in kept} == {TrialState.COMPLETE}
