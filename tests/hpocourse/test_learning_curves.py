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
    assert n_configs == (256 if name == "digits" else 512)
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


def test_curves_are_small_and_all_are_offered():
    files = {path.name for path in CURVES.iterdir()}
    assert files == {f"{name}.csv.gz" for name in PROBLEMS}
    assert sum(path.stat().st_size for path in CURVES.iterdir()) < 600_000


def test_unknown_curves():
    with pytest.raises(ValueError, match="digits, arithmetic, got 'mnist'"):
        load_learning_curves("mnist")
    with pytest.raises(ValueError, match="did you mean 'digits'"):
        load_learning_curves("digit")
