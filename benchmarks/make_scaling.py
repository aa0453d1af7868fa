"""Measure what the chapter on scaling out shows, and keep it with the package.

Run ``python benchmarks/make_scaling.py [NAME …]``; without a name, all of them, in
about a quarter of an hour. Each name is a file of ``hpocourse/measurements``. Times
depend on the machine: the trials sleep, so that other work on it disturbs them little.
Those of ``speed`` also compute: give them a quiet machine. What is kept of them was
measured on two cores on which nothing else ran, twice; readers take the better one. It
needs a PostgreSQL server's programs, psycopg and grpcio.
"""

import argparse
import heapq
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from concurrent.futures import (
    FIRST_COMPLETED,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import suppress
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import cloudpickle
import numpy as np
import optuna
import pandas as pd
from optuna.distributions import FloatDistribution
from optuna.samplers import RandomSampler, TPESampler
from optuna.storages import (
    GrpcStorageProxy,
    RDBStorage,
    RetryHeartbeatStaleTrialCallback,
    run_grpc_proxy_server,
)
from optuna.study import MaxTrialsCallback
from optuna.trial import TrialState
from threadpoolctl import threadpool_limits

from hpocourse import load_search_table, search
from hpocourse._measurements import MEASUREMENTS
from hpocourse.search._samplers.ordinal import ordinal
from tools.server import postgresql

SPACE = {"x": FloatDistribution(-10, 10)}
RUN = "import pickle, sys; pickle.load(sys.stdin.buffer)()"
#: Seconds of a trial, and how many of them.
SPEED = {0.01: 60, 0.2: 12, 2.0: 4}
WAYS = ("threads", "processes")
#: What a step of NumPy multiplies: about a millisecond on one thread.
MATRIX = np.random.default_rng(0).normal(size=(300, 300))
#: Seconds for which empty trials are counted.
WINDOW = 6.0
KILLED_TRIALS = 24
#: Simulated workers, and whether pending trials count as bad ones.
ARMS = ((1, "on"), (8, "on"), (8, "off"), (24, "on"), (8, "random"))


def start(function, *arguments, **options):
    """Start a Python of its own that calls a function, as another machine would."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN], stdin=subprocess.PIPE, **options
    )
    process.stdin.write(cloudpickle.dumps(partial(function, *arguments)))
    process.stdin.close()
    return process


def forked(function, *arguments):
    """Start a copy of this process that calls a function, which begins at once."""
    process = get_context("fork").Process(target=function, args=arguments)
    process.start()
    return process


def python_step():
    """Compute for about half a millisecond in a loop, which holds the interpreter."""
    total = 0
    for number in range(10_000):
        total += number
    return total


def numpy_step():
    """Multiply two matrices: NumPy releases the interpreter meanwhile."""
    return MATRIX @ MATRIX


def repeated(step, a_second, seconds):
    """Take as many steps as one thread alone takes in these seconds."""
    for _ in range(round(seconds * a_second)):
        step()


def working(step):
    """Return a function that computes for so many seconds of one thread alone."""
    began, count = time.thread_time(), 0  # its own second, whatever else runs
    while time.thread_time() - began < 1:
        step()
        count += 1
    return partial(repeated, step, count)


def took(work, way, workers, n_trials):
    """Return the seconds of a search whose workers have all started before."""
    if way == "threads":

        def objective(trial):
            work()
            return trial.suggest_float("x", -10, 10) ** 2

        study = optuna.create_study(sampler=TPESampler(seed=0))
        began = time.perf_counter()
        study.optimize(objective, n_trials, n_jobs=workers)
        return time.perf_counter() - began

    def computes(parameters):
        work()
        return parameters["x"] ** 2

    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        pool.submit(int).result()  # forks all of them
        began = time.perf_counter()
        search.run(
            computes,
            SPACE,
            n_trials=n_trials,
            workers=workers,
            executor=pool,
            direction="minimize",
            progress=False,
        )
        return time.perf_counter() - began


def speed(repeats=2, trials=SPEED):
    """Time searches of trials that sleep or compute, with several workers."""
    rows = []
    with threadpool_limits(1):  # a trial has one thread of its own
        works = {
            "waits": time.sleep,
            "python": working(python_step),
            "numpy": working(numpy_step),
        }
        cases = product(range(repeats), works, trials, (1, 2, 4), WAYS)
        for repeat, work, seconds, workers, way in cases:
            n_trials = trials[seconds]
            time_taken = took(partial(works[work], seconds), way, workers, n_trials)
            row = [work, seconds, way, workers, n_trials, repeat]
            rows.append([*row, round(time_taken, 3)])
    columns = ["work", "trial_seconds", "way", "workers", "trials", "repeat", "seconds"]
    return pd.DataFrame(rows, columns=columns)


def waits(parameters):
    """Sleep longer where the value is worse, and return the value."""
    time.sleep(0.05 + abs(parameters["x"]) / 100)
    return (parameters["x"] - 2) ** 2


def optimizes(storage, name, n_trials, seed):
    """Run a share of a study that others run, too."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.load_study(
        storage=search.open_storage(storage),
        study_name=name,
        sampler=TPESampler(seed=seed),
    )
    study.optimize(
        lambda trial: waits({"x": trial.suggest_float("x", -10, 10)}), n_trials
    )


