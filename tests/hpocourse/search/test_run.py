"""`run`: one call for every method, resumable, with failures kept."""

import math
import warnings

import hyperopt  # noqa: F401  0.2.7 warns when it is imported, not when it is used
import numpy as np
import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from hpocourse import search
from hpocourse.search._samplers import METHODS

from .conftest import SPACE, bowl, sequence

X = {"x": FloatDistribution(-10, 10)}


def parabola(parameters):
    return (parameters["x"] - 2) ** 2


def run(objective=parabola, space=X, n_trials=3, **options):
    return search.run(objective, space, n_trials=n_trials, progress=False, **options)


class Interruption(BaseException):
    """What a notebook's stop button raises, but for this test only."""


def interrupted(objective, calls):
    """Return the objective, which raises at its last call."""
    left = iter(range(calls))

    def wrapped(*arguments):
        if next(left, None) is None:
            raise Interruption
        return objective(*arguments)

    return wrapped


@pytest.mark.parametrize("method", METHODS)
def test_every_method_searches_in_silence(method, capfd):
    stepped = {"x": FloatDistribution(-10, 10, step=0.5), "kind": SPACE["kind"]}
    space = stepped if method == "grid" else SPACE
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Python 3.13 speaks up when a database of an earlier test is collected.
        warnings.simplefilter("ignore", ResourceWarning)
        study = search.run(
            bowl if method != "grid" else lambda p: bowl(p | {"size": 1}),
            space,
            method=method,
            n_trials=12,
            progress=False,
        )
    assert isinstance(study, optuna.Study)
    assert [trial.number for trial in study.trials] == list(range(12))
    assert all(trial.params.keys() == space.keys() for trial in study.trials)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("method", METHODS)
