"""Train networks of several widths, each with its learning rates, for one chapter.

Run ``python benchmarks/make_widths.py``: it trains what is missing, a few minutes of
one core. Each seed is saved, so that it can be interrupted and run again. Delete the
file ``hpocourse/measurements/widths.csv`` to train it anew. With ``--check``, some of
the stored trainings are repeated and compared instead.
"""

import argparse
import os
import sys
from math import sqrt
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.reproducible import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # before NumPy and torch are imported

import numpy as np
import pandas as pd
import torch
from by_seed import add_seeds
from torch import nn

from hpocourse import load_digits
from hpocourse._measurements import MEASUREMENTS
from hpocourse.networks import MLP, fit_population

FILE = MEASUREMENTS / "widths.csv"
SEEDS = 16
EPOCHS = 8
BATCH = 64
RATES = [2.0**power for power in range(-9, -1)]
WIDTHS = {"standard": (32, 64, 128, 256, 512), "mup": (32, 128, 512)}
#: The width at which muP is what PyTorch does.
BASE = 32
#: Trainings near the edge of stability differ between processors; these do not.
CALM = 0.005
TOLERANCE = 0.01


def fit_standard(width, rates, seed):
    """Train with PyTorch's own initial weights and one rate for all of them.

    Parameters
    ----------
    width : int
        Of both hidden layers.
    rates : list of float
        The learning rates.
    seed : int
        Of weights and batches.

    Returns
    -------
    list of float
        The validation loss after the last epoch, for each rate.
    """
    configs = [{"hidden": (width, width), "lr": rate} for rate in rates]
    shared = {"batch_size": BATCH, "epochs": EPOCHS, "schedule": "cosine"}
    results = fit_population(configs, load_digits(), seed=seed, **shared)
    return [result.histories[0].valid_loss[-1] for result in results]


def fit_mup(width, rates, seed):
    """Train with the maximal update parametrization (Yang and others, 2022).

    For Adam, relative to a base width, and of a layer whose inputs grow with the
    width: its learning rate is divided by the growth. The initial weights of the last
    one are divided by it, too, where PyTorch divides by its square root. All else,
    biases included, stays as it was.

    Parameters
    ----------
    width, rates, seed
        As of :func:`fit_standard`.

    Returns
    -------
    list of float
        The validation loss after the last epoch, for each rate.
    """
    growth = width / BASE
    data = load_digits()
    X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train)
    X_valid, y_valid = torch.from_numpy(data.X_valid), torch.from_numpy(data.y_valid)
    losses = []
    for rate in rates:
        model = MLP(64, (width, width), 10).reset(seed)
        first, second, last = model.linear_layers()
        with torch.no_grad():
            last.weight /= sqrt(growth)
        fixed = [first.weight, first.bias, second.bias, last.bias]
        groups = [
            {"params": fixed, "lr": rate},
            {"params": [second.weight, last.weight], "lr": rate / growth},
        ]
        optimizer = torch.optim.Adam(groups, fused=True)
        falls = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda epoch: (1 + np.cos(np.pi * epoch / EPOCHS)) / 2
        )
        order = torch.Generator().manual_seed(seed)
        for _ in range(EPOCHS):
            for rows in torch.randperm(len(X), generator=order).split(BATCH):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(X[rows]), y[rows]).backward()
                optimizer.step()
            falls.step()
        with torch.no_grad():
            loss = nn.functional.cross_entropy(model(X_valid), y_valid)
        losses.append(loss.item())
    return losses


FITS = {"standard": fit_standard, "mup": fit_mup}


def fit_seed(seed):
    """Train all widths, in both parametrizations, with one seed.

    Parameters
    ----------
    seed : int
        Of weights and batches.

    Returns
    -------
    pandas.DataFrame
        A row for each training.
    """
    torch.set_num_threads(1)
    rows = []
    for parametrization, widths in WIDTHS.items():
        for width in widths:
            losses = FITS[parametrization](width, RATES, seed)
            for rate, loss in zip(RATES, losses, strict=True):
                rows.append([parametrization, width, rate, seed, float(f"{loss:.4g}")])
    columns = ["parametrization", "width", "learning_rate", "seed", "loss"]
    return pd.DataFrame(rows, columns=columns)


def make():
    """Train the seeds that are missing, and save each."""
    add_seeds(FILE, SEEDS, fit_seed)


def check(n_rows=3):
    """Repeat stored trainings with low learning rates, and compare their losses.

    Parameters
    ----------
    n_rows : int, default=3
        How many of each parametrization, drawn at random, by a new seed at each call.

    Returns
    -------
    bool
        Whether all losses are within one per cent of those stored.
    """
    torch.set_num_threads(1)
    stored = pd.read_csv(FILE)
    calm = stored[stored["learning_rate"] < CALM].groupby("parametrization")
    drawn = calm.sample(n_rows, random_state=np.random.default_rng())
    worst = 0.0
    for row in drawn.itertuples():
        rates, fit = [row.learning_rate], FITS[row.parametrization]
        again = fit(row.width, rates, row.seed)[0]
        worst = max(worst, abs(again / row.loss - 1))
    print(f"rows {', '.join(map(str, drawn.index))}: {worst:.2%}")
    return worst < TOLERANCE


def main():
    """Train what is missing, or check what is stored."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="repeat some trainings")
    if parser.parse_args().check:
        return int(not check())
    make()
    return 0


if __name__ == "__main__":
    sys.exit(main())
