"""Each library runs for real, and its result is read back from the study."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState
from scipy import stats
from sklearn.datasets import load_iris
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC

from hpocourse.search import as_study
from hpocourse.search._import import _distribution, _plain

X, y = load_iris(return_X_y=True)


def _states(study):
    return [trial.state.name for trial in study.trials]


@pytest.fixture(scope="module")
def grid():
    space = {"C": [0.01, 0.1, 1.0, 10.0], "gamma": ["scale", 0.5, None]}
    space["gamma"].pop()  # SVC refuses None
    return GridSearchCV(SVC(), space, cv=3).fit(X, y)


def test_grid_search(grid):
    study = as_study(grid)
    results = grid.cv_results_
    assert [trial.params for trial in study.trials] == results["params"]
    assert [trial.value for trial in study.trials] == list(results["mean_test_score"])
    assert study.direction.name == "MAXIMIZE"
    assert study.best_params == grid.best_params_
    assert study.best_value == grid.best_score_
    for i, trial in enumerate(study.trials):
        folds = [results[f"split{k}_test_score"][i] for k in range(3)]
        assert trial.user_attrs["fold_scores"] == folds
        for part in ("fit", "score"):
            seconds = results[f"mean_{part}_time"][i]
            assert trial.user_attrs[f"{part}_seconds"] == seconds
    assert study.trials[0].distributions == {
        "C": FloatDistribution(0.01, 10),
        "gamma": CategoricalDistribution(["scale", 0.5]),
    }


def test_values_can_change_sign(grid):
    study = as_study(grid, direction="minimize")
    assert study.best_params == grid.best_params_
    assert study.best_value == -grid.best_score_
    assert all(score <= 0 for score in study.trials[0].user_attrs["fold_scores"])
    assert as_study(grid, direction="maximize").best_value == grid.best_score_


def test_a_study_of_another_library_can_be_stored(grid, tmp_path):
    address = f"sqlite:///{tmp_path / 'study.db'}"
    study = as_study(grid)
    optuna.copy_study(
        from_study_name=study.study_name,
        from_storage=study._storage,
        to_storage=address,
    )
    copied = optuna.load_study(study_name=None, storage=address)
    assert [t.params for t in copied.trials] == [t.params for t in study.trials]
    assert pickle.loads(pickle.dumps(study)).best_value == study.best_value


def test_randomized_search():
    space = {
        "C": stats.loguniform(1e-3, 1e3),
        "tol": stats.uniform(0.001, 0.1),
        "max_iter": stats.randint(50, 100),
        "intercept_scaling": stats.norm(1, 0.1),
        "fit_intercept": [True, False],
    }
    model = LogisticRegression()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = RandomizedSearchCV(model, space, n_iter=6, cv=3, random_state=0)
        search.fit(X, y)
    study = as_study(search)
    assert [trial.params for trial in study.trials] == search.cv_results_["params"]
    assert study.best_params == search.best_params_
    known = study.trials[0].distributions
    for name in ("C", "tol", "max_iter", "intercept_scaling"):
        drawn = [trial.params[name] for trial in study.trials]
        assert (known[name].low, known[name].high) == (min(drawn), max(drawn))
    assert isinstance(known["max_iter"], IntDistribution)
    assert known["fit_intercept"] == CategoricalDistribution([True, False])


def test_spaces_with_parts_and_estimators():
    model = Pipeline([("model", SVC())])
    space = [
        {"model": [SVC()], "model__C": [1, 2]},
        {"model": [KNeighborsClassifier()], "model__n_neighbors": [3]},
    ]
    study = as_study(GridSearchCV(model, space, cv=2).fit(X, y))
    assert [trial.params for trial in study.trials] == [
        {"model": "SVC()", "model__C": 1},
        {"model": "SVC()", "model__C": 2},
        {"model": "KNeighborsClassifier()", "model__n_neighbors": 3},
    ]
    assert study.trials[0].distributions["model"] == CategoricalDistribution(
        ["SVC()", "KNeighborsClassifier()"]
    )


def test_failed_fits_are_failed_trials():
    search = GridSearchCV(SVC(), {"C": [-1, 1]}, cv=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search.fit(X, y)
    study = as_study(search)
    assert _states(study) == ["FAIL", "COMPLETE"]
    assert "failed" in study.trials[0].user_attrs["failure"]
    assert study.best_params == {"C": 1}


RIDGE, SVC_OPTION = "option 0", "option 1"


def test_hyperopt():
    from hyperopt import STATUS_FAIL, STATUS_OK, Trials, fmin, hp, space_eval, tpe
    from hyperopt.pyll import scope

    space = {
        "lr": hp.loguniform("lr", np.log(1e-4), np.log(1e-1)),
        "act": hp.choice("act", ["relu", None, "tanh"]),
        "depth": scope.int(hp.quniform("depth", 1, 9, 2)),
        "share": hp.quniform("share", 0, 1, 0.25),
        "width": hp.uniformint("width", 2, 5),
        "draw": hp.randint("draw", 4),
        "noise": hp.normal("noise", 0, 1),
        "model": hp.choice(
            "model",
            [
                {"model": "ridge", "alpha": hp.uniform("alpha", 0, 1)},
                {
                    "model": "svc",
                    "kernel": hp.choice(
                        "kernel", ["linear", {"rbf": hp.lognormal("gamma", 0, 1)}]
                    ),
                },
                (64, 32),
            ],
        ),
    }
    calls = []

    def objective(point):
        calls.append(point)
        if len(calls) == 4:
            raise ValueError("no luck")
        if len(calls) == 5:
            return {"status": STATUS_FAIL}
        loss = float("nan") if len(calls) == 6 else point["lr"]
        return {"status": STATUS_OK, "loss": loss, "epochs": 3}

    trials = Trials()
    fmin(
        objective,
        space,
        algo=tpe.suggest,
        max_evals=30,
        trials=trials,
        rstate=np.random.default_rng(0),
        show_progressbar=False,
        catch_eval_exceptions=True,
        verbose=False,
    )
    study = as_study(trials, space=space)
    assert study.direction.name == "MINIMIZE"
    assert _states(study)[:7] == ["COMPLETE"] * 3 + ["FAIL"] * 3 + ["COMPLETE"]
    reasons = [trial.user_attrs["failure"] for trial in study.trials[3:6]]
    assert reasons == [
        "<class 'ValueError'>: no luck",
        "the objective returned status 'fail'",
        "the value is nan",
    ]
    kernels = set()
    for trial, point in zip(study.trials, calls, strict=True):
        params = trial.params
        for name in ("lr", "act", "depth", "share", "width", "draw", "noise"):
            value = params.pop(name)
            assert value == point[name]
        model = point["model"]
        if isinstance(model, tuple):
            assert params == {"model": "(64, 32)"}
        elif model["model"] == "ridge":
            assert params == {"model": RIDGE, "alpha": model["alpha"]}
        else:
            assert params.pop("model") == SVC_OPTION
            kernels.add(params["kernel"])
            if params["kernel"] != "linear":
                assert params["gamma"] == model["kernel"]["rbf"]
        if trial.state == TrialState.COMPLETE:
            assert trial.value == point["lr"]
            assert trial.user_attrs["epochs"] == 3
        assert 0 <= trial.user_attrs["seconds"] < 60
    assert kernels == {"linear", "option 1"}
    assert study.best_params["lr"] == space_eval(space, trials.argmin)["lr"]
    known = {k: v for trial in study.trials for k, v in trial.distributions.items()}
    for name in ("lr", "depth", "share", "draw"):
        drawn = [trial.params[name] for trial in study.trials]
        assert (known[name].low, known[name].high) == (min(drawn), max(drawn))
    assert isinstance(known["share"], FloatDistribution)
    assert isinstance(known["draw"], IntDistribution)
    assert known["model"] == CategoricalDistribution([RIDGE, SVC_OPTION, "(64, 32)"])
    flipped = as_study(trials, space=space, direction="maximize")
    assert flipped.best_value == -study.best_value

    with pytest.raises(TypeError, match=r"space must be that of fmin"):
        as_study(trials)
    with pytest.raises(
        ValueError, match=r"a trial has 'noise' = .*, which the space lacks"
    ):
        as_study(trials, space={k: v for k, v in space.items() if k != "noise"})
    fewer = space | {"act": hp.choice("act", ["relu"])}
    with pytest.raises(
        ValueError, match=r"a trial has 'act' = [12], which the space lacks"
    ):
        as_study(trials, space=fewer)
    with pytest.raises(ValueError, match=r"empty; give them to fmin"):
        as_study(Trials(), space=space)


def test_hyperopt_trials_that_have_not_ended_are_left_out():
    from hyperopt import Trials, fmin, hp, rand

    trials, space = Trials(), {"x": hp.uniform("x", 0, 1)}
    options = {"algo": rand.suggest, "trials": trials, "show_progressbar": False}
    rstate = np.random.default_rng(0)
    fmin(lambda p: p["x"], space, max_evals=3, rstate=rstate, **options)
    trials.trials[1]["state"] = 1  # running
    assert len(as_study(trials, space=space).trials) == 2


@pytest.mark.filterwarnings("ignore:Non-float parameters")
def test_bayes_opt():
    from bayes_opt import BayesianOptimization
    from scipy.optimize import NonlinearConstraint

    bounds = {"x": (-2.0, 2.0), "n": (1, 9, int), "kind": ["a", "b"]}

    def target(x, n, kind):
        return -(x**2) + n + (kind == "b")

    optimizer = BayesianOptimization(target, bounds, random_state=0, verbose=0)
    with pytest.raises(ValueError, match="call maximize first"):
        as_study(optimizer)
    optimizer.probe({"x": 0.5, "n": 3, "kind": "b"})
    optimizer.maximize(init_points=3, n_iter=2)
    study = as_study(optimizer)
    assert [t.params for t in study.trials] == [r["params"] for r in optimizer.res]
    assert [t.value for t in study.trials] == [r["target"] for r in optimizer.res]
    assert study.direction.name == "MAXIMIZE"
    assert study.best_params == optimizer.max["params"]
    assert study.trials[0].params == {"x": 0.5, "n": 3, "kind": "b"}
    assert type(study.trials[1].params["n"]) is int
    known = study.trials[0].distributions
    for name, kind in (("x", FloatDistribution), ("n", IntDistribution)):
        values = [trial.params[name] for trial in study.trials]
        assert isinstance(known[name], kind)
        assert (known[name].low, known[name].high) == (min(values), max(values))
    assert known["kind"] == CategoricalDistribution(["a", "b"])

    limit = NonlinearConstraint(lambda x: x, -2, 0.5)
    limited = BayesianOptimization(
        lambda x: x, {"x": (-2, 2)}, constraint=limit, random_state=0, verbose=0
    )
    limited.maximize(init_points=4, n_iter=1)
    study = as_study(limited)
    allowed = [point["allowed"] for point in limited.res]
    assert {bool(one) for one in allowed} == {True, False}
    assert [max(t.constraints.values()) <= 0 for t in study.trials] == allowed
    assert (
        study.best_value == limited.max["target"] < max(t.value for t in study.trials)
    )


def test_no_library_is_imported():
    code = (
        "import sys\nfrom hpocourse.search._import import as_study\n"
        "try:\n    as_study(3)\nexcept TypeError:\n    pass\n"
        "names = ['hyperopt', 'bayes_opt', 'torch']\n"
        "print(*[name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
    seen = subprocess.run(
        [sys.executable, "-c", f"import hyperopt\n{code}"],
        capture_output=True,
        text=True,
    )
    assert seen.stdout.strip() == "hyperopt"


@pytest.mark.parametrize(
    ("result", "options", "error", "message"),
    [
        (
            3,
            {},
            TypeError,
            "cannot turn 3 of type int .*; supported: GridSearchCV and ",
        ),
        ({"C": 1}, {}, TypeError, "if fmin returned it"),
        (GridSearchCV, {}, TypeError, "of type ABCMeta"),
        (GridSearchCV(SVC(), {}), {}, ValueError, "has not been fitted; call fit"),
        (GridSearchCV(SVC(), {}), {"space": {}}, TypeError, "space must be that of"),
        (3, {"direction": "max"}, ValueError, "must be one of .*, got 'max'"),
    ],
)
def test_what_cannot_be_a_study(result, options, error, message):
    with pytest.raises(error, match=message):
        as_study(result, **options)


def test_a_study_is_no_result(grid):
    with pytest.raises(TypeError, match="of type Study into a study; supported"):
        as_study(as_study(grid))


def test_several_metrics_are_refused():
    search = GridSearchCV(
        SVC(), {"C": [1]}, cv=2, scoring=["accuracy", "f1_macro"], refit="accuracy"
    )
    with pytest.raises(ValueError, match=r"several metrics \(accuracy, f1_macro\)"):
        as_study(search.fit(X, y))


def test_nothing_is_logged(grid, capfd):
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.INFO)
    try:
        as_study(grid)
        assert capfd.readouterr() == ("", "")
        assert optuna.logging.get_verbosity() == optuna.logging.INFO
    finally:
        optuna.logging.set_verbosity(verbosity)


def relu():
    """Serve as a value that is a function."""


class _Odd:
    pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.str_("a"), "a"),
        (np.bool_(True), True),
        (None, None),
        ((64, 32), "(64, 32)"),
        (SVC(C=2), "SVC(C=2)"),
        (relu, "relu"),
        (SVC, "SVC"),
        (np.arange(2), "array([0, 1])"),
    ],
)
def test_values_become_plain(value, expected):
    assert _plain(value) == expected
    assert type(_plain(value)) is type(expected)


def test_text_has_no_address_in_memory():
    assert " at 0x" in repr(_Odd())
    assert _plain(_Odd()) == _plain(_Odd())


@pytest.mark.parametrize(
    ("declared", "values", "expected"),
    [
        ([], [1, 2, 3], IntDistribution(1, 3)),
        ([], [1, 2.5], FloatDistribution(1, 2.5)),
        ([], [7], IntDistribution(7, 7)),
        ([], [0, 1e-3, 1], FloatDistribution(0, 1)),
        ([], [True, False], CategoricalDistribution([True, False])),
        ([], [0.5, float("nan")], CategoricalDistribution([0.5, float("nan")])),
        ([], [1, "a", 1], CategoricalDistribution([1, "a"])),
        ([1, 0.5], [1], CategoricalDistribution([1, 0.5])),
        ([1, 2, 0.4], [2, 0.4], CategoricalDistribution([1, 2, 0.4])),
        ([1, 1.0, "sqrt"], [1.0], CategoricalDistribution(["1", "1.0", "'sqrt'"])),
        ([True, 1], [1], CategoricalDistribution(["True", "1"])),
        ([float("nan")] * 2 + [1], [1], CategoricalDistribution([float("nan"), 1])),
        ([16, 32, 64], [16], IntDistribution(16, 64)),
        (range(1, 101), [3], IntDistribution(1, 100)),
        ([0.1], [0.5], FloatDistribution(0.1, 0.5)),
        (["b", "a"], ["a", "c"], CategoricalDistribution(["b", "a", "c"])),
    ],
)
def test_distribution_of_values(declared, values, expected):
    found, convert = _distribution(declared, values)
    assert found == expected
    assert {repr(convert(value)) for value in values} <= {
        repr(choice) for choice in getattr(expected, "choices", map(convert, values))
    }


def test_example_in_docstring():
    import doctest

    from hpocourse.search import _import

    assert doctest.testmod(_import) == (0, 7)


class Powers:
    """A distribution of one's own, as scikit-learn takes it."""

    def rvs(self, random_state=None):
        return 10 ** random_state.uniform(-2, 1)


