"""Each library runs for real, and its result is read back from the study."""

import os
import pickle
import subprocess
import sys
import warnings
from datetime import datetime, timedelta

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
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from hpocourse.search._results import as_study
from hpocourse.search._rows import distribution, plain

X, y = load_iris(return_X_y=True)


def _states(study):
    return [trial.state.name for trial in study.trials]


@pytest.fixture(scope="module")
def grid():
    space = {"C": [0.01, 0.1, 1, 10.0], "gamma": ["scale", 0.5, None]}
    space["gamma"].pop()  # SVC refuses None
    return GridSearchCV(SVC(), space, cv=3, return_train_score=True).fit(X, y)


def test_grid_search(grid):
    before = datetime.now()
    study = as_study(grid)
    results = grid.cv_results_
    assert [trial.params for trial in study.trials] == results["params"]
    assert [trial.value for trial in study.trials] == list(results["mean_test_score"])
    assert study.direction.name == "MAXIMIZE"
    assert study.best_params == grid.best_params_
    assert study.best_value == grid.best_score_
    for i, trial in enumerate(study.trials):
        for name, part in (("fold_scores", "test"), ("fold_train_scores", "train")):
            folds = [results[f"split{k}_{part}_score"][i] for k in range(3)]
            assert trial.user_attrs[name] == folds
        assert trial.user_attrs["fit_seconds"] == results["mean_fit_time"][i]
        seconds = 3 * (results["mean_fit_time"][i] + results["mean_score_time"][i])
        assert trial.duration.total_seconds() == pytest.approx(seconds, abs=1e-5)
        if i:
            assert trial.datetime_start == study.trials[i - 1].datetime_complete
    assert before <= study.trials[-1].datetime_complete <= datetime.now()
    assert study.trials[0].distributions == {
        "C": FloatDistribution(0.01, 10, log=True),
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
    assert known["C"] == FloatDistribution(1e-3, 1e3, log=True)
    assert known["tol"] == FloatDistribution(0.001, 0.101)
    assert known["max_iter"] == IntDistribution(50, 99)
    assert known["fit_intercept"] == CategoricalDistribution([True, False])
    drawn = [trial.params["intercept_scaling"] for trial in study.trials]
    assert known["intercept_scaling"] == FloatDistribution(min(drawn), max(drawn))


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


@pytest.mark.parametrize("kind", [HalvingRandomSearchCV, HalvingGridSearchCV])
def test_halving_search(kind):
    model = LogisticRegression(max_iter=1000)
    options = {"cv": 2, "random_state": 0, "scoring": "neg_log_loss"}
    if kind is HalvingGridSearchCV:
        # Two candidates with equal parameters stay two trials.
        search = kind(model, {"C": [0.01, 0.1, 1, 1, 10, 100]}, **options)
    else:
        space = {"C": stats.loguniform(1e-2, 1e2)}
        search = kind(model, space, n_candidates=6, **options)
    search.fit(X, y)
    study, results = as_study(search), search.cv_results_
    assert len(study.trials) == 6
    first = [
        p for p, i in zip(results["params"], results["iter"], strict=True) if not i
    ]
    assert [trial.params for trial in study.trials] == first
    assert study.best_params == search.best_params_
    assert study.best_value == search.best_score_
    reported = sum(len(trial.intermediate_values) for trial in study.trials)
    assert reported == len(results["params"])
    assert (
        _states(study).count("COMPLETE")
        == (results["iter"] == search.n_iterations_ - 1).sum()
    )
    for trial in study.trials:
        *_, (n_resources, score) = trial.intermediate_values.items()
        assert trial.user_attrs["n_resources"] == n_resources
        assert trial.value == score
        complete = trial.state == TrialState.COMPLETE
        assert complete == (n_resources == search.n_resources_[-1])


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

    trials, begin = Trials(), datetime.now() - timedelta(seconds=1)
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
        "ValueError: no luck",
        "the objective returned status 'fail'",
        "the value is nan",
    ]
    kernels = set()
    for trial, point in zip(study.trials, calls, strict=True):
        params = trial.params
        for name in ("lr", "act", "depth", "share", "width", "draw", "noise"):
            value = params.pop(name)
            assert value == point[name]
            assert type(value) is type(plain(point[name]))
        model = point["model"]
        if isinstance(model, tuple):
            assert params == {"model": "(64, 32)"}
        elif model["model"] == "ridge":
            assert params == {"model": "ridge", "alpha": model["alpha"]}
        else:
            assert params.pop("model") == "svc"
            kernels.add(params["kernel"])
            if params["kernel"] != "linear":
                assert params["gamma"] == model["kernel"]["rbf"]
        if trial.state == TrialState.COMPLETE:
            assert trial.value == point["lr"]
            assert trial.user_attrs == {"epochs": 3}
        assert begin <= trial.datetime_start <= trial.datetime_complete
        assert trial.datetime_complete <= datetime.now()
    assert kernels == {"linear", "(rbf=gamma)"}
    assert study.best_params["lr"] == space_eval(space, trials.argmin)["lr"]
    known = {k: v for trial in study.trials for k, v in trial.distributions.items()}
    assert known["lr"].log
    assert known["lr"].low == pytest.approx(1e-4)
    assert known["depth"] == IntDistribution(0, 8, step=2)
    assert known["share"] == FloatDistribution(0, 1, step=0.25)
    assert known["width"] == IntDistribution(2, 5)
    assert known["draw"] == IntDistribution(0, 3)
    assert known["gamma"].log
    assert known["model"] == CategoricalDistribution(["ridge", "svc", "(64, 32)"])
    flipped = as_study(trials, space=space, direction="maximize")
    assert flipped.best_value == -study.best_value

    with pytest.raises(TypeError, match=r"give the space that fmin got"):
        as_study(trials)
    with pytest.raises(ValueError, match=r"\['noise'\], which the space lacks"):
        as_study(trials, space={k: v for k, v in space.items() if k != "noise"})
    fewer = space | {"act": hp.choice("act", ["relu"])}
    with pytest.raises(ValueError, match=r"option [12] of 'act', which has 1"):
        as_study(trials, space=fewer)
    with pytest.raises(ValueError, match=r"empty; give them to fmin"):
        as_study(Trials(), space=space)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (0.25, FloatDistribution(0, 1, step=0.25)),
        (0.2, FloatDistribution(0, 1)),  # not what was searched: 0.25 is not on it
    ],
)
def test_a_step_is_kept_where_all_values_stand_on_it(step, expected):
    from hyperopt import Trials, fmin, hp, rand

    trials = Trials()
    fmin(
        lambda point: point["share"],
        {"share": hp.quniform("share", 0, 1, 0.25)},
        algo=rand.suggest,
        max_evals=20,
        trials=trials,
        rstate=np.random.default_rng(0),
        show_progressbar=False,
    )
    study = as_study(trials, space={"share": hp.quniform("share", 0, 1, step)})
    assert {trial.params["share"] for trial in study.trials} == {0, 0.25, 0.5, 0.75, 1}
    assert all(trial.distributions["share"] == expected for trial in study.trials)
    optuna.create_study().add_trials(study.trials)  # Optuna takes them as they are


