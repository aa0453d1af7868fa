"""Train one network with many seeds, of which one or all are changed.

Run ``python benchmarks/make_seed_noise.py``: it trains what is missing, a few minutes
of one core. Each seed is saved, so that it can be interrupted and run again. Delete the
file ``hpocourse/measurements/seed_noise.csv`` to train it anew. With ``--check``, some
of the stored trainings are repeated and compared instead.
"""

import argparse
import os
import sys
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
from hpocourse.networks import MLP

FILE = MEASUREMENTS / "seed_noise.csv"
SEEDS = 50
#: Added to the seed of what is changed.
OTHER = 100
WIDTH = 64
RATE = 0.01
EPOCHS = 10
BATCH = 64
SOURCES = ("weights", "order", "shifts")
#: What is drawn anew in the second training, by the name of its column.
CHANGED = {
    "first": (),
    **{source: (source,) for source in SOURCES},
    "all": SOURCES,
}
#: Another processor rounds otherwise, and a few of the 360 images change sides.
TOLERANCE = 0.02


def shift(images, generator):
    """Move each image by at most one pixel, up or down and to the left or right.

    Parameters
    ----------
    images : torch.Tensor of shape (n_images, 64)
        The images, eight by eight pixels each.
    generator : torch.Generator
        What the moves are drawn from, anew at each call.

    Returns
    -------
    torch.Tensor of shape (n_images, 64)
        The moved images; what comes in from outside is empty.
    """
    padded = nn.functional.pad(images.reshape(-1, 8, 8), (1, 1, 1, 1))
    moves = torch.randint(3, (2, len(images)), generator=generator)
    rows, columns = moves[:, :, None] + torch.arange(8)
    image = torch.arange(len(images))[:, None, None]
    moved = padded[image, rows[:, :, None], columns[:, None, :]]
    return moved.reshape(-1, 64)


def train(weights, order, shifts):
    """Train the network once, its three sources of chance seeded apart.

    Parameters
    ----------
    weights, order, shifts : int
        The seeds of the initial weights, of the batches, and of the moves of the
        images, which are drawn anew in each epoch.

    Returns
    -------
    float
        The accuracy on the validation set after the last epoch.
    """
    data = load_digits()
    X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train)
    X_valid, y_valid = torch.from_numpy(data.X_valid), torch.from_numpy(data.y_valid)
    model = MLP(64, (WIDTH,), 10).reset(weights)
    batches = torch.Generator().manual_seed(order)
    moves = torch.Generator().manual_seed(shifts)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    for _ in range(EPOCHS):
        moved = shift(X, moves)
        for rows in torch.randperm(len(X), generator=batches).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(moved[rows]), y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        right = model(X_valid).argmax(dim=1) == y_valid
    return right.double().mean().item()


def fit_seed(seed):
    """Train with one seed, and again with each source of chance changed.

    Parameters
    ----------
    seed : int
        Of all three sources in the first training; those changed have another.

    Returns
    -------
    dict of str to float
        The seed, and the accuracy for each name of :data:`CHANGED`.
    """
    torch.set_num_threads(1)
    row = {"seed": seed}
    for name, changed in CHANGED.items():
        seeds = {source: seed + OTHER * (source in changed) for source in SOURCES}
        row[name] = round(train(**seeds), 4)
    return row


def make():
    """Train the seeds that are missing, and save each."""
    add_seeds(FILE, SEEDS, lambda seed: pd.DataFrame([fit_seed(seed)]))


def check(n_rows=2):
    """Repeat stored trainings and compare their accuracies.

    Parameters
    ----------
    n_rows : int, default=2
        How many seeds, drawn at random, by a new seed at each call.

    Returns
    -------
    bool
        Whether all accuracies are as near to those stored as processors differ.
    """
    stored = pd.read_csv(FILE)
    drawn = stored.sample(n_rows, random_state=np.random.default_rng())
    again = pd.DataFrame([fit_seed(int(seed)) for seed in drawn["seed"]])
    worst = np.abs(again.to_numpy() - drawn.to_numpy()).max()
    print(f"seeds {', '.join(map(str, drawn.index))}: {worst:.4f}")
    return bool(worst < TOLERANCE)


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
