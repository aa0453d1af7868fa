"""Search the table of networks by Bayesian optimization, for one chapter.

Run ``python benchmarks/make_bayesian_searches.py``: it makes the searches that are
missing, a minute of one core. Each is saved, so that it can be interrupted and run
again. Delete the file ``hpocourse/measurements/bayesian_searches.csv`` to make them
anew. With ``--check``, some of the stored searches are repeated and compared instead.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.reproducible import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # before NumPy is imported

import numpy as np
import pandas as pd
from bayes_opt import BayesianOptimization
from by_seed import add_seeds

from hpocourse import load_search_table
from hpocourse._measurements import MEASUREMENTS

FILE = MEASUREMENTS / "bayesian_searches.csv"
TABLE = load_search_table("digits_network")
FIXED = {"activation": "relu", "batch_size": 32, "weight_decay": 1e-3}
SEEDS = 50
START, TRIALS = 5, 20


def decode(lr, width, dropout):
    """Return the configuration of a point: numbers between 0 and 1.

    Parameters
    ----------
    lr, width, dropout : float or numpy.ndarray
        Where each is in its interval; of the first two, in that of the logarithm.

    Returns
    -------
    dict of str to object
        A configuration of the table, or a dict of columns.
    """
    return {
        "learning_rate": 10 ** (-4 + 3 * lr),
        "width": np.rint(8 * 16**width).astype(int),
        "dropout": 0.7 * dropout,
        **FIXED,
    }


def search(seed):
    """Search once, as the chapter does it.

    Parameters
    ----------
    seed : int
        Of the search and of the table's noise.

    Returns
    -------
    pandas.DataFrame
        A row for each trial, in their order.
    """
    searcher = BayesianOptimization(
        lambda **unit: TABLE(decode(**unit), seed=seed),
        {"lr": (0, 1), "width": (0, 1), "dropout": (0, 1)},
        random_state=seed,
        verbose=0,
    )
    searcher.set_gp_params(alpha=0.01, n_restarts_optimizer=0)
    searcher.maximize(init_points=START, n_iter=TRIALS - START)
    params = pd.DataFrame(decode(*searcher.space.params.T))
    for name in ("learning_rate", "dropout"):
        params[name] = [float(f"{value:.6g}") for value in params[name]]
    value = TABLE(params, seed=seed)
    # The digits that are left out lead to the same rows of the table.
    assert (value == searcher.space.target).all()
    return params.drop(columns=list(FIXED)).assign(seed=seed, value=value.round(4))


def make():
    """Make the searches that are missing, and save each."""
    add_seeds(FILE, SEEDS, search)


def check(n_searches=1):
    """Repeat stored searches and compare the points that they start from.

    The proposals follow from each other, so that on another processor a last digit
    leads elsewhere. What is compared of them is that the table gives their values.

    Parameters
    ----------
    n_searches : int, default=1
        How many, drawn at random, by a new seed at each call.

    Returns
    -------
    bool
        Whether the first points are those stored, and all values the table's.
    """
    stored = pd.read_csv(FILE)
    looked_up = [
        TABLE(part[["learning_rate", "width", "dropout"]].assign(**FIXED), seed=seed)
        for seed, part in stored.groupby("seed")
    ]
    right = np.allclose(np.concatenate(looked_up), stored["value"], atol=1e-4)
    for seed in np.random.default_rng().choice(SEEDS, n_searches, replace=False):
        again = search(int(seed))
        before = stored[stored["seed"] == seed]
        same = again.to_numpy()[:START] == before.to_numpy()[:START]
        right = right and bool(same.all()) and len(again) == len(before)
    return right


def main():
    """Search what is missing, or check what is stored."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="repeat some searches")
    if parser.parse_args().check:
        return int(not check())
    make()
    return 0


if __name__ == "__main__":
    sys.exit(main())
