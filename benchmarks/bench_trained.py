"""Compare methods on two problems by training, where the tables look values up.

A table answers with its nearest row, which makes a smooth problem a staircase and may
cost a method with a smooth model more than the others. Run
``python benchmarks/bench_trained.py``: it prints what is stored in
``hpocourse/results/trained.csv``; ``--compute`` computes it, some minutes of a core.

A trial is one training, with the folds of one of the three repeats, drawn by the seed
as in ``bench_methods.py``. The configuration chosen is judged by its mean over all
three, in the unit of the table's regrets: 0 is the best row of the table.
"""

import argparse
import sys

import bench_methods
import numpy as np
import pandas as pd
from problems import Problem
from trainings import TRAININGS

from hpocourse._search_problems import define_problems

FILE = bench_methods.RESULTS / "trained.csv"
NAMES = ("svr_wave", "svr_diabetes")
METHODS = ("random", "qmc", "tpe", "native hyperopt", "native bayes_opt")
SEEDS, BUDGET = 20, 30


class Trained(Problem):
    """A problem whose trials are trained, with the scale of its table."""

    def train(self, params, repeat):
        """Train a configuration on the folds of one repeat.

        Parameters
        ----------
        params : dict
            A value for each parameter.
        repeat : int
            Which of the repeats, from 0.

        Returns
        -------
        float
            Its value.
        """
        return TRAININGS[self.name].__wrapped__(params, repeat)

    def mean(self, params):
        """Train a configuration on all repeats.

        Parameters
        ----------
        params : dict
            A value for each parameter.

        Returns
        -------
        float
            The mean; it may be better than the best row of the table.
        """
        return float(np.mean(TRAININGS[self.name](params)))


def compute(n_seeds=SEEDS, budget=BUDGET, names=NAMES, methods=METHODS):
    """Return the results of every method, problem and seed.

    Parameters
    ----------
    n_seeds : int, default=20
        Seeds from 0.
    budget : int, default=30
        Trials of each run.
    names, methods : iterable of str
        The problems and the methods.

    Returns
    -------
    pandas.DataFrame
        A row for each run, with the columns of ``methods.csv``. The seconds of a run
        are with its trainings.
    """
    rows = []
    for name in names:
        problem = Trained(name, *define_problems()[name])
        for method in methods:
            for seed in range(n_seeds):
                run, seconds = bench_methods.search(method, problem, budget, seed)
                regret = problem.scaled_regret(run.chosen(budget))
                found = [float(f"{regret:.5g}"), float(f"{seconds[-1]:.3g}")]
                rows.append([method, name, seed, budget, *found])
            print(f"{name:<14}{method}", flush=True)
    return pd.DataFrame(rows, columns=bench_methods.FIELDS)


def main():
    """Print what is stored, or compute it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--compute", action="store_true", help="compute it")
    if parser.parse_args().compute:
        compute().to_csv(FILE, index=False, lineterminator="\n")
    frame = pd.read_csv(FILE)
    print("two problems trained: stored results, regret in hundredths")
    regrets = 100 * frame.groupby(["method", "problem"])["regret"].mean()
    print(regrets.unstack().round(1).to_string())


if __name__ == "__main__":
    sys.exit(main())