def test_hyperopt_with_like_options():
    from hyperopt import Trials, fmin, hp, rand

    options = [{"m": "a", "x": hp.uniform("x1", 0, 1)}, {"m": "a", "x": 2, "z": None}]
    space = hp.choice("m", [*options, {"m": "a"}])
    trials = Trials()
    fmin(
        lambda point: float(point.get("x", 1)),
        space,
        algo=rand.suggest,
        max_evals=10,
        trials=trials,
        rstate=np.random.default_rng(0),
        show_progressbar=False,
    )
    names = {trial.params["m"] for trial in as_study(trials, space=space).trials}
    assert names == {"(m=a, x=x1)", "(m=a, x=2, z=None)", "(m=a)"}


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
    assert study.trials[0].distributions == {
        "x": FloatDistribution(-2, 2),
        "n": IntDistribution(1, 9),
        "kind": CategoricalDistribution(["a", "b"]),
    }

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


KERAS = """
import sys
import keras, keras_tuner, numpy as np, optuna
from optuna.distributions import *
from hpocourse.search._results import as_study

X = np.random.default_rng(0).normal(size=(32, 2)).astype("float32")
y = (X[:, 0] > 0).astype("float32")
builds = []

def build(hp):
    builds.append(hp)
    hp.Fixed("loss", "binary_crossentropy")
    rate = hp.Float("rate", 1e-3, 1e-1, sampling="log")
    units = hp.Int("units", 2, 6, step=2)
    if hp.Boolean("deep"):
        with hp.conditional_scope("deep", [True]):
            hp.Choice("act", ["relu", "tanh"])
    if len(builds) == 4:
        raise ValueError("no luck")
    layers = [keras.layers.Dense(units), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential(layers)
    adam = keras.optimizers.Adam(rate)
    model.compile(adam, "binary_crossentropy", metrics=["accuracy"])
    return model

def tune(kind, folder, objective="val_accuracy", verbose=0, **options):
    tuner = kind(build, objective, directory=folder, project_name="p", **options)
    try:
        as_study(tuner)
    except ValueError as error:
        assert "has run no trial; call its search first" in str(error)
    else:
        raise AssertionError("a tuner that has not run")
    tuner.search(X, y, validation_data=(X, y), epochs=1, verbose=verbose)
    return tuner

tuner = tune(
    keras_tuner.RandomSearch, sys.argv[1], max_trials=4, seed=2, verbose=1,
    executions_per_trial=2, overwrite=True,
)
study = as_study(tuner)
trials = [tuner.oracle.trials[name] for name in tuner.oracle.start_order]
assert study.direction.name == "MAXIMIZE"
assert [t.value for t in study.trials] == [t.score for t in trials]
assert [t.state.name[0] for t in study.trials] == list("CFCC")
assert study.trials[1].user_attrs["failure"] == "ValueError: no luck"
assert study.best_value == tuner.oracle.get_best_trials()[0].score
for trial, native in zip(study.trials, trials):
    params = native.hyperparameters
    active = {hp.name for hp in params.space if params.is_active(hp)}
    assert trial.params == {k: v for k, v in params.values.items() if k in active}
    assert ("act" in trial.params) == trial.params["deep"]
    assert trial.user_attrs["executions"] == 2
    assert 0 < trial.duration.total_seconds() < 100
for one, next_one in zip(study.trials, study.trials[1:]):
    assert one.datetime_complete <= next_one.datetime_start
known = {k: v for t in study.trials for k, v in t.distributions.items()}
assert known["rate"] == FloatDistribution(1e-3, 1e-1, log=True)
assert known["units"] == IntDistribution(2, 6, step=2)
assert set(known["deep"].choices) == {True, False}
assert known["loss"] == CategoricalDistribution(["binary_crossentropy"])
assert study.trials[0].user_attrs["val_loss"] > 0

folder = sys.argv[1] + "/h"
tuner = tune(keras_tuner.Hyperband, folder, "val_loss", max_epochs=2, seed=0)
study = as_study(tuner)
assert study.direction.name == "MINIMIZE"
assert len(study.trials) == len(tuner.oracle.trials) > 1
assert {t.user_attrs["tuner/epochs"] for t in study.trials} <= {1, 2}
assert not any(name.startswith("tuner/") for t in study.trials for name in t.params)

tuner = tune(keras_tuner.RandomSearch, sys.argv[1] + "/m",
             ["val_loss", "val_accuracy"], max_trials=1, seed=0)
try:
    as_study(tuner)
except ValueError as error:
    assert "several objectives (val_loss, val_accuracy)" in str(error), error
else:
    raise AssertionError("several objectives")
"""