def test_the_seed_decides(method):
    space = {"x": FloatDistribution(-10, 10, step=0.1)}
    first, again, other = (
        sequence(run(space=space, method=method, n_trials=8, seed=seed))
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_parameters_are_drawn_independently():
    # Parameters that share their random numbers would stand on a line.
    space = {name: FloatDistribution(0, 1) for name in ("x", "y", "z")}
    study = run(lambda parameters: 0.0, space, 200, method="random")
    points = np.array([[t.params[name] for name in space] for t in study.trials])
    correlations = np.corrcoef(points.T)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 0.2
    assert np.abs(points.mean(axis=0) - 0.5).max() < 0.1


# Quick: each method, each kind of storage.
@pytest.mark.parametrize(
    ("method", "suffix"),
    [
        pytest.param(
            method,
            suffix,
            marks=pytest.mark.slow if suffix == ".db" and method != "random" else (),
        )
        for method in METHODS
        if method != "grid"
        for suffix in (".log", ".db")
    ],
)
def test_a_resumed_search_equals_the_uninterrupted_one(method, suffix, tmp_path):
    n_trials = 16
    whole = search.run(bowl, SPACE, method=method, n_trials=n_trials, progress=False)
    storage = tmp_path / f"study{suffix}"
    for calls in (0, 3, 8):
        with pytest.raises(Interruption):
            search.run(
                interrupted(bowl, calls),
                SPACE,
                method=method,
                n_trials=n_trials,
                storage=storage,
                progress=False,
            )
    resumed = search.run(
        bowl, SPACE, method=method, n_trials=n_trials, storage=storage, progress=False
    )
    assert sequence(resumed) == sequence(whole)
    assert len(resumed.trials) == n_trials + 3  # three were lost and repeated


def test_a_resumed_grid_equals_the_uninterrupted_one(tmp_path):
    space = {"x": FloatDistribution(0, 1, step=0.125), "kind": SPACE["kind"]}
    storage = tmp_path / "study.log"
    whole = run(space=space, method="grid", n_trials=100)
    with pytest.raises(Interruption):
        run(interrupted(parabola, 5), space, 100, method="grid", storage=storage)
    resumed = run(space=space, method="grid", n_trials=100, storage=storage)
    assert sequence(resumed) == sequence(whole)


def test_a_resumed_conditional_search_equals_the_uninterrupted_one(tmp_path):
    def objective(trial):
        if trial.suggest_categorical("model", ["ridge", "lasso"]) == "ridge":
            return trial.suggest_float("ridge_alpha", 1e-3, 10, log=True)
        return trial.suggest_float("lasso_alpha", 1e-3, 1, log=True)

    def interrupted_midway(trial):
        value = objective(trial)
        if trial.number == 14:
            raise Interruption
        return value

    for method in ("random", "tpe", "hyperopt", "bayes"):
        storage = tmp_path / f"{method}.log"
        whole = run(objective, None, 20, method=method)
        with pytest.raises(Interruption):
            run(interrupted_midway, None, 20, method=method, storage=storage)
        resumed = run(objective, None, 20, method=method, storage=storage)
        assert sequence(resumed) == sequence(whole), method


def test_optuna_alone_diverges_when_resumed():
    # Why the seed follows the ordinal: the test above would be empty without.
    def study_of(storage, load=False):
        return optuna.create_study(
            storage=storage,
            study_name="study",
            sampler=optuna.samplers.TPESampler(seed=0),
            load_if_exists=load,
        )

    def objective(trial):
        return (trial.suggest_float("x", -10, 10) - 2) ** 2

    whole = study_of(optuna.storages.InMemoryStorage())
    whole.optimize(objective, n_trials=20)
    parts = optuna.storages.InMemoryStorage()
    study_of(parts).optimize(objective, n_trials=14)
    resumed = study_of(parts, load=True)
    resumed.optimize(objective, n_trials=6)
    values = [[trial.value for trial in s.trials] for s in (whole, resumed)]
    assert values[0][:14] == values[1][:14]
    assert values[0][14:] != values[1][14:]


def test_the_budget_is_the_study_s_total(tmp_path):
    storage = tmp_path / "study.log"
    assert len(run(storage=storage, n_trials=3).trials) == 3
    assert len(run(storage=storage, n_trials=7).trials) == 7
    assert len(run(storage=storage, n_trials=7).trials) == 7
    assert len(run(storage=storage, n_trials=2).trials) == 7


def test_a_grid_visits_each_point_once():
    space = {
        "x": FloatDistribution(0, 0.3, step=0.1),
        "k": IntDistribution(2, 6, step=2),
        "kind": SPACE["kind"],
    }
    study = run(space=space, method="grid", n_trials=1000)
    points = {tuple(trial.params.values()) for trial in study.trials}
    assert len(points) == len(study.trials) == 4 * 3 * 2


def test_a_grid_needs_steps():
    with pytest.raises(ValueError, match=r"parameter 'x' has none.*step="):
        run(method="grid")
    with pytest.raises(ValueError, match="needs to know the space"):
        run(lambda trial: 0.0, None, method="grid")


def test_a_sampler_of_optuna_is_a_method():
    study = run(method=optuna.samplers.NSGAIISampler(seed=1), n_trials=4)
    assert isinstance(study.sampler, optuna.samplers.NSGAIISampler)


def test_minimize():
    study = run(direction="minimize", n_trials=30)
    assert study.best_value == min(trial.value for trial in study.trials) < 1


def test_enqueued_trials_come_first_and_count():
    storage = optuna.storages.InMemoryStorage()
    study = optuna.create_study(
        storage=storage, study_name="warm", direction="maximize"
    )
    study.enqueue_trial({"x": 2.0})
    study = run(storage=storage, study_name="warm", n_trials=3)
    assert len(study.trials) == 3
    assert study.trials[0].params == {"x": 2.0}


def test_the_objective_may_get_the_trial_too():
    def objective(parameters, trial):
        trial.set_user_attr("double", 2 * parameters["x"])
        return parameters["x"]

    study = run(objective, pass_trial=True)
    for trial in study.trials:
        assert trial.user_attrs == {"double": 2 * trial.value}


def test_pruning():
    def objective(parameters, trial):
        for step in range(3):
            trial.report(parameters["x"], step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return parameters["x"]

    study = run(
        objective,
        pass_trial=True,
        pruner=optuna.pruners.ThresholdPruner(lower=0),
        n_trials=20,
    )
    for trial in study.trials:
        pruned = trial.params["x"] < 0
        assert trial.state == (TrialState.PRUNED if pruned else TrialState.COMPLETE)
    assert {trial.state for trial in study.trials} == {
        TrialState.PRUNED,
        TrialState.COMPLETE,
    }


@pytest.mark.filterwarnings("ignore:.* trials failed:RuntimeWarning")
def test_a_failed_trial_counts_and_says_why():
    def objective(parameters):
        if parameters["x"] < 0:
            raise ZeroDivisionError("the width is zero")
        return math.nan if parameters["x"] < 5 else parameters["x"]

    study = run(objective, n_trials=30)
    assert len(study.trials) == 30
    reasons = {"ZeroDivisionError: the width is zero": 0, "nan of type float": 0}
    for trial in study.trials:
        if trial.params["x"] < 5:
            assert trial.state == TrialState.FAIL
            for reason in reasons:
                reasons[reason] += reason in trial.user_attrs["failure"]
        else:
            assert trial.state == TrialState.COMPLETE
            assert "failure" not in trial.user_attrs
    assert all(reasons.values())
    assert sum(reasons.values()) == sum(t.params["x"] < 5 for t in study.trials)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((1.0, 2.0), r"returned \(1.0, 2.0\) of type tuple"),
        ("0.5", "returned '0.5' of type str"),
        (None, "returned None of type NoneType"),
        (math.nan, "returned nan of type float"),
        (np.array([1.0, 2.0]), "of type ndarray"),
    ],
)
def test_a_search_whose_first_trials_all_fail_stops(value, words):
    calls = []

    def objective(parameters):
        calls.append(parameters)
        return value

    with pytest.raises(search.SearchError, match=words) as error:
        run(objective, n_trials=100)
    assert len(calls) == 5
    assert len(error.value.study.trials) == 5
    assert "failure" in error.value.study.trials[0].user_attrs


