import pickle

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from skorch.callbacks import Checkpoint, EarlyStopping, LRScheduler
from skorch.dataset import ValidSplit

from hpocourse import load_digits, make_wave
from hpocourse.networks import classifier, regressor

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


def test_fitting_again_leaves_the_global_seed(small):
    net = classifier(epochs=1)
    for _ in range(2):
        state = torch.get_rng_state()
        net.fit(small.X_train, small.y_train)
        assert torch.equal(state, torch.get_rng_state())


def test_callbacks_of_skorch_do_the_rest(small, tmp_path):
    split = ValidSplit(5, stratified=True)
    keeper = Checkpoint(dirname=str(tmp_path), monitor="valid_loss_best")
    early = EarlyStopping(patience=3, threshold=0, load_best=True)
    falls = LRScheduler("StepLR", step_size=1, gamma=0.5)
    net = classifier(
        lr=0.3, epochs=60, train_split=split, callbacks=[early, keeper, falls]
    ).fit(small.X_train, small.y_train)
    losses = net.history[:, "valid_loss"]
    assert len(losses) == np.argmin(losses) + 1 + 3 < 60
    assert net.history[:3, "event_lr"] == pytest.approx([0.3, 0.15, 0.075])
    new = classifier()
    new.load_params(checkpoint=keeper)
    expected = net.predict_proba(small.X_valid)
    assert np.array_equal(new.predict_proba(small.X_valid), expected)


@pytest.mark.parametrize("net", [classifier, regressor])
def test_saved_weights_are_read_by_a_new_estimator(small, values, net, tmp_path):
    data = small if net is classifier else values
    fitted = net(hidden=(7, 3), epochs=2).fit(data.X_train, data.y_train)
    fitted.save_params(f_params=tmp_path / "weights.pt")
    new = net(hidden=(7, 3))
    new.load_params(f_params=tmp_path / "weights.pt")
    assert np.array_equal(new.predict(data.X_valid), fitted.predict(data.X_valid))
    fitted.load_params(f_params=tmp_path / "weights.pt")
    with pytest.raises(RuntimeError, match="size mismatch"):
        net(hidden=(8, 3)).load_params(f_params=tmp_path / "weights.pt")


def test_partial_fit_of_a_new_estimator(small):
    X, y = small.X_train, small.y_train
    state = torch.get_rng_state()
    both = [classifier(epochs=3, dropout=0.2).partial_fit(X, y) for _ in range(2)]
    assert torch.equal(state, torch.get_rng_state())
    assert np.array_equal(*(net.predict_proba(X) for net in both))
    fitted = classifier(epochs=3, dropout=0.2).fit(X, y)
    assert np.array_equal(both[0].predict_proba(X), fitted.predict_proba(X))
    both[0].partial_fit(X, y)
    assert len(both[0].history) == 6
    # The second call goes on: neither the same batches again nor new weights.
    losses = both[0].history[:, "train_loss"]
    assert losses[3] < losses[0]


@pytest.mark.parametrize(
    "kind", [sparse.csr_matrix, sparse.csc_array, sparse.coo_array]
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_sparse_features_of_any_type(small, kind, dtype):
    X = np.round(small.X_train).astype(dtype)
    dense, thin = (
        classifier(epochs=2).fit(features, small.y_train).predict_proba(features)
        for features in (X, kind(X))
    )
    assert thin == pytest.approx(dense, abs=1e-5)
    empty = kind(np.zeros_like(X))
    assert classifier(epochs=1).fit(empty, small.y_train).predict(empty).shape == (90,)


def test_what_scikit_learn_hands_on_by_default():
    words, y = [["a"], ["b"]] * 8, [0, 1] * 8
    net = classifier(epochs=30, batch_size=4, lr=0.1)
    assert make_pipeline(OneHotEncoder(), net).fit(words, y).score(words, y) == 1
    texts = [word for (word,) in words]
    tfidf = TfidfVectorizer(token_pattern="[ab]")
    assert make_pipeline(tfidf, net).fit(texts, y).score(texts, y) == 1
    broken = sparse.csr_array([[1.0, np.nan], [0.0, 1.0]])
    with pytest.raises(ValueError, match="features: Input contains NaN"):
        net.fit(broken, [0, 1])


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"activation": "relo"}, ValueError, "did you mean 'relu'"),
        ({"optimizer": "adm"}, ValueError, "did you mean 'adam"),
        ({"lr": 0}, ValueError, "lr must be above 0"),
        ({"hidden": (0,)}, ValueError, r"hidden\[0\] must be at least 1"),
        ({"device": "abacus"}, ValueError, "device must be"),
    ],
)
def test_bad_settings(settings, error, message):
    with pytest.raises(error, match=message):
        classifier(**settings)


def test_bad_data(small):
    X, y = small.X_train, small.y_train
    with pytest.raises(ValueError, match="number them with"):
        classifier().fit(X, y + 0.5)
    with pytest.raises(ValueError, match="all of them"):
        classifier().fit(X, y + 1)
    with pytest.raises(ValueError, match=r"y: .* numeric values"):
        classifier().fit(X, y.astype(str))
    with pytest.raises(ValueError, match="X must have two dimensions"):
        classifier().fit(X[:, 0], y)
    broken = X.copy()
    broken[0, 0] = np.nan
    with pytest.raises(ValueError, match="X: Input contains NaN"):
        classifier().fit(broken, y)
    with pytest.raises(ValueError, match="one of huber, l1, mse, got 'cross_entropy'"):
        regressor(loss="cross_entropy")
    for unknown in ({"hiden": (3,)}, {"loss": "mse"}, {"patience": 3}):
        (name,) = unknown
        with pytest.raises((TypeError, ValueError), match=name):
            classifier(**unknown).fit(X, y)


@pytest.mark.needs("cuda")
def test_on_a_graphics_card(small):
    net = classifier(epochs=2, device="cuda").fit(small.X_train, small.y_train)
    assert next(net.module_.parameters()).is_cuda
