"""Stored learning curves load whole, in a shape that plans can be tried on."""

import numpy as np
import pytest

from hpocourse import load_learning_curves
from hpocourse._learning_curves import CURVES, PROBLEMS

every_problem = pytest.mark.parametrize("name", PROBLEMS)


@every_problem
def test_curves_are_whole(name):
    curves = load_learning_curves(name)
    n_configs, n_seeds, n_epochs = curves.losses.shape
    assert n_configs == 512
    assert (n_seeds, n_epochs) == (5, 27)
    assert len(curves.configs) == n_configs == len(curves.configs.drop_duplicates())
    assert np.isfinite(curves.losses).all()
    assert (curves.losses > 0).all()


@every_problem
def test_a_row_of_the_file_is_found_under_its_configuration_seed_and_epoch(name):
    curves = load_learning_curves(name)
    for _, row in curves.frame.sample(20, random_state=0).iterrows():
        config = (curves.configs == row[list(curves.configs)]).all(axis=1).idxmax()
        stored = row.filter(like="epoch_").to_numpy(float)
        found = curves.losses[config, int(row["seed"])]
        np.testing.assert_array_equal(found, stored)


@every_problem
def test_seeds_differ_and_training_helps(name):
    losses = load_learning_curves(name).losses
    # One value copied, or a formula, would have no noise.
    assert (losses[:, :, -1].std(axis=1) > 0).all()
    assert np.median(losses[:, :, -1]) < np.median(losses[:, :, 0])


@every_problem
def test_each_configuration_is_the_nearest_to_itself(name):
    curves = load_learning_curves(name)
    for row in (0, 100, 255):
        params = curves.configs.iloc[row].to_dict()
        assert curves.nearest(params) == row
        # A step of a thousandth of the space finds the same one.
        near = params["learning_rate"] * 1.002
        assert curves.nearest({**params, "learning_rate": near}) == row


@every_problem
def test_the_configurations_fill_the_space(name):
    curves = load_learning_curves(name)
    for key, distribution in curves.space.items():
        assert curves.configs[key].map(distribution._contains).all()
    assert (curves._tree.data.min(axis=0) < 0.02).all()
    assert (curves._tree.data.max(axis=0) > 0.98).all()
    assert list(curves.space) == list(curves.configs)


def test_the_nearest_needs_the_hyperparameters_of_the_problem():
    with pytest.raises(ValueError, match="are width, learning_rate, got width, lr"):
        load_learning_curves("sigmoid").nearest({"width": 16, "lr": 0.1})
    with pytest.raises(ValueError, match="width must be from 16 to 64, got 8"):
        load_learning_curves("sigmoid").nearest({"width": 8, "learning_rate": 0.1})


def test_sigmoids_learn_late():
    losses = load_learning_curves("sigmoid").losses
    # After one epoch almost nobody knows more than the shares of the classes.
    assert np.quantile(losses[:, :, 0], 0.05) > 2
    assert np.quantile(losses[:, :, -1], 0.25) < 0.5


def test_curves_are_small_and_all_are_offered():
    files = {path.name for path in CURVES.iterdir()}
    assert files == {f"{name}.csv.gz" for name in PROBLEMS}
    assert sum(path.stat().st_size for path in CURVES.iterdir()) < 700_000


def test_unknown_curves():
    with pytest.raises(ValueError, match="digits, arithmetic, sigmoid, got 'mnist'"):
        load_learning_curves("mnist")
    with pytest.raises(ValueError, match="did you mean 'digits'"):
        load_learning_curves("digit")