def test_a_search_of_two_trials_that_fail_stops_too():
    def objective(parameters):
        raise KeyError("lr")

    with pytest.raises(search.SearchError, match=r"the first 2 .* KeyError: 'lr'"):
        run(objective, n_trials=2)


@pytest.mark.filterwarnings("ignore:.* trials failed:RuntimeWarning")
def test_late_failures_do_not_stop_a_search():
    values = iter([1.0] + [math.nan] * 9)
    study = run(lambda parameters: next(values), n_trials=10)
    assert study.best_value == 1


@pytest.mark.parametrize("value", [np.float32(0.5), np.array(0.5), np.array([0.5])])
def test_numbers_of_numpy_are_numbers(value):
    assert run(lambda parameters: value).best_value == 0.5


def test_timeout():
    study = run(n_trials=10_000, timeout=0.2)
    assert 1 <= len(study.trials) < 10_000


def test_callbacks_see_each_trial_and_can_stop():
    seen = []

    def stop_at_four(study, trial):
        seen.append(trial.number)
        if trial.number == 3:
            study.stop()

    study = run(n_trials=50, callbacks=[stop_at_four])
    assert seen == [0, 1, 2, 3]
    assert len(study.trials) == 4


def test_the_bar_shows_the_best_value_in_the_reader_s_language(capfd):
    from hpocourse import use_language

    with use_language("ru"):
        study = search.run(parabola, X, n_trials=3)
    assert f"лучшее {study.best_value:.6g}" in capfd.readouterr().err


BAD = {
    "method": ({"method": "tpee"}, ValueError, "grid, random, qmc, .*'tpe'"),
    "method class": ({"method": optuna.samplers.TPESampler}, TypeError, r"add \(\)"),
    "budget zero": ({"n_trials": 0}, ValueError, "n_trials must be at least 1, got 0"),
    "budget negative": ({"n_trials": -3}, ValueError, "n_trials .* got -3"),
    "budget not whole": ({"n_trials": 2.5}, TypeError, "n_trials .* got 2.5"),
    "budget a truth": ({"n_trials": True}, TypeError, "n_trials .* got True"),
    "space empty": ({"space": {}}, ValueError, "space is empty"),
    "space a list": ({"space": ["x"]}, TypeError, "space must be a dict"),
    "space of tuples": (
        {"space": {"x": (0, 1)}},
        TypeError,
        r"space\['x'\] .*FloatDistribution.*\(0, 1\)",
    ),
    "space unnamed": (
        {"space": {0: X["x"]}},
        TypeError,
        "key of space must be the name .*, got 0",
    ),
    "direction": ({"direction": "maximise"}, ValueError, "did you mean 'maximize'"),
    "objective": ({"objective": 3}, TypeError, "objective must be a function, .*got 3"),
    "objective called": ({"objective": None}, TypeError, "not what it returns"),
    "seed": ({"seed": "0"}, TypeError, "seed must be an integer, got '0'"),
    "seed none": ({"seed": None}, TypeError, "seed must be an integer, got None"),
    "seed negative": ({"seed": -1}, ValueError, "seed must be at least 0"),
    "workers": ({"workers": 0}, ValueError, "workers must be at least 1, got 0"),
    "workers part": ({"workers": 1.5}, TypeError, "workers must be an integer"),
    "pruner": ({"pruner": "median"}, TypeError, "pruner .*MedianPruner.*'median'"),
    "timeout": ({"timeout": -1}, ValueError, "timeout must be above 0"),
    "timeout text": (
        {"timeout": "1h"},
        TypeError,
        "timeout must be a number, got '1h'",
    ),
    "executor": ({"executor": object()}, TypeError, "get_executor"),
    "callbacks": (
        {"callbacks": [1]},
        TypeError,
        "each of callbacks must be a function, got 1",
    ),
    "callbacks none": ({"callbacks": None}, TypeError, "not iterable"),
    "storage": ({"storage": 3}, TypeError, "storage must be a path.*got 3"),
    "storage suffix": ({"storage": "a.txt"}, ValueError, "ending in .log .*'a.txt'"),
    "storage folder": (
        {"storage": "no/a.log"},
        FileNotFoundError,
        "cannot keep a study in .*no.a.log: .* a folder that exists",
    ),
    "storage unnamed": (
        {"storage": optuna.storages.InMemoryStorage()},
        ValueError,
        "pass study_name",
    ),
}


