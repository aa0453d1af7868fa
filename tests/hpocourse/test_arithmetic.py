"""The kept search for an arithmetic network is whole, and its network calculates."""

import numpy as np
import pytest
import torch

from hpocourse import load_arithmetic_study, make_arithmetic
from hpocourse._arithmetic import FILES, FOLDER, WEIGHTS


@pytest.fixture(scope="module")
def study():
    return load_arithmetic_study()


def test_trials_are_whole(study):
    sizes = study.trials.groupby(["trial", "seed"])["epoch"].agg(["size", "max"])
    assert (sizes["size"] == sizes["max"]).all()
    assert sizes["size"].nunique() == 1
    assert set(study.trials["trial"]) == set(range(15))
    best = study.trials.query("seed == 0").groupby("trial")["val_mae"].min().idxmin()
    refits = study.trials.query("seed > 0")
    assert set(refits["trial"]) == {best}
    assert study.trials["learning_rate"].between(0.05, 0.1).all()


def test_curves_end_where_the_tests_say(study):
    best = study.curves.groupby("seed")["val_mae"].min()
    # The epoch is chosen by the loss.
    np.testing.assert_allclose(best, study.tests["val_mae"], rtol=0.1)
    assert len(study.tests) == 3


def test_the_network_has_the_test_error_of_the_first_seed(study):
    data = make_arithmetic()
    X = data.X_test.copy()
    X[:, :2] -= data.X_train[:, :2].mean(0)
    X[:, :2] /= data.X_train[:, :2].std(0)
    with torch.no_grad():
        outputs = study.network()(torch.tensor(X, dtype=torch.float32))[:, 0]
    results = data.y_train.mean() + data.y_train.std() * outputs.double().numpy()
    error = np.abs(results - data.y_test).mean()
    assert error == pytest.approx(study.tests["test_mae"][0], rel=0.01)
    assert error < 0.05


def test_files_are_small_and_all_are_offered():
    assert {*FOLDER.iterdir()} == {*FILES.values(), WEIGHTS}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 600_000