@pytest.mark.slow
def test_keras_tuner(tmp_path):
    environment = os.environ | {"KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", KERAS, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_no_library_is_imported():
    code = (
        "import sys\nfrom hpocourse.search._results import as_study\n"
        "try:\n    as_study(3)\nexcept TypeError:\n    pass\n"
        "names = ['hyperopt', 'bayes_opt', 'keras_tuner', 'keras', 'torch']\n"
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
        (3, {}, TypeError, "cannot turn 3 of type int .*; supported: GridSearchCV, "),
        ({"C": 1}, {}, TypeError, "if fmin returned it"),
        (GridSearchCV, {}, TypeError, "of type ABCMeta"),
        (GridSearchCV(SVC(), {}), {}, ValueError, "has not been fitted; call fit"),
        (GridSearchCV(SVC(), {}), {"space": {}}, TypeError, "space is for hyperopt"),
        (3, {"direction": "max"}, ValueError, "must be one of .*, got 'max'"),
    ],
)
def test_what_cannot_be_a_study(result, options, error, message):
    with pytest.raises(error, match=message):
        as_study(result, **options)


def test_a_study_is_no_result(grid):
    with pytest.raises(TypeError, match="it is a study already"):
        as_study(as_study(grid))


def test_several_metrics_are_refused():
    search = GridSearchCV(
        SVC(), {"C": [1]}, cv=2, scoring=["accuracy", "f1_macro"], refit="accuracy"
    )
    with pytest.raises(ValueError, match=r"several metrics \(accuracy, f1_macro\)"):
        as_study(search.fit(X, y))


def test_nothing_is_logged(grid, capfd):
    as_study(grid)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == optuna.logging.INFO


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
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_text_has_no_address_in_memory():
    assert " at 0x" in repr(_Odd())
    assert plain(_Odd()) == plain(_Odd())


@pytest.mark.parametrize(
    ("declared", "values", "expected"),
    [
        (None, [1, 2, 3], IntDistribution(1, 3)),
        (None, [1, 2.5], FloatDistribution(1, 2.5)),
        (None, [7], IntDistribution(7, 7)),
        (None, [0, 1e-3, 1], FloatDistribution(0, 1)),
        (None, [True, False], CategoricalDistribution([True, False])),
        (None, [0.5, float("nan")], CategoricalDistribution([0.5, float("nan")])),
        (None, [1, "a", 1], CategoricalDistribution([1, "a"])),
        ([16, 32, 64], [16], IntDistribution(16, 64, log=True)),
        (range(1, 101), [3], IntDistribution(1, 100)),
        ([0.1], [0.5], FloatDistribution(0.1, 0.5)),
        (["b", "a"], ["a", "c"], CategoricalDistribution(["b", "a", "c"])),
    ],
)
def test_distribution_of_values(declared, values, expected):
    assert distribution(declared, values) == expected


def test_example_in_docstring():
    import doctest

    from hpocourse.search import _results

    assert doctest.testmod(_results) == (0, 7)


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
