import pickle

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.trial import TrialState
from scipy.sparse import csr_array
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from hpocourse import load_breast_cancer, load_diabetes, make_wave
from hpocourse.search import _objective
from hpocourse.search._objective import cv_objective

X, y = load_iris(return_X_y=True)
PIPELINE = make_pipeline(StandardScaler(), SVC())


def _objective_of(estimator=PIPELINE, **options):
    return cv_objective(estimator, X, y, **{"cv": 3, "scoring": "accuracy"} | options)


@pytest.mark.parametrize("cv", [4, KFold(3, shuffle=True, random_state=1), "folds"])
def test_agrees_with_scikit_learn(cv):
    data = load_breast_cancer()
    cv = data.folds(3) if cv == "folds" else cv
    X, y = data.X_train_valid, data.y_train_valid
    grid = {"svc__C": [0.01, 1.0], "svc__gamma": ["scale", 0.1]}
    search = GridSearchCV(PIPELINE, grid, cv=cv, scoring="roc_auc").fit(X, y)
    objective = cv_objective(PIPELINE, X, y, cv=cv, scoring="roc_auc")
    scores = [objective(params) for params in search.cv_results_["params"]]
    assert scores == list(search.cv_results_["mean_test_score"])
    assert {type(score) for score in scores} == {float}


def test_regression_with_a_function_for_a_score():
    def within(model, X, y):
        return np.mean(np.abs(model.predict(X) - y) < 0.1)

    wave = make_wave(100)
    data = (wave.X_train_valid, wave.y_train_valid)
    objective = cv_objective(SVR(), *data, cv=wave.folds(4), scoring=within)
    assert 0 < objective({"gamma": 0.1}) < objective({"gamma": 10.0}) <= 1


@pytest.mark.parametrize("kind", [pd.DataFrame, csr_array, np.ndarray.tolist])
def test_kinds_of_data(kind):
    expected = _objective_of(SVC())({"C": 2})
    objective = cv_objective(SVC(), kind(X), y, cv=3, scoring="accuracy")
    assert objective({"C": 2}) == pytest.approx(expected, abs=0.02)


def test_folds_are_drawn_once():
    objective = _objective_of(cv=ShuffleSplit(2, test_size=0.2))
    assert objective({}) == objective({})
    (first, _), (second, _) = objective.folds
    assert first.tolist() != second.tolist()


def test_estimator_and_parameters_stay_as_they_were():
    knn = KNeighborsClassifier()
    model = Pipeline([("model", SVC())])
    objective = _objective_of(model)
    objective({"model": knn, "model__n_neighbors": 3})
    assert model.get_params()["model__C"] == 1.0
    assert not hasattr(model["model"], "classes_")
    assert not hasattr(knn, "classes_")


def test_order_of_parameters_does_not_matter():
    model = Pipeline([("model", SVC())])
    knn = KNeighborsClassifier()
    one = _objective_of(model)({"model__n_neighbors": 50, "model": knn})
    assert one == _objective_of(model)({"model": knn, "model__n_neighbors": 50})
    assert one != _objective_of(model)({"model": knn})
    assert knn.n_neighbors == 5


def test_it_can_be_pickled():
    objective = _objective_of()
    again = pickle.loads(pickle.dumps(objective))
    assert again({"svc__C": 3}) == objective({"svc__C": 3})
    assert repr(again) == f"cv_objective({PIPELINE!r}, folds=3)"


def test_trial_gets_a_report_for_each_fold():
    study = optuna.create_study(direction="maximize")
    trial = study.ask()
    objective = _objective_of()
    value = objective({"svc__C": 0.1}, trial)
    assert value == objective({"svc__C": 0.1})
    study.tell(trial, value)
    (frozen,) = study.trials
    scores = frozen.user_attrs["fold_scores"]
    means = {k: pytest.approx(np.mean(scores[:k])) for k in (1, 2, 3)}
    assert frozen.intermediate_values == means
    assert len(set(scores)) > 1


def test_pruner_ends_a_trial_between_folds(monkeypatch):
    study = optuna.create_study(
        direction="maximize",
        pruner=optuna.pruners.ThresholdPruner(lower=0.9),
    )
    fits = []
    score = _objective.cross_val_score
    monkeypatch.setattr(
        _objective, "cross_val_score", lambda *a, **k: fits.append(k) or score(*a, **k)
    )
    objective = _objective_of()
    for C in (1.0, 1e-4):
        study.enqueue_trial({"C": C})
    study.optimize(
        lambda trial: objective({"svc__C": trial.suggest_float("C", 1e-4, 1)}, trial),
        n_trials=2,
    )
    good, bad = study.trials
    assert (good.state, bad.state) == (TrialState.COMPLETE, TrialState.PRUNED)
    assert len(good.user_attrs["fold_scores"]) == 3
    assert len(bad.user_attrs["fold_scores"]) == 1
    assert len(fits) == 4


