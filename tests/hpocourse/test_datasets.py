import dataclasses

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier

import hpocourse
from hpocourse import (
    Dataset,
    load_breast_cancer,
    load_diabetes,
    load_digits,
    make_arithmetic,
    make_wave,
)
from hpocourse.languages import ENGLISH, LANGUAGES

PARTS = ("train", "valid", "test")


@pytest.fixture(scope="module")
def digits():
    return load_digits()


def _small(**changes):
    """Return a data set of six rows, two classes of three."""
    X, y = np.arange(12.0).reshape(6, 2), np.array([0, 1, 0, 1, 0, 1])
    fields = {
        "X_train": X[:2],
        "y_train": y[:2],
        "X_valid": X[2:4],
        "y_valid": y[2:4],
        "X_test": X[4:],
        "y_test": y[4:],
        "name": "small",
        "feature_names": ("a", "b"),
        "target_names": ("no", "yes"),
    }
    return Dataset(**fields | changes)


def _rows(data):
    return np.concatenate([getattr(data, f"X_{part}") for part in PARTS])


def test_digits(digits):
    assert [len(getattr(digits, f"y_{p}")) for p in PARTS] == [1077, 360, 360]
    for part in PARTS:
        X, y = getattr(digits, f"X_{part}"), getattr(digits, f"y_{part}")
        assert X.shape == (len(y), 64)
        assert X.dtype == np.float32
        assert y.dtype == np.int64
        assert X.min() == 0
        assert X.max() == 1
    assert digits.target_names == tuple("0123456789")
    assert len(digits.feature_names) == 64


def test_digits_are_all_there_once(digits):
    from sklearn.datasets import load_digits as original

    data = original().data
    expected = sorted(map(tuple, data / 16))
    assert sorted(map(tuple, _rows(digits).astype(float))) == expected


def test_digits_are_stratified(digits):
    whole = np.bincount(np.concatenate([digits.y_train_valid, digits.y_test])) / 1797
    for part in PARTS:
        y = getattr(digits, f"y_{part}")
        np.testing.assert_allclose(np.bincount(y) / len(y), whole, atol=0.003)


@pytest.mark.parametrize(
    "load",
    [load_breast_cancer, load_diabetes, load_digits, make_arithmetic, make_wave],
)
def test_seed_decides(load):
    one, same, other = load(seed=1), load(seed=1), load(seed=np.int64(2))
    np.testing.assert_array_equal(_rows(one), _rows(same))
    np.testing.assert_array_equal(one.y_test, same.y_test)
    assert not np.array_equal(one.X_test, other.X_test)


def test_wave():
    wave = make_wave()
    assert [getattr(wave, f"X_{p}").shape for p in PARTS] == [
        (1200, 1),
        (400, 1),
        (400, 1),
    ]
    x = _rows(wave)[:, 0]
    assert -1 <= x.min() < -0.99
    assert 0.99 < x.max() <= 1
    y = np.concatenate([wave.y_train_valid, wave.y_test])
    noise = y - np.cos(5 * x) * x**2
    assert abs(noise.mean()) < 0.005
    assert noise.std() == pytest.approx(0.05, rel=0.05)
    assert wave.target_names is None


def test_wave_without_noise():
    wave = make_wave(50, noise=0)
    x = wave.X_test[:, 0]
    np.testing.assert_allclose(wave.y_test, np.cos(5 * x) * x**2)


@pytest.mark.parametrize("n_samples", [5, 6, 7, 99])
def test_wave_of_any_size_fills_every_part(n_samples):
    wave = make_wave(n_samples)
    assert min(len(wave.y_train), len(wave.y_valid), len(wave.y_test)) >= 1
    assert len(_rows(wave)) == n_samples


@pytest.mark.parametrize(
    ("load", "name", "sizes", "n_features", "targets"),
    [
        (load_diabetes, "diabetes", (264, 89, 89), 10, None),
        (
            load_breast_cancer,
            "breast_cancer",
            (341, 114, 114),
            30,
            ("malignant", "benign"),
        ),
    ],
)
def test_data_of_scikit_learn(load, name, sizes, n_features, targets):
    import sklearn.datasets

    data, original = load(), getattr(sklearn.datasets, f"load_{name}")()
    assert tuple(len(getattr(data, f"y_{p}")) for p in PARTS) == sizes
    assert data.name == name
    assert data.feature_names == tuple(original.feature_names)
    assert {type(feature) for feature in data.feature_names} == {str}
    assert data.target_names == targets
    y = np.concatenate([data.y_train_valid, data.y_test])
    assert y.dtype == (np.float64 if targets is None else np.int64)
    together = np.column_stack([_rows(data), y])
    expected = np.column_stack([original.data, original.target])
    assert together.shape == (sum(sizes), n_features + 1)
    assert sorted(map(tuple, together)) == sorted(map(tuple, expected))


