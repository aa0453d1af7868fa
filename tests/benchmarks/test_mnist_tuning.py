"""The table on MNIST in the chapter `tpe-and-hyperopt` is what its script found."""

import re

import mnist_tuning
import pandas as pd
import pytest

from hpocourse import load_digits, load_mnist
from hpocourse.languages import LANGUAGES
from tools.notebooks import ROOT, read

STORED = pd.read_csv(mnist_tuning.FILE)
METHODS = ["grid", "random", "hyperopt"]


def numbers(text):
    return [float(n.replace(",", ".")) for n in re.findall(r"\d+(?:,\d+)?", text)]


def test_each_method_has_the_same_budget_and_chooses_by_validation():
    assert list(STORED["method"].unique()) == METHODS
    for _, trials in STORED.groupby("method"):
        assert list(trials["trial"]) == list(range(mnist_tuning.BUDGET))
        (chosen,) = trials.index[trials["chosen"]]
        assert chosen == trials["valid_loss"].idxmin()
        assert list(trials.index[trials["test_accuracy"].notna()]) == [chosen]


@pytest.mark.parametrize("language", [language.folder for language in LANGUAGES])
def test_the_chapter_shows_what_is_stored(language):
    notebook = read(ROOT / "book" / language / "tpe-and-hyperopt.ipynb")
    (cell,) = (c for c in notebook.cells if c.id == "mnist-results")
    assert "`python benchmarks/mnist_tuning.py`" in cell.source
    rows = [line for line in cell.source.splitlines() if line.startswith("|")][2:]
    shown = [numbers(row.replace("\N{NO-BREAK SPACE}", "")) for row in rows]
    columns = ["lr", "hidden_size", "batch_size", "valid_accuracy", "test_accuracy"]
    chosen = STORED[STORED["chosen"]].set_index("method").loc[METHODS]
    assert shown == chosen[[*columns, "low", "high"]].to_numpy().tolist()


def test_a_search_spends_its_budget_and_repeats():
    data = mnist_tuning.scaled(load_digits())
    points = []
    for search in (mnist_tuning.search_random, mnist_tuning.search_tpe):
        first, again = (search(data, epochs=1, budget=12) for _ in range(2))
        losses, same = (
            [mnist_tuning.loss_of(result) for _, result in found]
            for found in (first, again)
        )
        assert len(losses) == 12
        assert losses == same
        points += [point["lr"] for point, _ in first]
    assert len(set(points)) > 12 + 12 - mnist_tuning.STARTUP


@pytest.mark.slow
@pytest.mark.needs("mnist")
def test_the_grid_found_on_mnist_is_found_again():
    data = mnist_tuning.scaled(load_mnist(subset="t10k"))
    rows = pd.DataFrame(
        mnist_tuning.rows_of("grid", mnist_tuning.search_grid(data), data)
    )
    stored = STORED[STORED["method"] == "grid"].reset_index(drop=True)
    assert list(rows["chosen"]) == list(stored["chosen"])
    # Where training is calm, another processor changes no more than the last digits.
    calm = rows["lr"] == 0.001
    pd.testing.assert_frame_equal(
        rows[calm], stored[calm], rtol=0.02, atol=0.005, check_dtype=False
    )


@pytest.mark.needs("mnist")
def test_the_scale_that_training_a_network_states_is_that_of_mnist():
    pixels = load_mnist(subset="t10k").X_train
    assert pixels.mean() == pytest.approx(0.133, abs=5e-4)
    assert pixels.std() == pytest.approx(0.311, abs=5e-4)
    for language in LANGUAGES:
        path = ROOT / "book" / language.folder / "training-a-network.ipynb"
        (cell,) = (c for c in read(path).cells if c.id == "constants-read")
        assert "0,133" in cell.source
        assert "0,311" in cell.source
