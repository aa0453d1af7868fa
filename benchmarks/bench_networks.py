"""Compare the course's training with loops that prepare each image anew.

Run ``python benchmarks/bench_networks.py [ROUNDS [PARTS …]]``; the parts are
``images``, ``processes``, ``accuracies``, ``digits``, ``growth`` and ``device``, by
default all.
Everything runs on one thread, in turns within each round; what is compared is the
processor's time, but wall time where processes work side by side. It ends with
status 1 if a goal is missed. MNIST is used where HPOCOURSE_DATA has it, else the
digits of scikit-learn, enlarged to its shape.

PyTorch chooses its instructions as for a student, whose notebook sets nothing. In the
environment of the book's own numbers the products of matrices take four times as long,
so that all else seems to cost little.
"""

import os
import sys
import time
from itertools import product
from pathlib import Path
from statistics import median

# Before NumPy and torch are imported.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import torch
from item_by_item import DEVIATION, MEAN
from item_by_item import train as train_item_by_item
from skorch import NeuralNetClassifier

from hpocourse import load_digits, load_mnist
from hpocourse.networks import MLP, fit, fit_population

ROUNDS = 5
N_TRAIN, N_VALID, EPOCHS = 8000, 2000, 5
GRID = [
    {"lr": lr, "hidden": (hidden,), "batch_size": batch_size}
    for lr, hidden, batch_size in product((0.1, 0.01), (64, 128), (64, 128))
]
#: The loop item by item is timed on these and counted for all: its time hardly
#: depends on the configuration.
TIMED = GRID[:2]
#: Sixteen networks of the size that chapters tune on the digits.
SMALL_GRID = [
    {"lr": lr, "hidden": (hidden,)}
    for lr, hidden in product((0.001, 0.003, 0.01, 0.03), (16, 32, 48, 64))
]
COMMON = {"optimizer": "sgd", "epochs": EPOCHS}
GOALS = []


def goal(name, value, least=None, most=None):
    """Print a number beside its goal, and remember whether it is met."""
    met = (least is None or value >= least) and (most is None or value <= most)
    bound = f"at least {least}" if most is None else f"at most {most}"
    print(f"{name}: {value:.2f} (goal: {bound}, {'met' if met else 'MISSED'})")
    GOALS.append(met)


def clock(function, timer=time.process_time):
    """Return the seconds that a call takes."""
    start = timer()
    function()
    return timer() - start


def load_images():
    """Return 10 000 images as bytes, and their classes."""
    if (Path(os.environ.get("HPOCOURSE_DATA", "")) / "mnist").is_dir():
        data = load_mnist(subset="t10k")
        X = np.concatenate([data.X_train_valid, data.X_test])
        y = np.concatenate([data.y_train_valid, data.y_test])
        name = "MNIST's 10 000 test images"
    else:
        data = load_digits()
        X = np.concatenate([data.X_train_valid, data.X_test]).reshape(-1, 8, 8)
        X = np.pad(np.kron(X, np.ones((3, 3))), ((0, 0), (2, 2), (2, 2)))
        rows = np.random.default_rng(0).integers(len(X), size=N_TRAIN + N_VALID)
        X, y = X[rows], np.concatenate([data.y_train_valid, data.y_test])[rows]
        name = "digits, enlarged and repeated"
    images = np.round(X * 255).astype(np.uint8).reshape(-1, 28, 28)
    print(f"images: {name}, {N_TRAIN} to train on and {N_VALID} to validate on")
    return images, y


def in_memory(images, labels):
    """Return the same images once and for all as normalized vectors."""
    X = images.reshape(len(images), -1).astype(np.float32) / 255
    X = (X - np.float32(MEAN)) / np.float32(DEVIATION)
    return X[:N_TRAIN], labels[:N_TRAIN], X[N_TRAIN:], labels[N_TRAIN:]


def fit_each(data, configs, seed=0):
    """Train configurations one by one; return their last accuracies."""
    scores = []
    for config in configs:
        model = MLP(784, config["hidden"], 10)
        rest = {name: config[name] for name in ("lr", "batch_size")}
        history = fit(model, data, **COMMON, **rest, seed=seed)
        scores.append(history.valid_metric[-1])
    return scores


def fit_small_grid(data):
    """Train the small grid one by one."""
    for config in SMALL_GRID:
        fit(MLP(64, config["hidden"], 10), data, lr=config["lr"])


