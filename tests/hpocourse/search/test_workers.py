"""Several trials at once: in processes, on executors, with a shared storage."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from hpocourse import search, set_language
from hpocourse.search._loop import is_lost
from hpocourse.search._samplers.ordinal import ordinal

X = {"x": FloatDistribution(-10, 10)}
THREADS = "OMP_NUM_THREADS"


def run(objective, space=X, n_trials=8, workers=2, **options):
    return search.run(
        objective, space, n_trials=n_trials, workers=workers, progress=False, **options
    )


def test_workers_are_processes_with_a_share_of_the_cores():
    # Defined here, as in a notebook: no module that a worker could import.
    scale = 3

    def objective(parameters):
        time.sleep(0.05)
        return scale * os.getpid() + int(os.environ[THREADS]) / 1000

    study = run(objective)
    values = [trial.value for trial in study.trials]
    pids = {int(value) // scale for value in values}
    assert len(pids) == 2
    assert os.getpid() not in pids
    share = max(1, len(os.sched_getaffinity(0)) // 2)
    assert {round(1000 * (value % 1)) for value in values} == {share}


def test_workers_speak_the_notebook_s_language():
    def objective(parameters):
        from hpocourse.languages import get_language

        return {"pt": 1, "es": 2, "ru": 3}[get_language().folder]

    set_language("ru")
    assert {t.value for t in run(objective, n_trials=2).trials} == {3}


def test_parameters_are_asked_for_in_the_parent():
    study = run(lambda parameters: -((parameters["x"] - 2) ** 2), n_trials=30)
    assert [trial.number for trial in study.trials] == list(range(30))
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}
    assert abs(study.best_params["x"] - 2) < 2


@pytest.mark.filterwarnings("ignore:.* trials failed:RuntimeWarning")
def test_failures_travel_back():
    def objective(parameters):
        if parameters["x"] < 0:
            raise ValueError("below zero")
        return 1.0

    study = run(objective, n_trials=12)
    for trial in study.trials:
        failed = trial.params["x"] < 0
        assert trial.state == (TrialState.FAIL if failed else TrialState.COMPLETE)
        if failed:
            assert trial.user_attrs["failure"] == "ValueError: below zero"
            assert 'raise ValueError("below zero")' in trial.user_attrs["traceback"]


def die_once(folder):
    """Return an objective that kills its process the first time at x > 0."""

    def objective(parameters):
        mark = folder / "died"
        if parameters["x"] > 0 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)
        return parameters["x"]

    return objective


def test_a_worker_that_dies_costs_its_trial_only_which_is_repeated(tmp_path):
    study = run(die_once(tmp_path), n_trials=10)
    lost = [t for t in study.trials if is_lost(t)]
    kept = [t for t in study.trials if not is_lost(t)]
    assert len(lost) == 1
    assert sorted(ordinal(t) for t in kept) == list(range(10))
    assert {t.state for t in kept} == {TrialState.COMPLETE}
    (again,) = (t for t in kept if ordinal(t) == ordinal(lost[0]))
    assert again.params == lost[0].params


@pytest.mark.filterwarnings("ignore:.* trials failed:RuntimeWarning")
@pytest.mark.slow
def test_a_trial_that_kills_every_worker_fails_with_the_reason():
    def objective(parameters):
        if parameters["x"] > 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return parameters["x"]

    study = run(objective, n_trials=10, method="random", seed=1)
    deadly = [t for t in study.trials if t.params["x"] > 5]
    fatal = [t for t in deadly if "failure" in t.user_attrs]
    assert deadly
    assert len(deadly) == 2 * len(fatal)  # tried twice each
    assert all("died twice" in t.user_attrs["failure"] for t in fatal)
    assert len(study.trials) == 10 + len(fatal)


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor(executor):
    with executor(2) as pool:
        study = run(lambda p: -((p["x"] - 2) ** 2), executor=pool, n_trials=10)
        assert pool.submit(int, "3").result() == 3  # it stays open
    assert [t.state for t in study.trials] == [TrialState.COMPLETE] * 10


def define_by_run(trial):
    for step in range(3):
        trial.report(trial.suggest_float("x", -10, 10), step)
        if trial.should_prune():
            raise optuna.TrialPruned
    trial.set_user_attr("pid", os.getpid())
    return trial.params["x"]


@pytest.mark.parametrize(
    "name", ["study.log", pytest.param("study.db", marks=pytest.mark.slow)]
)
def test_workers_share_the_storage_so_that_reports_and_pruning_work(name, tmp_path):
    objective = define_by_run  # by value: workers cannot import this module
    objective = type(objective)(
        objective.__code__, {"optuna": optuna, "os": os}, objective.__name__
    )
    study = run(
        objective,
        None,
        n_trials=12,
        storage=tmp_path / name,
        pruner=optuna.pruners.ThresholdPruner(lower=0),
    )
    assert [trial.number for trial in study.trials] == list(range(12))
    for trial in study.trials:
        if trial.params["x"] < 0:
            assert trial.state == TrialState.PRUNED
            assert trial.intermediate_values == {0: trial.params["x"]}
        else:
            assert trial.state == TrialState.COMPLETE
            assert trial.user_attrs["pid"] != os.getpid()
            assert len(trial.intermediate_values) == 3


@pytest.mark.parametrize("options", [{"pass_trial": True}, {"space": None}])
def test_workers_cannot_reach_a_study_in_memory(options):
    with pytest.raises(ValueError, match=r'pass storage="study\.log"'):
        run(lambda *arguments: 0.0, **options)


def test_parameters_and_trial_both_travel(tmp_path):
    def objective(parameters, trial):
        trial.set_user_attr("seen", parameters["x"])
        return trial.params["x"]

    study = run(objective, pass_trial=True, storage=tmp_path / "study.log")
    assert all(t.user_attrs["seen"] == t.value == t.params["x"] for t in study.trials)


def test_what_cannot_travel_is_refused_before_the_first_trial(tmp_path):
    with (
        (tmp_path / "file").open("w") as file,
        pytest.raises(TypeError, match="travel"),
    ):
        run(lambda parameters: file.write("1"))


def test_workers_end_with_the_search():
    def objective(parameters):
        return float(os.getpid())

    study = run(objective, n_trials=4)
    deadline = time.monotonic() + 10
    for pid in {int(trial.value) for trial in study.trials}:
        while time.monotonic() < deadline:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        else:
            pytest.fail(f"process {pid} still runs")


@pytest.mark.slow
def test_an_interruption_leaves_nothing_running(tmp_path):
    class Interruption(BaseException):
        pass

    def interrupt(study, trial):
        raise Interruption

    storage = tmp_path / "study.log"

    def objective(parameters):
        time.sleep(0.05)
        return 0.0

    with pytest.raises(Interruption):
        run(objective, storage=storage, callbacks=[interrupt])
    study = run(objective, storage=storage)
    kept = [t for t in study.trials if not is_lost(t)]
    assert sorted(ordinal(t) for t in kept) == list(range(8))
    assert {t.state for t in kept} == {TrialState.COMPLETE}


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_objective_can_end_the_search(workers, tmp_path):
    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        if trial.number == 2:
            trial.study.stop()
        return x

    storage = tmp_path / "study.log"
    study = run(objective, space=None, n_trials=40, workers=workers, storage=storage)
    assert 3 <= len(study.trials) < 10
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}


def test_a_search_that_only_fails_shows_where_in_the_worker():
    def objective(parameters):
        return parameters["y"]

    with pytest.raises(search.SearchError, match="KeyError: 'y'") as caught:
        run(objective)
    assert 'return parameters["y"]' in caught.value.__notes__[0]


KILLED = """
import os, sys, time
from hpocourse import search
from optuna.distributions import FloatDistribution

def objective(parameters):
    print(os.getpid(), flush=True)
    time.sleep(60)

search.run(objective, {"x": FloatDistribution(0, 1)}, n_trials=4, workers=2,
           progress=False)
"""


@pytest.mark.parametrize(
    "sent", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)]
)
def test_workers_end_when_their_search_is_killed(sent):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True
    )
    pids = {int(process.stdout.readline()) for _ in range(2)}
    process.send_signal(sent)
    process.wait(30)
    deadline = time.monotonic() + 30
    left = {pid for pid in pids if is_running(pid)}
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = {pid for pid in left if is_running(pid)}
    assert len(pids) == 2
    assert left == set()


def is_running(pid):
    """Tell whether a process is there, and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_worker_whose_search_is_gone_already_ends():
    # It was killed while its worker started.
    code = (
        "import time; from hpocourse.search import _workers\n"
        "_workers._begin(b'', 2**31); time.sleep(60)"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=50)
    assert done.returncode == 1
