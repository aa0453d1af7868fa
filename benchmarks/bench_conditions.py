"""Compare methods in a space with conditions: a choice decides what else exists.

The training is that of the table ``"svc_digits"``, a support vector classifier of the
digits, but its kernel is searched, too. ``kernel`` and ``C`` are in every trial;
``gamma`` is with three of the four kernels, ``coef0`` with two, ``degree`` with one.
Run ``python benchmarks/bench_conditions.py``: it prints what is stored in
``hpocourse/results/conditions.csv``; ``--compute`` computes it, some ten minutes of a
core. Trials, repeats and regrets are as in ``bench_trained.py``: 0 is the best row of
the table, which has one kernel only, ``"rbf"``; 1 is what random search leaves there
after ten trials.

``tpe flat`` is told nothing of the conditions: it proposes all five in every trial,
and the classifier ignores those that its kernel does not have. ``tpe group`` is
Optuna's ``group=True``. ``gp`` and ``bayes`` model what all trials have, ``kernel`` and
``C``, and draw the rest at random.

Left out are those that have to be given the whole space beforehand, and so could only
search the flat one: ``grid``, ``qmc`` (Sobol's points) and ``native bayes_opt``.
"""

import argparse
import logging
import sys
import warnings
from math import log
from time import process_time

import bench_methods
import numpy as np
import optuna
import pandas as pd
from bench_trained import Trained
from optuna.samplers import TPESampler

from hpocourse import search
from hpocourse._search_problems import define_problems

FILE = bench_methods.RESULTS / "conditions.csv"
NAME = "svc_kernels"
#: What each kernel has besides ``C``.
KERNELS = {
    "linear": (),
    "poly": ("gamma", "degree", "coef0"),
    "rbf": ("gamma",),
    "sigmoid": ("gamma", "coef0"),
}
METHODS = (
    "random",
    "tpe",
    "tpe group",
    "tpe flat",
    "gp",
    "hyperopt",
    "native hyperopt",
    "bayes",
)
SEEDS, BUDGET = 50, 30


def propose(trial, flat=False):
    """Let a trial propose a classifier.

    Parameters
    ----------
    trial : optuna.Trial
        The trial.
    flat : bool, default=False
        Whether to propose also what the kernel does not have.

    Returns
    -------
    dict
        Arguments of ``SVC``.
    """
    params = {
        "kernel": trial.suggest_categorical("kernel", list(KERNELS)),
        "C": trial.suggest_float("C", 1e-2, 1e3, log=True),
    }
    has = KERNELS["poly" if flat else params["kernel"]]
    if "gamma" in has:
        params["gamma"] = trial.suggest_float("gamma", 1e-4, 10, log=True)
    if "degree" in has:
        params["degree"] = trial.suggest_int("degree", 2, 5)
    if "coef0" in has:
        params["coef0"] = trial.suggest_float("coef0", 0, 1)
    return params


def run_fmin(objective, n_trials, seed):
    """Search the same space with hyperopt's ``fmin``, as its users write it.

    Parameters
    ----------
    objective : callable
        A function of the arguments of ``SVC``.
    n_trials : int
        The budget.
    seed : int
        The seed.
    """
    import hyperopt
    from hyperopt import hp

    all_of_them = {
        "gamma": hp.loguniform("gamma", log(1e-4), log(10)),
        "degree": hp.uniformint("degree", 2, 5),
        "coef0": hp.uniform("coef0", 0, 1),
    }
    kinds = [
        {"kernel": kernel} | {name: all_of_them[name] for name in has}
        for kernel, has in KERNELS.items()
    ]
    space = {
        "C": hp.loguniform("C", log(1e-2), log(1e3)),
        "kind": hp.choice("kernel", kinds),
    }
    hyperopt.fmin(
        lambda params: -objective({"C": params["C"], **params["kind"]}),
        space,
        algo=hyperopt.tpe.suggest,
        max_evals=n_trials,
        rstate=np.random.default_rng(seed),
        show_progressbar=False,
        verbose=False,
    )


def run(method, objective, n_trials, seed):
    """Search once.

    Parameters
    ----------
    method : str
        One of the methods compared.
    objective : callable
        A function of the arguments of ``SVC``.
    n_trials : int
        The budget.
    seed : int
        The seed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # group is experimental
        if method == "native hyperopt":
            run_fmin(objective, n_trials, seed)
            return
        ways = {"tpe group": TPESampler(seed=seed, group=True), "tpe flat": "tpe"}
        search.run(
            lambda trial: objective(propose(trial, flat=method == "tpe flat")),
            method=ways.get(method, method),
            n_trials=n_trials,
            seed=seed,
            progress=False,
        )


def load_problem():
    """Return the problem whose training it is.

    Returns
    -------
    Trained
        With the scale of the table ``"svc_digits"``.
    """
    return Trained("svc_digits", *define_problems()["svc_digits"])


def compute(n_seeds=SEEDS, budget=BUDGET, methods=METHODS):
    """Return the results of every method and seed.

    Parameters
    ----------
    n_seeds : int, default=50
        Seeds from 0.
    budget : int, default=30
        Trials of each run.
    methods : iterable of str
        The methods.

    Returns
    -------
    pandas.DataFrame
        A row for each run, with the columns of ``methods.csv``. The seconds of a run
        are with its trainings.
    """
    logging.getLogger("hyperopt").setLevel(logging.ERROR)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    problem, rows = load_problem(), []
    for method in methods:
        for seed in range(n_seeds):
            objective, start = problem.objective(seed), process_time()
            run(method, objective, budget, seed)
            seconds = process_time() - start
            regret = problem.scaled_regret(objective.chosen(budget))
            found = [float(f"{regret:.5g}"), float(f"{seconds:.3g}")]
            rows.append([method, NAME, seed, budget, *found])
        print(method, flush=True)
    return pd.DataFrame(rows, columns=bench_methods.FIELDS)


def main():
    """Print what is stored, or compute it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--compute", action="store_true", help="compute it")
    if parser.parse_args().compute:
        compute().to_csv(FILE, index=False, lineterminator="\n")
    frame = pd.read_csv(FILE)
    print("a space with conditions: stored results, regret in hundredths, mean ± 95 %")
    regrets = 100 * frame.pivot(index="seed", columns="method", values="regret")
    for method in METHODS:
        pairs = regrets[method] - regrets["random"]
        print(
            f"{method:<17}{regrets[method].mean():6.1f}   less random search "
            f"{pairs.mean():+6.1f} ± {bench_methods.half_width(pairs):.1f}"
        )


if __name__ == "__main__":
    sys.exit(main())
