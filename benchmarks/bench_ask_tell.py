"""Compare what asking and telling costs here with the libraries' own loops.

Run ``python benchmarks/bench_ask_tell.py``. It ends with status 1 if the ratio of
the medians misses a goal.

``"tpe"`` and ``"hyperopt"`` run whole searches of 10, 100 and 500 trials. bayes_opt
takes a second for each trial of a mixed space, so there a trial is asked for and told
at ten lengths of the past, from 5 to 95 trials, the same past for both sides.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import math
import statistics
import sys
import time
import warnings

import hyperopt
import numpy as np
import optuna
from bayes_opt import BayesianOptimization
from hyperopt import hp
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from hpocourse import search
from hpocourse.search import BayesOptSampler

REPEATS = 5
TRIALS = (10, 100, 500)
LENGTHS = range(5, 105, 10)
GOALS = {"tpe": 1.3, "hyperopt": 2.0, "bayes, floats": 1.2, "bayes, mixed": 0.5}

FLOATS = {name: FloatDistribution(-5, 5) for name in "abcd"}
HYPEROPT_FLOATS = {name: hp.uniform(name, -5, 5) for name in "abcd"}
BAYES_FLOATS = {name: (-5, 5) for name in "abcd"}
MIXED = {
    "a": FloatDistribution(-5, 5),
    "b": FloatDistribution(1e-5, 1, log=True),
    "c": IntDistribution(1, 8),
    "d": IntDistribution(8, 64),
    "e": CategoricalDistribution(["relu", "tanh", "silu"]),
    "f": CategoricalDistribution(["sgd", "adam"]),
}
BAYES_MIXED = {
    "a": (-5, 5),
    "b": (1e-5, 1),
    "c": (1, 8, int),
    "d": (8, 64, int),
    "e": ["relu", "tanh", "silu"],
    "f": ["sgd", "adam"],
}


def loss(parameters):
    """Return a smooth loss of any parameters, which takes next to no time."""
    return sum(
        len(value) / 5 if isinstance(value, str) else (math.atan(value) - 0.5) ** 2
        for value in parameters.values()
    )


def ours(method, n_trials, seed):
    """Search with `search.run`."""
    search.run(
        loss,
        FLOATS,
        method=method,
        n_trials=n_trials,
        seed=seed,
        direction="minimize",
        progress=False,
    )


def optuna_loop(n_trials, seed):
    """Search with Optuna's TPE, as its users do."""

    def objective(trial):
        return loss({name: trial.suggest_float(name, -5, 5) for name in FLOATS})

    sampler = optuna.samplers.TPESampler(seed=seed)
    optuna.create_study(sampler=sampler).optimize(objective, n_trials=n_trials)


def hyperopt_loop(n_trials, seed):
    """Search with hyperopt's TPE, as its users do."""
    hyperopt.fmin(
        loss,
        HYPEROPT_FLOATS,
        algo=hyperopt.tpe.suggest,
        max_evals=n_trials,
        rstate=np.random.default_rng(seed),
        show_progressbar=False,
        verbose=False,
    )


def seconds(function, *arguments):
    """Return how long a call takes."""
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def past_of(space, seed):
    """Return the trials of a search that bayes_opt's Gaussian process led."""
    study = optuna.create_study(sampler=BayesOptSampler(seed=seed))
    for _ in range(max(LENGTHS)):
        trial = study.ask(space)
        study.tell(trial, loss(trial.params))
    return study.trials


def our_trials(space, past, seed):
    """Return how long the sampler takes at all lengths of the past, in seconds."""
    total = 0.0
    for length in LENGTHS:
        study = optuna.create_study(sampler=BayesOptSampler(seed=seed))
        study.add_trials(past[:length])
        start = time.process_time()
        trial = study.ask(space)
        study.tell(trial, loss(trial.params))
        total += time.process_time() - start
    return total


def bayes_opt_trials(space, past, seed):
    """Return how long bayes_opt takes at all lengths of the past, in seconds."""
    total = 0.0
    for length in LENGTHS:
        optimizer = BayesianOptimization(None, space, random_state=seed, verbose=0)
        for trial in past[:length]:
            optimizer.space.register(trial.params, -trial.value)
        start = time.process_time()
        parameters = optimizer.suggest()
        optimizer.register(parameters, -loss(parameters))
        total += time.process_time() - start
    return total


def report(name, goal, n_trials, times):
    """Print a line of the table; return whether the goal is met."""
    one, other = (
        1000 / n_trials * statistics.median(t) for t in zip(*times, strict=True)
    )
    verdict = "met" if one / other <= goal else "MISSED"
    print(
        f"{name:<16}{one:10.2f}{other:10.2f}{one / other:8.2f}{goal:8.1f}  {verdict}",
        flush=True,
    )
    return one / other <= goal


def main():
    """Print a table of ratios; return the exit status."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # bayes_opt says at each space with integers or categories that they are new.
    warnings.filterwarnings("ignore", message="Non-float parameters are experimental")
    print("milliseconds of processor time a trial, medians of searches, alternating")
    print(f"{'':<16}{'here':>10}{'library':>10}{'ratio':>8}{'goal':>8}")
    met = []
    for method, native in (("tpe", optuna_loop), ("hyperopt", hyperopt_loop)):
        ours(method, 30, 0), native(30, 0)  # what is loaded at first use
        for n in TRIALS:
            times = [
                (seconds(ours, method, n, seed), seconds(native, n, seed))
                for seed in range(max(REPEATS, 250 // n))
            ]
            met.append(report(f"{method}, {n}", GOALS[method], n, times))
    for name, space, bounds in (
        ("bayes, floats", FLOATS, BAYES_FLOATS),
        ("bayes, mixed", MIXED, BAYES_MIXED),
    ):
        times = []
        for seed in range(REPEATS):
            past = past_of(space, seed)
            times.append(
                (our_trials(space, past, seed), bayes_opt_trials(bounds, past, seed))
            )
        met.append(report(name, GOALS[name], len(LENGTHS), times))
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
