"""The stored trainings with many seeds are what training gives, made resumably."""

import make_seed_noise
import pandas as pd
import pytest
import torch

from hpocourse import load_measurements


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Another file than the package's, with all that it holds."""
    path = tmp_path / "seed_noise.csv"
    monkeypatch.setattr(make_seed_noise, "FILE", path)
    load_measurements("seed_noise").to_csv(path, index=False)
    return path


@pytest.mark.slow
def test_training_again_gives_what_is_stored():
    assert make_seed_noise.check(n_rows=1)


@pytest.mark.slow
def test_an_accuracy_that_was_not_trained_is_found_out(file):
    forged = pd.read_csv(file)
    forged["all"] -= 0.1
    forged.to_csv(file, index=False)
    assert not make_seed_noise.check(n_rows=1)


def test_images_move_by_one_pixel_and_nothing_comes_in():
    image = torch.zeros(8, 8)
    image[0, 4] = 1.0
    images = image.reshape(1, 64).repeat(500, 1)
    moved = make_seed_noise.shift(images, torch.Generator().manual_seed(0))
    rows, columns = moved.reshape(-1, 8, 8).sum(dim=0).nonzero(as_tuple=True)
    assert sorted(set(rows.tolist())) == [0, 1]
    assert sorted(set(columns.tolist())) == [3, 4, 5]
    lost = (moved.sum(dim=1) == 0).double().mean().item()
    assert lost == pytest.approx(1 / 3, abs=0.1)


def test_accuracies_are_resumed(file, monkeypatch):
    whole = pd.read_csv(file)
    trained = []

    def fit_seed(seed):
        trained.append(seed)
        return whole.iloc[seed].to_dict() | {"seed": seed}

    monkeypatch.setattr(make_seed_noise, "fit_seed", fit_seed)
    last = make_seed_noise.SEEDS - 1
    whole[whole["seed"] < last].to_csv(file, index=False)
    make_seed_noise.make()
    assert trained == [last]
    pd.testing.assert_frame_equal(pd.read_csv(file), whole)
    assert [path.name for path in file.parent.iterdir()] == ["seed_noise.csv"]