def test_runs_as_a_search():
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    from hpocourse.search import run

    space = {
        "svc__C": FloatDistribution(1e-3, 1e3, log=True),
        "svc__kernel": CategoricalDistribution(["rbf", "linear"]),
    }
    options = {"n_trials": 6, "progress": False, "method": "random"}
    plain = run(_objective_of(), space, **options)
    pruner = optuna.pruners.NopPruner()
    told = run(_objective_of(), space, pass_trial=True, pruner=pruner, **options)
    assert [t.value for t in told.trials] == [t.value for t in plain.trials]
    assert all(len(t.user_attrs["fold_scores"]) == 3 for t in told.trials)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"C": 1}, ValueError, "Invalid parameter 'C'"),
        ({"svc__gama": 1}, ValueError, "Invalid parameter 'gama' .*'gamma'"),
        ({"svc__C": -1}, RuntimeError, r"fold 1 of 3 failed at {'svc__C': -1}: .*Inv"),
    ],
)
def test_wrong_parameters(params, error, message):
    with pytest.raises(error, match=message):
        _objective_of()(params)


def test_failure_names_its_fold():
    half = np.arange(0, 150, 2)
    pairs = [(half, half + 1), (np.arange(50), half)]  # the second has one class
    objective = _objective_of(LogisticRegression(), cv=pairs)
    with pytest.raises(RuntimeError, match=r"fold 2 of 2 failed at {'C': 1.0}: ValueE"):
        objective({"C": 1.0})


def test_an_error_without_a_text_is_told_all_the_same():
    class Nameless(Exception):
        def __str__(self):
            return self.missing

    class Failing(LogisticRegression):
        def fit(self, X, y):
            raise Nameless

    objective = cv_objective(Failing(), X, y, cv=2, scoring="accuracy")
    with pytest.raises(RuntimeError, match=r"fold 1 of 2 failed at \{\}: .*Nameless"):
        objective({})


def test_nan_is_no_score():
    wave = make_wave(40)
    folds = [(np.arange(20), np.array([21]))]  # R² of one row
    data = (wave.X_train_valid, wave.y_train_valid)
    objective = cv_objective(SVR(), *data, cv=folds, scoring="r2")
    with (
        pytest.warns(UserWarning, match="R"),
        pytest.raises(ValueError, match=r"fold 1 of 1 is NaN at {}; is the metric"),
    ):
        objective({})


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"scoring": "acuracy"}, ValueError, "'acuracy'"),
        ({"scoring": None}, TypeError, "scoring must be the name of one metric"),
        ({"scoring": ["accuracy"]}, TypeError, "of one metric .* of type list"),
        ({"scoring": accuracy_score}, ValueError, "metric function"),
        ({"cv": []}, ValueError, "cv holds no folds"),
        ({"cv": 1}, ValueError, "n_splits=1"),
        ({"cv": 1000}, ValueError, "n_splits=1000"),
        ({"cv": "five"}, ValueError, "'?five'?"),
        ({"estimator": SVC}, TypeError, "must be an estimator .*; make one"),
        ({"estimator": "SVC"}, TypeError, "got 'SVC' of type str"),
    ],
)
def test_wrong_arguments(options, error, message):
    with pytest.raises(error, match=message):
        _objective_of(**options)


def test_folds_of_other_data_are_refused():
    diabetes = load_diabetes()
    with pytest.raises(ValueError, match=r"the folds hold row \d+, but X has 264 rows"):
        cv_objective(
            SVR(),
            diabetes.X_train,
            diabetes.y_train,
            cv=diabetes.folds(3),
            scoring="r2",
        )
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        cv_objective(SVR(), X, y[1:], cv=3, scoring="r2")


def test_an_estimator_that_predicts_nothing_needs_no_labels():
    points = np.random.default_rng(0).normal(size=(60, 2))
    density = KernelDensity()
    objective = cv_objective(
        density, points, cv=3, scoring=lambda e, X, y=None: e.score(X)
    )
    assert objective({"bandwidth": 0.5}) > objective({"bandwidth": 0.01})


def test_example_in_docstring():
    import doctest

    assert doctest.testmod(_objective) == (0, 7)
