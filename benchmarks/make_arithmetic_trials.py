"""Search the space of a published report with Keras Tuner, and keep every epoch.

Run ``python benchmarks/make_arithmetic_trials.py``, some ten minutes of one core. The
space is that of a source that the credits name, the data those of the course: scaled
operands, results as they are. After the search, its best configuration is trained
again with other seeds. The chapter on tuning neural networks reads the file.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.reproducible import ENVIRONMENT

os.environ.update(ENVIRONMENT)  # before NumPy and torch are imported
os.environ["KERAS_BACKEND"] = "torch"

import keras
import keras_tuner
import pandas as pd
import torch
from make_tables import write_table

from hpocourse import make_arithmetic
from hpocourse._arithmetic import FILES

TRIALS, EPOCHS, BATCH_SIZE, REFITS = 15, 10, 128, 6
OPTIMIZERS = {"rmsprop": "RMSprop", "adagrad": "Adagrad", "nadam": "Nadam"}


def build_model(hp):
    """Build one network of the report's space."""
    keras.utils.set_random_seed(build_model.seed)
    activation = hp.Choice("activation", ["relu", "leaky_relu", "tanh"])
    l2 = hp.Float("l2", 0.001, 0.01, sampling="log")
    dropout = hp.Choice("dropout", [0.0, 0.1, 0.2])
    optimizer = hp.Choice("optimizer", list(OPTIMIZERS))
    width, depth = hp.Choice("width", [128, 256]), hp.Choice("depth", [3, 4, 5])
    learning_rate = hp.Float("learning_rate", 0.05, 0.1)
    model = keras.Sequential([keras.layers.Input((6,))])
    for _ in range(depth):
        penalty = keras.regularizers.L2(l2)
        model.add(keras.layers.Dense(width, kernel_regularizer=penalty))
        model.add(keras.layers.Activation(activation))
        model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(1))
    optimizer = getattr(keras.optimizers, OPTIMIZERS[optimizer])(learning_rate)
    model.compile(optimizer=optimizer, loss="mse", metrics=["mae"])
    return model


build_model.seed = 0


class Recorder(keras.callbacks.Callback):
    """Keep the metrics of each epoch of each training."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def __deepcopy__(self, memo):
        """Return itself: the tuner copies callbacks for each trial."""
        return self

    def on_train_begin(self, logs=None):
        """Begin a training."""
        self.rows.append([])

    def on_epoch_end(self, epoch, logs=None):
        """Keep an epoch."""
        self.rows[-1].append({"epoch": epoch + 1, **logs})
        print(len(self.rows), epoch + 1, round(logs["val_mae"], 3), flush=True)


def main():
    """Search, train the best again, and write the table."""
    torch.set_num_threads(1)
    data = make_arithmetic()
    X, X_valid = data.X_train.copy(), data.X_valid.copy()
    mean, deviation = X[:, :2].mean(0), X[:, :2].std(0)
    for part in (X, X_valid):
        part[:, :2] = (part[:, :2] - mean) / deviation
    options = {
        "validation_data": (X_valid, data.y_valid),
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "verbose": 0,
    }
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.RandomSearch(
            build_model,
            objective=keras_tuner.Objective("val_mae", "min"),
            max_trials=TRIALS,
            seed=0,
            directory=folder,
            project_name="arithmetic",
        )
        tuner.search(X, data.y_train, callbacks=[recorder], **options)
        trials = [tuner.oracle.trials[name] for name in tuner.oracle.start_order]
        configurations = [trial.hyperparameters.values for trial in trials]
        (best,) = tuner.get_best_hyperparameters(1)
    number = configurations.index(best.values)
    runs = [(i, 0, configuration) for i, configuration in enumerate(configurations)]
    for seed in range(1, REFITS + 1):
        build_model.seed = seed
        model = build_model(best)
        model.fit(X, data.y_train, callbacks=[recorder], **options)
        runs.append((number, seed, best.values))
    table = pd.DataFrame(
        {"trial": i, "seed": seed, **configuration, **row}
        for (i, seed, configuration), rows in zip(runs, recorder.rows, strict=True)
        for row in rows
    )
    write_table(FILES["trials"], table)


if __name__ == "__main__":
    main()