def test_breast_cancer_is_stratified():
    data = load_breast_cancer()
    for part in PARTS:
        assert getattr(data, f"y_{part}").mean() == pytest.approx(357 / 569, abs=0.005)


OPERATIONS = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
}


@pytest.mark.parametrize("hard", [False, True])
def test_arithmetic(hard):
    data = make_arithmetic(hard=hard)
    assert data.feature_names == ("a", "b", *OPERATIONS)
    assert data.target_names is None
    for part, size in zip(PARTS, (6000, 2000, 2000), strict=True):
        X, y = getattr(data, f"X_{part}"), getattr(data, f"y_{part}")
        assert X.shape == (size, 6)
        assert np.isfinite(y).all()
        assert (X[:, 2:].sum(axis=1) == 1).all()
        assert X[:, 2:].sum(axis=0).tolist() == [size / 4] * 4
        for i, operation in enumerate(OPERATIONS.values(), start=2):
            a, b, result = *X[X[:, i] == 1, :2].T, y[X[:, i] == 1]
            np.testing.assert_array_equal(result, operation(a, b))


def test_operands_of_arithmetic():
    X = _rows(make_arithmetic())
    a, b, divides = X[:, 0], X[:, 1], X[:, 5] == 1
    for operands in (a, b[~divides]):
        assert -10 <= operands.min() < -9.99
        assert 9.99 < operands.max() <= 10
        counts = np.histogram(operands, 10, (-10, 10))[0] / len(operands)
        np.testing.assert_allclose(counts, 0.1, atol=0.015)
    assert (np.abs(b[~divides]) < 0.5).any()
    divisors = np.abs(b[divides])
    assert 0.5 <= divisors.min() < 0.51
    assert divisors.max() > 9.9
    # Uniform still: no heap at the edge, as clipping would leave.
    assert np.mean(divisors < 1) == pytest.approx(0.5 / 9.5, abs=0.015)


def test_hard_divisors_are_clipped():
    easy, hard = _rows(make_arithmetic()), _rows(make_arithmetic(hard=True))
    divisors = hard[hard[:, 5] == 1, 1]
    assert (np.abs(divisors) <= 0.6).all()
    assert (divisors != 0).all()
    assert np.mean(np.abs(divisors) == 0.6) == pytest.approx(0.94, abs=0.02)
    assert np.mean(divisors > 0) == pytest.approx(0.5, abs=0.05)
    others = [rows[rows[:, 5] == 0] for rows in (easy, hard)]
    np.testing.assert_array_equal(*(np.sort(rows, axis=0) for rows in others))


@pytest.mark.parametrize("n_samples", [20, 21, 22, 23, np.int64(101)])
def test_arithmetic_of_any_size_is_balanced(n_samples):
    data = make_arithmetic(n_samples)
    X = _rows(data)
    assert len(X) == n_samples
    counts = X[:, 2:].sum(axis=0)
    assert counts.max() - counts.min() <= 1
    for part in PARTS:
        counts = getattr(data, f"X_{part}")[:, 2:].sum(axis=0)
        assert counts.min() >= 1
        assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("k", [2, 5, np.int64(3)])
@pytest.mark.parametrize("load", [load_breast_cancer, load_digits, make_wave])
def test_folds(load, k):
    data = load()
    folds = data.folds(k)
    assert len(folds) == k
    n = len(data.y_train_valid)
    assert n == len(data.y_train) + len(data.y_valid)
    for fit, validate in folds:
        np.testing.assert_array_equal(np.sort(np.r_[fit, validate]), np.arange(n))
    np.testing.assert_array_equal(
        np.sort(np.concatenate([validate for _, validate in folds])), np.arange(n)
    )


def test_folds_never_hold_a_test_row(digits):
    test_rows = set(map(bytes, digits.X_test))
    for fit, validate in digits.folds(3):
        for rows in (fit, validate):
            assert not test_rows & set(map(bytes, digits.X_train_valid[rows]))


def test_folds_are_stratified_and_repeat(digits):
    whole = np.bincount(digits.y_train_valid) / len(digits.y_train_valid)
    for (fit, validate), (fit_again, _) in zip(
        digits.folds(), digits.folds(), strict=True
    ):
        np.testing.assert_array_equal(fit, fit_again)
        y = digits.y_train_valid[validate]
        np.testing.assert_allclose(np.bincount(y) / len(y), whole, atol=0.01)
    assert not np.array_equal(digits.folds()[0][1], load_digits(seed=1).folds()[0][1])


def test_folds_serve_a_grid_search(digits):
    search = GridSearchCV(
        KNeighborsClassifier(), {"n_neighbors": [1, 3]}, cv=digits.folds(2)
    )
    search.fit(digits.X_train_valid, digits.y_train_valid)
    assert search.n_splits_ == 2
    assert search.score(digits.X_test, digits.y_test) > 0.95