def ways(repeats=4, n_trials=14):
    """Search with two workers in several ways, again and again with the same seed."""
    rows = []
    with postgresql() as address, tempfile.TemporaryDirectory() as folder:

        def apart(storage, name):
            opened = search.open_storage(storage)
            study = optuna.create_study(storage=opened, study_name=name)
            args = [(storage, name, n_trials // 2, seed) for seed in (0, 1)]
            for process in [forked(optimizes, *each) for each in args]:
                process.join()
            return study

        def ours(method, workers):
            return search.run(
                waits,
                SPACE,
                method=method,
                n_trials=n_trials,
                workers=workers,
                direction="minimize",
                progress=False,
            )

        def threads():
            study = optuna.create_study(sampler=TPESampler(seed=0))
            study.optimize(
                lambda trial: waits({"x": trial.suggest_float("x", -10, 10)}),
                n_trials,
                n_jobs=2,
            )
            return study

        for repeat in range(repeats):
            named = {
                "one worker": lambda: ours("tpe", 1),
                "threads": threads,
                "processes": lambda: ours("tpe", 2),
                "journal": lambda r=repeat: apart(f"{folder}/{r}.log", "study"),
                "postgresql": lambda r=repeat: apart(address, f"study {r}"),
                "processes, random": lambda: ours("random", 2),
            }
            for way, function in named.items():
                began = time.perf_counter()
                study = function()
                took = round(time.perf_counter() - began, 2)
                for trial in study.trials:
                    rows.append([way, repeat, took, trial.number, trial.params["x"]])
    columns = ["way", "repeat", "seconds", "number", "x"]
    return pd.DataFrame(rows, columns=columns)


def machine(address, host, n_trials, seconds):
    """Take part in a study, as one of several machines."""
    warnings.simplefilter("ignore")  # the heartbeat is experimental
    storage = RDBStorage(address, heartbeat_interval=1, grace_period=4)

    def objective(parameters, trial):
        trial.set_user_attr("host", host)
        time.sleep(seconds)
        return (parameters["x"] - 2) ** 2

    search.run(
        objective,
        SPACE,
        n_trials=n_trials,
        direction="minimize",
        storage=storage,
        study_name="shared",
        pass_trial=True,
        progress=False,
    )


def until(condition):
    """Wait for what must happen."""
    while True:
        with suppress(KeyError):
            if condition():
                return
        time.sleep(0.1)


def shared(address, name="shared"):
    """Return the trials of a shared study so far."""
    return optuna.load_study(study_name=name, storage=address).trials


def killed():
    """Run three machines on a PostgreSQL server, and kill one of them."""
    hosts = {"first": 0.5, "second": 0.5, "doomed": 2.0}
    with postgresql() as address:
        started = {
            host: start(machine, address, host, KILLED_TRIALS, seconds)
            for host, seconds in hosts.items()
        }

        def began():
            seen = [t.user_attrs.get("host") for t in shared(address)]
            return seen.count("doomed") > 1 and {*hosts} <= {*seen}

        until(began)
        started["doomed"].kill()
        for process in started.values():
            process.wait()
        trials = shared(address)
    zero = min(t.datetime_start for t in trials)
    columns = ["number", "ordinal", "state", "host", "x", "value", "begin", "end"]
    rows = [
        [
            t.number,
            ordinal(t),
            t.state.name,
            t.user_attrs["host"],
            t.params["x"],
            t.value,
            round((t.datetime_start - zero).total_seconds(), 2),
            round((t.datetime_complete - zero).total_seconds(), 2),
        ]
        for t in trials
    ]
    return pd.DataFrame(rows, columns=columns)


def native(address, name, host, n_trials, seconds):
    """Take part in a study by Optuna's own means, as its manual says."""
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = RDBStorage(
        address,
        heartbeat_interval=1,
        grace_period=4,
        failed_trial_callback=RetryHeartbeatStaleTrialCallback(),
    )
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        load_if_exists=True,
        sampler=RandomSampler(),
    )

    def objective(trial):
        trial.set_user_attr("host", host)
        time.sleep(seconds)
        return trial.suggest_float("x", -10, 10) ** 2

    states = (TrialState.COMPLETE,)
    study.optimize(objective, callbacks=[MaxTrialsCallback(n_trials, states)])


def retries(repeats=5):
    """Count what Optuna's own retries leave when one of three machines is killed."""
    rows = []
    with postgresql() as address:
        for repeat in range(repeats):
            name = f"native {repeat}"
            optuna.create_study(storage=address, study_name=name)
            hosts = {"first": 0.5, "second": 0.5, "doomed": 2.0}
            started = {
                host: start(native, address, name, host, KILLED_TRIALS, seconds)
                for host, seconds in hosts.items()
            }

            def began(name=name, hosts=hosts):
                seen = [t.user_attrs.get("host") for t in shared(address, name)]
                return {*hosts} <= {*seen}

            until(began)
            time.sleep(0.5)
            started["doomed"].kill()
            for process in started.values():
                process.wait()
            states = [t.state.name for t in shared(address, name)]
            names = ("COMPLETE", "FAIL", "RUNNING")
            rows.append([repeat, *(states.count(state) for state in names)])
    return pd.DataFrame(rows, columns=["repeat", "complete", "failed", "running"])


def timeline(workers=4, n_trials=24):
    """Time trials, some of them slow, in batches and one after the other."""
    random = np.random.default_rng(0)
    lengths = np.where(random.random(n_trials) < 1 / 6, 1.5, 0.3)
    lengths *= random.uniform(0.8, 1.2, n_trials)
    rows = []
    for way in ("batches", "at once"):
        zero = time.perf_counter()
        free = list(range(workers))

        def work(trial, free=free, zero=zero, way=way):
            slot = free.pop()
            began = time.perf_counter() - zero
            time.sleep(lengths[trial])
            ended = time.perf_counter() - zero
            free.append(slot)
            rows.append([way, slot, trial, round(began, 3), round(ended, 3)])

        with ThreadPoolExecutor(workers) as pool:
            running = set()
            for trial in range(n_trials):
                if len(running) == workers:
                    when = "ALL_COMPLETED" if way == "batches" else FIRST_COMPLETED
                    running = wait(running, return_when=when).not_done
                running.add(pool.submit(work, trial))
    return pd.DataFrame(rows, columns=["way", "slot", "trial", "begin", "end"])


def simulate(table, workers, liar, seed, n_trials):
    """Search a table by several workers whose trials last differently long."""
    sampler = TPESampler(seed=seed, constant_liar=liar == "on")
    if liar == "random":
        sampler = RandomSampler(seed=seed)
    study = optuna.create_study(direction=table.direction, sampler=sampler)
    random = np.random.default_rng(seed)
    running, clock, told = [], 0.0, []
    for number in range(n_trials + workers):
        if len(running) == workers or number >= n_trials:
            clock, _, trial = heapq.heappop(running)
            value = table(trial.params, seed=seed)
            study.tell(trial, value)
            told.append((clock, table.sign * value, table.regret(trial.params)))
        if number < n_trials:
            trial = study.ask(table.space)
            end = clock + random.lognormal(-0.125, 0.5)  # one unit in the mean
            heapq.heappush(running, (end, number, trial))
    return told


def pending(n_seeds=30, n_trials=48):
    """Search a table of real trainings with one, eight and 24 workers."""
    warnings.simplefilter("ignore")  # constant_liar is experimental
    rows = []
    table = load_search_table("svr_wave")
    for workers, liar in ARMS:
        for seed in range(n_seeds):
            told = simulate(table, workers, liar, seed, n_trials)
            for k in range(4, n_trials + 1, 4):
                regret = max(told[:k], key=lambda row: row[1])[2]
                row = [workers, liar, seed, k, round(told[k - 1][0], 2)]
                rows.append([*row, round(regret, 4)])
    columns = ["workers", "liar", "seed", "trials", "clock", "regret"]
    return pd.DataFrame(rows, columns=columns)


def opens(storage):
    """Open a storage; a number is the port of a proxy."""
    if isinstance(storage, int):
        proxy = GrpcStorageProxy(host="127.0.0.1", port=storage)
        proxy.wait_server_ready(timeout=60)
        return proxy
    return search.open_storage(storage)


def counts(storage, ends):
    """Note when each empty trial of one process ends, for some time."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(
        storage=opens(storage), study_name="study", sampler=RandomSampler()
    )
    began, told = time.time(), []
    while time.time() - began < WINDOW:
        study.tell(study.ask(SPACE), 0.0)
        told.append(time.time())
    ends.put(told)


def throughput():
    """Count empty trials in the best second of several, in several storages."""
    rows = []
    for kind in ("sqlite", "journal", "postgresql", "grpc"):
        for processes in (1, 2, 4):
            with postgresql() as address, tempfile.TemporaryDirectory() as folder:
                where = {"sqlite": f"{folder}/a.db", "journal": f"{folder}/a.log"}
                storage = where.get(kind, address)
                proxy = None
                if kind == "grpc":
                    with socket.socket() as probe:
                        probe.bind(("127.0.0.1", 0))
                        storage = probe.getsockname()[1]
                    proxy = start(serve_proxy, address, storage)
                optuna.create_study(storage=opens(storage), study_name="study")
                ends = get_context("fork").Queue()
                work = [forked(counts, storage, ends) for _ in range(processes)]
                told = np.sort(np.concatenate([ends.get() for _ in work]))
                for process in work:
                    process.join()
                if proxy is not None:
                    proxy.kill()
                    proxy.wait()
                best = max(np.searchsorted(told, told + 1) - np.arange(len(told)))
                rows.append([kind, processes, int(best)])
                print(*rows[-1], flush=True)
    return pd.DataFrame(rows, columns=["storage", "processes", "trials_a_second"])


def serve_proxy(address, port):
    """Serve a database to many workers through one process."""
    run_grpc_proxy_server(search.open_storage(address), host="127.0.0.1", port=port)


MAKERS = {
    "speed": speed,
    "ways": ways,
    "killed": killed,
    "retries": retries,
    "timeline": timeline,
    "pending": pending,
    "throughput": throughput,
}


def main():
    """Measure what is named, and write it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *MAKERS], default=[])
    names = parser.parse_args().names or list(MAKERS)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    for name in names:
        frame = MAKERS[name]()
        frame.to_csv(MEASUREMENTS / f"{name}.csv", index=False)
        print(f"{name}: {len(frame)} rows; {threading.active_count()} threads")


if __name__ == "__main__":
    main()
