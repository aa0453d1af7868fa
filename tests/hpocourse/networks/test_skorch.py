import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from hpocourse import load_digits, make_wave
from hpocourse.networks import _skorch, classifier, regressor

GRID = {"lr": [0.001, 0.01], "module__hidden": [(8,), (6, 4)]}


def test_classifies_and_predicts():
    digits, wave = load_digits(), make_wave()
    net = classifier(hidden=(32,), lr=0.01, epochs=8)
    net.fit(digits.X_train, digits.y_train)
    assert net.score(digits.X_valid, digits.y_valid) > 0.92
    net = regressor(lr=0.01, epochs=30, loss="l1").fit(wave.X_train, wave.y_train)
    assert net.predict(wave.X_valid).shape == wave.y_valid.shape
    assert net.score(wave.X_valid, wave.y_valid) > 0.8


@pytest.mark.parametrize("net", [classifier, regressor])
def test_same_scores_for_any_number_of_processes(small, values, net):
    data = small if net is classifier else values
    X, y = data.X_train_valid, data.y_train_valid
    scores = []
    for n_jobs in (1, 2):
        torch.manual_seed(n_jobs)
        search = GridSearchCV(
            net(epochs=3, dropout=0.2), GRID, cv=data.folds(2), n_jobs=n_jobs
        ).fit(X, y)
        scores.append(search.cv_results_["mean_test_score"])
    assert np.array_equal(*scores)
    assert len(set(scores[0])) > 1
    again = pickle.loads(pickle.dumps(search.best_estimator_))
    assert np.array_equal(again.predict(X), search.predict(X))


def test_seeds_each_fit_and_leaves_the_global_seed(small):
    def probabilities(**settings):
        net = classifier(epochs=2, dropout=0.3, **settings)
        return net.fit(small.X_train, small.y_train).predict_proba(small.X_valid)

    first = probabilities()
    state = torch.get_rng_state()
    torch.manual_seed(5)
    assert np.array_equal(first, probabilities())
    assert not np.array_equal(first, probabilities(seed=1))
    torch.set_rng_state(state)
    net = clone(classifier(seed=7))
    assert net.seed == 7


def test_patience_and_schedule(small):
    net = classifier(lr=0.3, epochs=60, patience=3, schedule="linear")
    net.fit(small.X_train, small.y_train)
    losses = net.history[:, "valid_loss"]
    assert len(losses) == np.argmin(losses) + 1 + 3 < 60
    rates = net.history[:, "event_lr"]
    assert rates[:3] == pytest.approx([0.3, 0.295, 0.29])


def test_schedule_follows_the_epochs_that_a_search_sets(small):
    net = classifier(epochs=4, lr=0.01, schedule="linear")
    for epochs in (2, 8):
        again = clone(net).set_params(max_epochs=epochs)
        again.fit(small.X_train, small.y_train)
        falls = 0.01 * (1 - np.arange(epochs) / epochs)
        assert again.history[:, "event_lr"] == pytest.approx(falls)


def test_patience_counts_every_lower_loss(small):
    net = classifier(epochs=40, lr=3e-5, patience=3, hidden=(4,), optimizer="sgd")
    net.fit(small.X_train, small.y_train)
    losses = net.history[:, "valid_loss"]
    assert losses == sorted(losses, reverse=True)
    assert len(losses) == 40


def test_what_is_set_apart_is_drawn(values):
    xs = np.linspace(0, 6, 400, dtype=np.float32)[:, None]
    net = regressor(epochs=150, lr=0.01, patience=10).fit(xs, np.sin(xs[:, 0]))
    assert net.score(xs, np.sin(xs[:, 0])) > 0.98


def test_too_few_examples_to_set_some_apart(small):
    X, y = small.X_train, small.y_train
    rows = np.concatenate([np.flatnonzero(y == k)[:4] for k in range(3)])
    with pytest.raises(ValueError, match="at least 5 examples of each class, got 4"):
        classifier(patience=2).fit(X[rows], y[rows])
    with pytest.raises(ValueError, match="at least 5 examples, got 4"):
        regressor(patience=2).fit(X[:4], y[:4])


def test_fitting_again_leaves_the_global_seed(small):
    net = classifier(epochs=1)
    for _ in range(2):
        state = torch.get_rng_state()
        net.fit(small.X_train, small.y_train)
        assert torch.equal(state, torch.get_rng_state())


def test_checkpoint(small, tmp_path):
    net = classifier(lr=0.3, epochs=15, checkpoint=tmp_path)
    net.fit(small.X_train, small.y_train)
    kept = torch.load(tmp_path / "params.pt")
    assert set(kept) == set(net.module_.state_dict())


def test_tensorboard_missing_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(_skorch, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install tensorboard"):
        classifier(tensorboard=tmp_path)


def test_tensorboard_keeps_each_training_of_a_search_apart(small, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = tmp_path / "records"
    net = classifier(epochs=2, tensorboard=folder)
    search = GridSearchCV(net, {"lr": [0.1]}, cv=2, n_jobs=2)
    search.fit(small.X_train, small.y_train)
    trainings = {}
    for training in folder.iterdir():
        records = EventAccumulator(str(training)).Reload()
        trainings[training] = [s.value for s in records.Scalars("Loss/train_loss")]
    assert len(trainings) == 3  # two folds, and the winner trained again
    assert {len(losses) for losses in trainings.values()} == {2}
    refitted = search.best_estimator_.history[:, "train_loss"]
    assert any(losses == pytest.approx(refitted) for losses in trainings.values())


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"loss": "mse"}, ValueError, "one of cross_entropy, got 'mse'"),
        ({"activation": "relo"}, ValueError, "did you mean 'relu'"),
        ({"optimizer": "adm"}, ValueError, "did you mean 'adam"),
        ({"lr": 0}, ValueError, "lr must be above 0"),
        ({"hidden": (0,)}, ValueError, r"hidden\[0\] must be at least 1"),
        ({"patience": 0}, ValueError, "patience must be at least 1"),
        ({"device": "abacus"}, ValueError, "device must be"),
    ],
)
def test_bad_settings(settings, error, message):
    with pytest.raises(error, match=message):
        classifier(**settings)


def test_bad_data(small):
    X, y = small.X_train, small.y_train
    with pytest.raises(ValueError, match="number classes with"):
        classifier().fit(X, y + 0.5)
    with pytest.raises(ValueError, match="all of them"):
        classifier().fit(X, y + 1)
    with pytest.raises(TypeError, match="y must hold numbers"):
        classifier().fit(X, y.astype(str))
    with pytest.raises(ValueError, match="X must have two dimensions"):
        classifier().fit(X[:, 0], y)
    broken = X.copy()
    broken[0, 0] = np.nan
    with pytest.raises(ValueError, match=r"X holds 1 .* at \(0, 0\): nan"):
        classifier().fit(broken, y)
    with pytest.raises(ValueError, match="one of huber, l1, mse, got 'cross_entropy'"):
        regressor(loss="cross_entropy")


@pytest.mark.needs("cuda")
def test_on_a_graphics_card(small):
    net = classifier(epochs=2, device="cuda").fit(small.X_train, small.y_train)
    assert next(net.module_.parameters()).is_cuda