def multiply(data):
    """Compute nothing but the matrix products of the population's training."""
    X_valid = torch.from_numpy(data[2])
    widths = [config["hidden"][0] for config in GRID[::2]]
    first = torch.rand(sum(widths), 784)
    second = [torch.rand(10, width) for width in widths]
    for batch_size in (64, 128):
        batches = [batch_size] * (N_TRAIN // batch_size)
        if N_TRAIN % batch_size:
            batches.append(N_TRAIN % batch_size)
        room = {
            rows: (
                torch.rand(rows, 784),
                torch.rand(rows, sum(widths)),
                [torch.rand(rows, width) for width in widths],
                torch.rand(rows, 10),
            )
            for rows in {*batches, 500}
        }
        gradient = torch.empty_like(first)
        for _ in range(EPOCHS):
            for rows in batches:
                X, H, A, D = room[rows]
                torch.mm(X, first.T, out=H)
                for a, w in zip(A, second, strict=True):
                    torch.mm(a, w.T)
                    torch.mm(D, w)
                    torch.mm(D.T, a)
                torch.mm(H.T, X, out=gradient)
            _, H, A, _ = room[500]
            for X in X_valid.split(500):
                torch.mm(X, first.T, out=H)
                for a, w in zip(A, second, strict=True):
                    torch.mm(a, w.T)


def bench_images(rounds):
    """Time one by one, together, and the matrix products alone."""
    images, labels = load_images()
    data = in_memory(images, labels)
    times = {name: [] for name in ("item by item", "fit", "fit_population", "products")}

    def item_by_item():
        for config in TIMED:
            settings = {**config, "hidden": config["hidden"][0]}
            train_item_by_item(images, labels, N_TRAIN, epochs=EPOCHS, **settings)

    for round_ in range(rounds + 1):
        taken = {
            "fit_population": clock(lambda: fit_population(GRID, data, **COMMON)),
            "products": clock(lambda: multiply(data)),
            "fit": clock(lambda: fit_each(data, GRID)),
        }
        if round_ == 0:
            continue  # the first round only warms up
        taken["item by item"] = clock(item_by_item) * len(GRID) / len(TIMED)
        for name, seconds in taken.items():
            times[name].append(seconds)
    print(f"seconds of one core a configuration of {EPOCHS} epochs, {rounds} rounds")
    for name, values in times.items():
        row = [f(values) / len(GRID) for f in (median, min, max)]
        print(f"  {name:<16}" + "".join(f"{value:9.3f}" for value in row))

    def ratio(a, b):
        return median(x / y for x, y in zip(times[a], times[b], strict=True))

    goal("fit, times as fast as item by item", ratio("item by item", "fit"), 10)
    together = ratio("item by item", "fit_population")
    goal("fit_population, times as fast as item by item", together, 20)
    share = 100 * ratio("products", "fit_population")
    goal("fit_population, % of the speed of its matrix products", share, 80)


def bench_processes(rounds):
    """Time two processes of one thread each, in wall time, already started."""
    images, labels = load_images()
    data = in_memory(images, labels)
    fit_population(GRID, data, workers=2, optimizer="sgd", epochs=1)
    ratios = []
    for _ in range(rounds):
        two = clock(
            lambda: fit_population(GRID, data, workers=2, **COMMON), time.perf_counter
        )
        settings = {**TIMED[0], "hidden": TIMED[0]["hidden"][0]}
        one = clock(
            lambda settings=settings: train_item_by_item(
                images, labels, N_TRAIN, epochs=EPOCHS, **settings
            ),
            time.perf_counter,
        )
        ratios.append(one * len(GRID) / two)
    goal("two processes, times as fast as item by item", median(ratios), 35)


def bench_accuracies(rounds):
    """Compare last accuracies with those of the loop item by item, 10 seeds."""
    images, labels = load_images()
    data = in_memory(images, labels)
    config = TIMED[0]
    settings = {**config, "hidden": config["hidden"][0]}
    differences = []
    for seed in range(10):
        (result,) = fit_population([config], data, seed=seed, **COMMON)
        other = train_item_by_item(
            images, labels, N_TRAIN, epochs=EPOCHS, seed=seed, **settings
        )
        differences.append(100 * (result.histories[0].valid_metric[-1] - other))
    error = np.std(differences, ddof=1) / len(differences) ** 0.5
    mean = np.mean(differences)
    print(f"accuracy less that of item by item, points: {mean:.3f}, se {error:.3f}")
    goal("difference in standard errors", abs(mean) / error, most=2)


def skorch_network(data):
    """Return the same network and training, as an estimator of skorch."""
    return NeuralNetClassifier(
        MLP,
        module__in_features=data.X_train.shape[1],
        module__out_features=len(np.unique(data.y_train)),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=1e-3,
        batch_size=64,
        max_epochs=20,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )


def bench_digits(rounds):
    """Compare a small grid with `fit`, and a larger one with skorch in GridSearchCV."""
    from sklearn.model_selection import GridSearchCV

    data = load_digits()
    ratios = []
    for _ in range(rounds):
        together = clock(lambda: fit_population(SMALL_GRID, data))
        alone = clock(lambda: fit_small_grid(data))
        ratios.append(alone / together)
    goal("fit_population, times as fast as fit on small networks", median(ratios), 8)
    grid = list(product((64, 128, 256), (64, 128, 256), ("relu", "tanh")))
    configs = [{"hidden": (a, b), "activation": name} for a, b, name in grid]
    space = [
        {"module__hidden": [c["hidden"]], "module__activation": [c["activation"]]}
        for c in configs
    ]
    X = data.X_train_valid.astype(np.float32)
    times, scores = [], []
    for _ in range(rounds):
        results = []
        together = clock(
            lambda results=results: results.extend(
                fit_population(configs, data, folds=3, epochs=20)
            )
        )
        search = GridSearchCV(skorch_network(data), space, cv=data.folds(3), n_jobs=1)
        alone = clock(lambda search=search: search.fit(X, data.y_train_valid))
        times.append((together, alone))
        scores.append((max(r.score for r in results), search.best_score_))
    a, b = (median(column) for column in zip(*times, strict=True))
    print(f"digits, 18 configurations, 3 folds, 20 epochs: {a:.1f} s, skorch {b:.1f} s")
    print("best score {:.4f}, skorch {:.4f}".format(*scores[0]))
    ratio = median(two / one for one, two in times)
    goal("fit_population, times as fast as skorch on large networks", ratio, 8)


def bench_growth(rounds):
    """Time 8 and 128 configurations of the images' grid, and measure memory."""
    images, labels = load_images()
    data = in_memory(images, labels)
    many = [
        {**config, "lr": config["lr"] / (k + 1)} for k in range(16) for config in GRID
    ]
    ratios = []
    for _ in range(rounds):
        few = clock(lambda: fit_population(GRID, data, optimizer="sgd", epochs=2)) / 8
        all_ = (
            clock(lambda: fit_population(many, data, optimizer="sgd", epochs=2)) / 128
        )
        ratios.append(all_ / few)
    goal("time a configuration, 128 against 8", median(ratios), most=1.1)
    if hasattr(os, "fork"):
        peaks = {n: _peak(many[:n], data) for n in (8, 128)}
        shares = {n: peak / n for n, peak in peaks.items()}
        print(", ".join(f"{n}: {peak:.0f} MB" for n, peak in peaks.items()) + " in all")
        goal("memory a configuration, 128 against 8", shares[128] / shares[8], most=1)


def _peak(configs, data):
    """Return the megabytes that a process of its own needs more than at its start."""
    import resource

    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        fit_population(configs, data, optimizer="sgd", epochs=1)
        end = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        os.write(write, str((end - start) / 1024).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        peak = float(pipe.read())
    os.waitpid(child, 0)
    return peak


def bench_device(rounds):
    """Print configurations a second on a graphics card, if there is one."""
    if not torch.cuda.is_available():
        print("graphics card: none here, not measured")
        return
    data = in_memory(*load_images())
    for device in ("cpu", "cuda"):
        run = lambda device=device: fit_population(GRID, data, device=device, **COMMON)  # noqa: E731
        run()
        seconds = median(clock(run, time.perf_counter) for _ in range(rounds))
        print(f"configurations a second on {device}: {len(GRID) / seconds:.1f}")


PARTS = {
    "images": bench_images,
    "processes": bench_processes,
    "accuracies": bench_accuracies,
    "digits": bench_digits,
    "growth": bench_growth,
    "device": bench_device,
}


def main(rounds=ROUNDS, *parts):
    """Run the parts; return the exit status."""
    torch.set_num_threads(1)
    for part in parts or PARTS:
        PARTS[part](int(rounds))
    return int(not all(GOALS))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