@pytest.mark.parametrize(("options", "kind", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_before_the_first_trial(options, kind, words):
    calls = []
    good = {"objective": calls.append, "space": X, "n_trials": 3, "progress": False}
    options = good | options
    with pytest.raises(kind, match=words):
        search.run(options.pop("objective"), options.pop("space"), **options)
    assert calls == []


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({"x": FloatDistribution(0, 1)}, r"'x' is .*high=10.* there and .*high=1.0"),
        ({"y": FloatDistribution(-10, 10)}, "'x' is .* there and missing here"),
        (X | {"y": FloatDistribution(0, 1)}, "'y' is missing there"),
        ({"x": CategoricalDistribution([1, 2])}, "'x' is Float.* and Categorical"),
    ],
)
def test_a_study_of_another_space_is_refused(space, words, tmp_path):
    storage = tmp_path / "study.log"
    run(storage=storage)
    with pytest.raises(ValueError, match=words):
        run(storage=storage, space=space)


def test_a_study_of_another_direction_is_refused(tmp_path):
    storage = tmp_path / "study.log"
    run(storage=storage)
    with pytest.raises(ValueError, match=r"'study' is to maximize, got .*'minimize'"):
        run(storage=storage, direction="minimize")


class Wordless(Exception):
    def __str__(self):
        return self.missing


class Unprintable:
    def __repr__(self):
        raise ZeroDivisionError


@pytest.mark.filterwarnings("ignore:.* trials failed:RuntimeWarning")
def test_an_exception_without_words_is_a_failed_trial():
    def objective(parameters):
        if parameters["x"] < 0:
            raise Wordless
        return 1.0

    for study in (run(objective, n_trials=8), run(objective, n_trials=8, workers=2)):
        failed = [t for t in study.trials if t.state == TrialState.FAIL]
        assert failed
        assert all("Wordless" in t.user_attrs["failure"] for t in failed)


def test_a_value_that_cannot_be_shown_is_a_failed_trial():
    with pytest.raises(
        search.SearchError, match=r"<Unprintable instance .* of type Unprintable"
    ):
        run(lambda parameters: Unprintable())


def test_failures_are_counted_and_their_places_kept(capfd):
    def objective(parameters):
        if parameters["x"] < 0:
            raise ZeroDivisionError("the width is zero")
        if parameters["x"] > 8:
            raise KeyError("lr")
        return 1.0

    with pytest.warns(RuntimeWarning) as caught:
        study = search.run(objective, X, n_trials=30)
    failed = [t for t in study.trials if t.state == TrialState.FAIL]
    below = sum(t.params["x"] < 0 for t in study.trials)
    # What an earlier test left behind may warn, too, when it is collected meanwhile.
    (warning,) = (each for each in caught if "trials failed" in str(each.message))
    assert str(warning.message).startswith(
        f"{len(failed)} trials failed, {below} of them with ZeroDivisionError: the "
    )
    assert warning.filename == __file__
    assert f"failed {len(failed)}" in capfd.readouterr().err
    for trial in failed:
        assert "in objective" in trial.user_attrs["traceback"]


def test_a_search_error_chains_its_cause():
    def objective(parameters):
        raise KeyError("lr")

    with pytest.raises(search.SearchError) as caught:
        run(objective)
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("where", ["objective", "callback"])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, Interruption])
def test_an_interrupted_search_in_memory_is_not_lost(where, kind):
    def stop(study, trial):
        if trial.number == 6:
            raise kind

    options = {"callbacks": [stop]} if where == "callback" else {}

    def objective(parameters, trial):
        if where == "objective" and trial.number == 6:
            raise kind
        return parameters["x"]

    with pytest.raises(kind) as caught:
        run(objective, n_trials=50, pass_trial=True, **options)
    study = caught.value.study
    assert study is search.last_study()
    values = [t.value for t in study.trials if t.state == TrialState.COMPLETE]
    assert len(values) == (7 if where == "callback" else 6)


def test_there_is_no_last_study_before_the_first(monkeypatch):
    from hpocourse.search import _run

    monkeypatch.setattr(_run, "_last", None)
    with pytest.raises(LookupError, match="call run first"):
        search.last_study()


@pytest.mark.parametrize(
    "kind", [list, iter, tuple, lambda c: filter(None, [*c, None])]
)
def test_callbacks_may_be_any_iterable(kind):
    seen = []
    run(callbacks=kind([lambda study, trial: seen.append(trial.number)]))
    assert seen == [0, 1, 2]
