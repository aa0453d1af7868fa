"""Train the networks whose learning curves the course keeps, epoch by epoch.

Run ``python benchmarks/make_curves.py [NAME…]``: it trains what is missing, a
quarter of an hour of one core for everything. Each seed is saved, so that it can be
interrupted and run again. Delete a file to train it anew. With ``--check``, some of
the stored trainings are repeated and compared instead.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.reproducible import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # before NumPy and torch are imported

import numpy as np
import pandas as pd
from make_tables import write_table
from problems import design

from hpocourse import load_digits, make_arithmetic
from hpocourse._learning_curves import (
    EPOCH,
    PROBLEMS,
    SEED,
    define_spaces,
    load_learning_curves,
)
from hpocourse.networks import fit_population

CONFIGS = 512  # a power of two, for which the design is balanced
SEEDS = 5
EPOCHS = 27
TOLERANCE = 0.01
SPACES = define_spaces()


def standardized_arithmetic():
    """Return training and validation set, operands and results standardized."""
    data = make_arithmetic(2500)
    center, spread = data.X_train[:, :2].mean(axis=0), data.X_train[:, :2].std(axis=0)
    mean, unit = data.y_train.mean(), data.y_train.std()
    sets = (data.X_train, data.y_train), (data.X_valid, data.y_valid)
    arrays = []
    for X, y in sets:
        arrays += [np.hstack([(X[:, :2] - center) / spread, X[:, 2:]])]
        arrays += [(y - mean) / unit]
    return tuple(array.astype(np.float32) for array in arrays)


@dataclass(frozen=True)
class Recipe:
    """How the networks of a problem are trained.

    Attributes
    ----------
    data : callable
        Returns what they learn from.
    space : dict
        The distribution of each hyperparameter.
    n_layers : int
        How many hidden layers, each of the configuration's width.
    calm : float
        Trainings near the edge of stability differ between processors; those with
        a lower learning rate than this do not.
    common : dict
        What :func:`fit_population` is told of all.
    """

    data: Callable
    space: dict
    n_layers: int
    calm: float
    common: dict


RECIPES = {
    "digits": Recipe(
        load_digits,
        SPACES["digits"],
        n_layers=1,
        calm=0.003,
        common={"optimizer": "adamw", "batch_size": 128},
    ),
    "arithmetic": Recipe(
        standardized_arithmetic,
        SPACES["arithmetic"],
        n_layers=2,
        calm=0.003,
        common={"optimizer": "adamw", "batch_size": 64},
    ),
    "sigmoid": Recipe(
        load_digits,
        SPACES["sigmoid"],
        n_layers=2,
        calm=0.5,
        common={"optimizer": "sgd", "batch_size": 32, "activation": "sigmoid"},
    ),
}


def train(name, configurations, seed):
    """Train configurations with one seed.

    Parameters
    ----------
    name : str
        The problem.
    configurations : list of dict
        A value for each hyperparameter, for each network.
    seed : int
        Of weights, batches and dropout.

    Returns
    -------
    numpy.ndarray of shape (n_configurations, n_epochs)
        Validation losses.

    Raises
    ------
    RuntimeError
        If a training diverged: its later epochs have no loss to keep.
    """
    recipe = RECIPES[name]
    configs = []
    for params in configurations:
        config = {key: params[key] for key in recipe.space}
        hidden = (int(config.pop("width")),) * recipe.n_layers
        rate = config.pop("learning_rate")
        configs.append({"hidden": hidden, "lr": rate, **config})
    data = recipe.data()
    results = fit_population(configs, data, epochs=EPOCHS, seed=seed, **recipe.common)
    if diverged := [r.config for r in results if r.state != "finished"]:
        raise RuntimeError(f"{len(diverged)} trainings did not finish: {diverged[:3]}")
    return np.array([result.histories[0].valid_loss for result in results])


def make(name):
    """Train the seeds that are missing, and save each.

    Parameters
    ----------
    name : str
        The problem.

    Raises
    ------
    SystemExit
        If the file holds other configurations.
    """
    curves = load_learning_curves(name)
    recipe = RECIPES[name]
    configurations = design(recipe.space, CONFIGS, seed=0)
    columns = [f"{EPOCH}{epoch}" for epoch in range(1, EPOCHS + 1)]
    parts, start = [], process_time()
    if curves.path.exists():
        if curves.configs.to_dict("records") != configurations:
            raise SystemExit(
                f"{curves.path} holds configurations of another space or another "
                "design; delete it to train it anew"
            )
        parts = [part for _, part in curves.frame.groupby(SEED)]
    for seed in range(len(parts), SEEDS):
        losses = train(name, configurations, seed)
        part = pd.DataFrame(configurations).assign(**{SEED: seed})
        digits = [[float(f"{loss:.4g}") for loss in row] for row in losses]
        parts.append(part.join(pd.DataFrame(digits, columns=columns)))
        # A configuration's seeds side by side compress best.
        table = pd.concat([p.reset_index(drop=True) for p in parts])
        write_table(curves.path, table.sort_index(kind="stable"))
        seconds = process_time() - start
        print(f"{name:<12} seed {seed}{seconds:8.0f} CPU seconds", flush=True)


def check(name, n_rows=3):
    """Repeat stored trainings with low learning rates, and compare every epoch.

    Parameters
    ----------
    name : str
        The problem.
    n_rows : int, default=3
        How many, drawn at random, by a new seed at each call.

    Returns
    -------
    bool
        Whether all losses are within one per cent of those stored.
    """
    frame = load_learning_curves(name).frame
    calm = frame[frame["learning_rate"] < RECIPES[name].calm]
    drawn = calm.sample(n_rows, random_state=np.random.default_rng())
    worst = 0.0
    for _, row in drawn.iterrows():
        again = train(name, [row.to_dict()], int(row[SEED]))[0]
        stored = row.filter(like=EPOCH).to_numpy(float)
        worst = max(worst, np.abs(again / stored - 1).max())
    print(f"{name:<12} rows {', '.join(map(str, drawn.index))}: {worst:.2%}")
    return bool(worst < TOLERANCE)


def main():
    """Train, or check, the problems named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(PROBLEMS)}"
    )
    parser.add_argument("--check", action="store_true", help="repeat three trainings")
    options = parser.parse_args()
    if unknown := set(options.names) - set(PROBLEMS):
        parser.error(f"no problem {', '.join(unknown)}; known: {', '.join(PROBLEMS)}")
    names = options.names or [*PROBLEMS]
    if options.check:
        return int(not all([check(name) for name in names]))
    for name in names:
        make(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
