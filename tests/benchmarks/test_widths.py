"""The stored losses by width are what training gives, and are made resumably."""

import make_widths
import pandas as pd
import pytest

from hpocourse import load_measurements


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Another file than the package's, with all that it holds."""
    path = tmp_path / "widths.csv"
    monkeypatch.setattr(make_widths, "FILE", path)
    load_measurements("widths").to_csv(path, index=False)
    return path


@pytest.mark.parametrize("n_rows", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_training_again_gives_what_is_stored(n_rows):
    assert make_widths.check(n_rows)


@pytest.mark.slow
def test_a_loss_that_was_not_trained_is_found_out(file):
    forged = pd.read_csv(file)
    forged["loss"] *= 1.05
    forged.to_csv(file, index=False)
    assert not make_widths.check(n_rows=1)


def test_at_the_base_width_mup_is_what_pytorch_does():
    rates = make_widths.RATES[:2]
    standard = make_widths.fit_standard(make_widths.BASE, rates, seed=0)
    mup = make_widths.fit_mup(make_widths.BASE, rates, seed=0)
    assert mup == pytest.approx(standard, abs=0, rel=0.01)


def test_losses_are_resumed(file, monkeypatch):
    whole = pd.read_csv(file)
    trained = []

    def fit_seed(seed):
        trained.append(seed)
        return whole[whole["seed"] == seed]

    monkeypatch.setattr(make_widths, "fit_seed", fit_seed)
    last = make_widths.SEEDS - 1
    whole[whole["seed"] < last].to_csv(file, index=False)
    make_widths.make()
    assert trained == [last]
    pd.testing.assert_frame_equal(pd.read_csv(file), whole)
    assert [path.name for path in file.parent.iterdir()] == ["widths.csv"]
