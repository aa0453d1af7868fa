"""Tune a network on MNIST by grid, random and TPE search, at an equal budget.

Run ``python benchmarks/mnist_tuning.py``: about half a minute of one core. It writes
``benchmarks/results/mnist.csv``, which the chapter ``tpe-and-hyperopt`` shows. The
data are the 10 000 official test images alone, split 60, 20 and 20 %; each search
chooses by the validation loss among 18 trainings of 5 epochs, and only its choice
is measured on the test images.
"""

import os
import sys
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.reproducible import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # before NumPy and torch are imported

import numpy as np
import pandas as pd
import torch
from hyperopt import fmin, hp, tpe
from hyperopt.pyll.stochastic import sample
from scipy.stats import binomtest

from hpocourse import load_mnist
from hpocourse.networks import fit_population

FILE = Path(__file__).parent / "results" / "mnist.csv"
BUDGET, STARTUP, EPOCHS, SEED = 18, 9, 5, 0
GRID = {
    "lr": (0.001, 0.01, 0.1),
    "hidden_size": (64, 128, 256),
    "batch_size": (32, 128),
}
SPACE = {
    "lr": hp.loguniform("lr", np.log(1e-4), np.log(1)),
    "hidden_size": hp.qloguniform("hidden_size", np.log(32), np.log(256), 1),
    "batch_size": hp.choice("batch_size", [32, 64, 128]),
}


def scaled(data):
    """Return data whose pixels have the training pixels' mean 0 and deviation 1."""
    mean, deviation = data.X_train.mean(), data.X_train.std()
    parts = ("X_train", "X_valid", "X_test")
    return replace(data, **{p: (getattr(data, p) - mean) / deviation for p in parts})


def train(points, data, epochs=EPOCHS):
    """Train a network for each point of the space; return the results."""
    configs = [
        {
            "hidden": (int(point["hidden_size"]),),
            "lr": float(point["lr"]),
            "batch_size": int(point["batch_size"]),
        }
        for point in points
    ]
    return fit_population(configs, data, epochs=epochs, device="cpu")


def loss_of(result):
    """Return the lowest validation loss, infinite if there is none."""
    return min(result.histories[0].valid_loss, default=float("inf"))


def search_grid(data, epochs=EPOCHS):
    """Train the whole grid; return points and results."""
    points = [
        dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())
    ]
    return list(zip(points, train(points, data, epochs), strict=True))


def search_random(data, epochs=EPOCHS, budget=BUDGET, seed=SEED):
    """Train points drawn from the space; return points and results."""
    rng = np.random.default_rng(seed)
    points = [sample(SPACE, rng=rng) for _ in range(budget)]
    return list(zip(points, train(points, data, epochs), strict=True))


def search_tpe(data, epochs=EPOCHS, budget=BUDGET, seed=SEED):
    """Train what hyperopt's TPE proposes; return points and results."""
    found = []

    def objective(point):
        (result,) = train([point], data, epochs)
        found.append((point, result))
        return loss_of(result)

    fmin(
        objective,
        SPACE,
        algo=partial(tpe.suggest, n_startup_jobs=STARTUP),
        max_evals=budget,
        rstate=np.random.default_rng(seed),
        show_progressbar=False,
        verbose=False,
    )
    return found


def rows_of(method, found, data):
    """Return a row for each trial; only the chosen one's has test results."""
    losses = [loss_of(result) for _, result in found]
    chosen = int(np.argmin(losses))
    rows = []
    for trial, (point, result) in enumerate(found):
        row = {
            "method": method,
            "trial": trial,
            "lr": round(float(point["lr"]), 6),
            "hidden_size": int(point["hidden_size"]),
            "batch_size": int(point["batch_size"]),
            "valid_loss": round(losses[trial], 4),
            "valid_accuracy": round(result.score, 4),
            "chosen": trial == chosen,
        }
        rows.append(row | (on_test(result.models[0], data) if trial == chosen else {}))
    return rows


def on_test(model, data):
    """Return a network's test accuracy with its 95 % interval, after Wilson."""
    with torch.no_grad():
        classes = model(torch.from_numpy(data.X_test)).argmax(dim=1).numpy()
    hits = int((classes == data.y_test).sum())
    interval = binomtest(hits, len(classes)).proportion_ci(method="wilson")
    return {
        "test_accuracy": round(hits / len(classes), 4),
        "low": round(interval.low, 4),
        "high": round(interval.high, 4),
    }


def main(file=FILE):
    """Search, write and print; return the exit status."""
    torch.set_num_threads(1)
    data = scaled(load_mnist(subset="t10k"))
    searches = {"grid": search_grid, "random": search_random, "hyperopt": search_tpe}
    rows = []
    for method, search in searches.items():
        rows += rows_of(method, search(data), data)
    table = pd.DataFrame(rows)
    table.to_csv(file, index=False, lineterminator="\n")
    print(table[table["chosen"]].to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
