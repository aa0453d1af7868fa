"""The stored learning curves are what training gives, and are made resumably."""

import make_curves
import numpy as np
import pytest
from make_tables import write_table
from problems import design

from hpocourse import _learning_curves, load_learning_curves

every_problem = pytest.mark.parametrize("name", _learning_curves.PROBLEMS)


@every_problem
def test_the_configurations_are_the_design(name):
    stored = load_learning_curves(name).configs.to_dict("records")
    recipe = make_curves.RECIPES[name]
    assert stored == design(recipe.space, make_curves.CONFIGS, seed=0)


@every_problem
@pytest.mark.parametrize("n_rows", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_training_again_gives_what_is_stored(name, n_rows):
    assert make_curves.check(name, n_rows)


def test_a_curve_that_was_not_trained_is_found_out(tmp_path, monkeypatch):
    forged = load_learning_curves("digits").frame.copy()
    forged["epoch_5"] *= 1.05
    monkeypatch.setattr(_learning_curves, "CURVES", tmp_path)
    write_table(tmp_path / "digits.csv.gz", forged)
    assert not make_curves.check("digits", n_rows=1)  # all are forged


def test_the_arithmetic_is_standardized_by_its_training_set():
    X_train, y_train, X_valid, y_valid = make_curves.standardized_arithmetic()
    assert (len(X_train), len(X_valid)) == (1500, 500)
    for values in (X_train[:, :2], y_train):
        np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(values.std(axis=0), 1, rtol=1e-5)
    assert abs(y_valid.mean()) > 1e-4  # no set is scaled by itself
    assert set(np.unique(X_valid[:, 2:])) == {0, 1}


def test_a_training_that_diverged_is_not_kept():
    params = {"width": 16, "learning_rate": 1e30, "weight_decay": 0.0, "dropout": 0.0}
    with pytest.raises(RuntimeError, match="1 trainings did not finish"):
        make_curves.train("digits", [params], seed=0)


def test_curves_are_resumed_and_refuse_another_space(tmp_path, monkeypatch):
    whole = load_learning_curves("digits")
    frame, losses = whole.frame, whole.losses  # read before the folder is another
    trained = []

    def train(name, configurations, seed):
        trained.append((name, len(configurations), seed))
        return np.full((len(configurations), make_curves.EPOCHS), 1.0)

    monkeypatch.setattr(_learning_curves, "CURVES", tmp_path)
    monkeypatch.setattr(make_curves, "train", train)
    first = frame[frame["seed"] < make_curves.SEEDS - 1]
    write_table(tmp_path / "digits.csv.gz", first)
    make_curves.make("digits")
    assert trained == [("digits", make_curves.CONFIGS, make_curves.SEEDS - 1)]
    resumed = load_learning_curves("digits")
    np.testing.assert_array_equal(resumed.losses[:, :-1], losses[:, :-1])
    assert (resumed.losses[:, -1] == 1).all()
    assert [path.name for path in tmp_path.iterdir()] == ["digits.csv.gz"]
    write_table(tmp_path / "digits.csv.gz", first.assign(width=16))
    with pytest.raises(SystemExit, match="another space"):
        make_curves.make("digits")