def test_fields_are_frozen_and_arrays_writable(digits):
    with pytest.raises(dataclasses.FrozenInstanceError):
        digits.X_train = digits.X_test
    assert digits.X_train.flags.writeable


def test_repr_is_the_same_in_every_language(digits):
    expected = "Dataset('digits', train=(1077, 64), valid=(360, 64), test=(360, 64), "
    for language in (ENGLISH, *LANGUAGES):
        with hpocourse.use_language(language):
            assert repr(digits) == expected + "classes=10)"
    assert "classes" not in repr(make_wave(10))


@pytest.mark.parametrize(
    ("language", "caption", "part"),
    [
        ("en", "digits: 1797 samples, 64 features, 10 classes", "Training"),
        ("pt", "digits: 1797 amostras, 64 atributos, 10 classes", "Treino"),
        ("es", "digits: 1797 muestras, 64 características, 10 clases", "Entrenamiento"),
        ("ru", "digits: 1797 объектов, 64 признака, 10 классов", "Обучающая"),
    ],
)
def test_table_speaks_the_language(digits, language, caption, part):
    with hpocourse.use_language(language):
        html = digits._repr_html_()
    assert f"<caption>{caption}</caption>" in html
    assert f'<th scope="row">{part}</th><td>1077</td>' in html


def test_table_of_one_feature_and_a_name_to_escape():
    with hpocourse.use_language("ru"):
        assert "wave: 21 объект, 1 признак<" in make_wave(21)._repr_html_()
    assert "&lt;b&gt;" in _small(name="<b>")._repr_html_()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: load_digits(seed=None), TypeError, "seed must be an integer, got Non"),
        (lambda: load_digits(seed=True), TypeError, "got True of type bool"),
        (lambda: load_digits(seed=1.0), TypeError, "got 1.0 of type float"),
        (lambda: load_digits(seed="1"), TypeError, "got '1' of type str"),
        (lambda: load_digits(seed=-1), ValueError, "seed must be at least 0, got -1"),
        (lambda: make_wave(seed=2**32), ValueError, "at most 4294967295, got 42949672"),
        (lambda: make_wave(4), ValueError, "n_samples must be at least 5, got 4"),
        (lambda: make_wave(100.0), TypeError, "n_samples must be an integer, got 100."),
        (lambda: make_wave(True), TypeError, "n_samples must be an integer, got True"),
        (lambda: make_wave(noise=-0.1), ValueError, "noise must .* at least 0, got -0"),
        (lambda: make_wave(noise=np.nan), ValueError, "noise must be finite.* got nan"),
        (lambda: make_wave(noise=np.inf), ValueError, "noise must be finite.* got inf"),
        (lambda: make_wave(noise="0"), TypeError, "noise must be a number, got '0'"),
        (lambda: make_wave(noise=True), TypeError, "noise must be a number, got True"),
        (lambda: make_arithmetic(19), ValueError, "n_samples must be at least 20, got"),
        (lambda: make_arithmetic("9"), TypeError, "n_samples must be an integer, got"),
        (lambda: make_arithmetic(hard=1), TypeError, "hard must be True or False, got"),
        (lambda: make_arithmetic(hard=None), TypeError, "got None of type NoneType"),
        (lambda: make_arithmetic(seed=None), TypeError, "seed must be an integer"),
        (
            lambda: load_diabetes(seed=0.5),
            TypeError,
            "seed must be an integer, got 0.5",
        ),
        (lambda: load_breast_cancer(seed=-1), ValueError, "seed must be at least 0"),
        (lambda: make_wave(10).folds(1), ValueError, "k must be at least 2, got 1"),
        (lambda: make_wave(10).folds(9), ValueError, "k must be at most 8, .* got 9"),
        (lambda: make_wave(10).folds(2.0), TypeError, "k must be an integer, got 2.0"),
        (lambda: make_wave(10).folds(True), TypeError, "k must be an integer, got Tru"),
        (lambda: make_wave(10).folds("5"), TypeError, "k must be an integer, got '5'"),
        (lambda: load_digits().folds(143), ValueError, "at most .* class 8.* got 143"),
        (lambda: _small().folds(3), ValueError, "at most 2, .* of class 0, .* got 3"),
        (
            lambda: _small(X_train=[[1, 2], [3, 4]]),
            TypeError,
            "X_train must be a NumPy array, got list; convert",
        ),
        (
            lambda: _small(y_valid=np.zeros(3)),
            ValueError,
            "X_valid and y_valid must have the same length, got 2 and 3",
        ),
        (
            lambda: _small(X_test=np.zeros((2, 3))),
            ValueError,
            r"X_test must .* 2 feature_names, got shape \(2, 3\)",
        ),
        (lambda: _small(seed="x"), TypeError, "seed must be an integer, got 'x'"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
