"""Train the arithmetic network of the course's chapter on tuning, and keep it.

Run ``python benchmarks/make_arithmetic_network.py``, under a minute of one core for
each of three seeds. The network is smaller than that of ``search_arithmetic.py``, so
that the package can hold it. Kept are every epoch on the training and validation
sets, the errors on the test set, and the weights of the first seed.
"""

import os
import sys
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.reproducible import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # before NumPy and torch are imported

import numpy as np
import pandas as pd
import torch
from make_tables import write_table
from search_arithmetic import scaled, train

from hpocourse import make_arithmetic
from hpocourse._arithmetic import FILES, WEIGHTS

EPOCHS, SEEDS = 80, (0, 1, 2)
RECIPE = {
    "width": 256,
    "depth": 3,
    "activation": "relu",
    "lr": 1.5e-3,
    "batch_size": 32,
    "loss": "l1",
}


def main():
    """Train with each seed, print the test errors, and write the files."""
    torch.set_num_threads(1)
    data, scale = scaled(make_arithmetic())
    X, y = torch.from_numpy(data.X_test).float(), torch.from_numpy(data.y_test)
    curves, tests = [], []
    for seed in SEEDS:
        start = process_time()
        result = train(RECIPE, data, EPOCHS, seed)
        seconds = process_time() - start
        history, model = result.histories[0], result.models[0]
        with torch.no_grad():
            errors = scale * (model(X)[:, 0] - y)
        test = {
            "seed": seed,
            "val_mae": float(scale * result.score),
            "test_mae": errors.abs().mean().item(),
            "test_mse": errors.square().mean().item(),
        }
        print(test, f"{seconds:.0f} s", flush=True)
        tests.append(test)
        mae = scale * np.array([history.train_metric, history.valid_metric]).T
        curve = pd.DataFrame(mae.round(5), columns=["mae", "val_mae"])
        curve.insert(0, "epoch", range(1, len(curve) + 1))
        curve.insert(0, "seed", seed)
        curves.append(curve)
        if seed == SEEDS[0]:
            state = {name: w.numpy() for name, w in model.state_dict().items()}
            np.savez_compressed(WEIGHTS, **state)
        write_table(FILES["curves"], pd.concat(curves))
        write_table(FILES["tests"], pd.DataFrame(tests).round(5))


if __name__ == "__main__":
    main()