@pytest.mark.parametrize("values", [Powers(), stats.uniform])
def test_distributions_of_every_kind_are_read(values):
    search = RandomizedSearchCV(SVC(), {"C": values}, n_iter=3, random_state=0, cv=3)
    study = as_study(search.fit(X, y))
    found = [trial.params["C"] for trial in study.trials]
    assert found == [params["C"] for params in search.cv_results_["params"]]


def test_a_list_of_one_metric_is_one_metric():
    one = GridSearchCV(
        SVC(), {"C": [0.1, 1]}, refit="f1_macro", scoring=["f1_macro"], cv=3
    )
    study = as_study(one.fit(X, y))
    means = one.cv_results_["mean_test_f1_macro"]
    assert [trial.value for trial in study.trials] == pytest.approx(list(means))
    assert len(study.trials[0].user_attrs["fold_scores"]) == 3


def test_several_metrics_of_a_function_are_refused():
    def scoring(estimator, X, y):
        return {"a": 1.0, "b": 2.0}

    several = GridSearchCV(SVC(), {"C": [1]}, refit=False, scoring=scoring, cv=3)
    with pytest.raises(ValueError, match=r"several metrics \(a, b\)"):
        as_study(several.fit(X, y))


def test_of_one_and_a_half_the_one_stays_whole():
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    documents = [f"o curso {w}" for w in ("bom", "legal", "ruim", "fraco")] * 4
    labels = [1, 1, 0, 0] * 4
    space = {"tfidfvectorizer__min_df": [1, 0.5]}
    search = GridSearchCV(model, space, cv=2).fit(documents, labels)
    found = as_study(search).best_params
    assert repr(found) == repr(search.best_params_)
    refitted = model.set_params(**found).fit(documents, labels)
    assert refitted.score(documents, labels) == 1
