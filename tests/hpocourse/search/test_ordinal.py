"""Samplers of Optuna that go on after an interruption, and grids."""

import sys

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.storages import InMemoryStorage

from hpocourse import search
from hpocourse.search._samplers import METHODS, ordinal


def run(objective, space, n_trials, **options):
    return search.run(objective, space, n_trials=n_trials, progress=False, **options)


def first(parameters):
    return float(next(iter(parameters.values())))


def test_parameters_of_a_trial_are_drawn_apart():
    space = {name: FloatDistribution(0, 1) for name in "xy"}
    study = run(first, space, 200, method="random")
    drawn = np.array([[t.params["x"], t.params["y"]] for t in study.trials])
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.2


def test_a_sampler_of_two_studies_does_not_mix_their_trials():
    # Their first trials have the same number and id, and another place in a search.
    space = {name: FloatDistribution(0, 1) for name in "xy"}
    studies = [optuna.create_study() for _ in range(2)]
    studies[1].enqueue_trial({})
    studies[1]._storage.set_trial_system_attr(0, ordinal.ORDINAL, 3)
    shared = ordinal.OrdinalSampler(space, 0)
    drawn = []
    for study in studies:
        study.sampler = shared
        trial = study.ask()
        drawn.append([trial.suggest_float(name, 0, 1) for name in "xy"])
        fresh = ordinal.OrdinalSampler(space, 0)
        again = [
            fresh.sample_independent(study, study.trials[0], name, space[name])
            for name in "xy"
        ]
        assert drawn[-1] == again
    assert drawn[0] != drawn[1]


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(0, 0.3, 0.1), (0.1, 0.7, 0.1), (0, 0.6, 0.2), (0.05, 0.95, 0.05)],
)
def test_a_grid_stays_within_its_ranges(low, high, step):
    space = {"d": FloatDistribution(low, high, step=step)}
    study = run(first, space, 99, method="grid")
    values = sorted(trial.params["d"] for trial in study.trials)
    assert values[-1] <= high
    # Of a point beyond its range Optuna would draw another one.
    n_points = round((high - low) / step) + 1
    assert values == pytest.approx([low + k * step for k in range(n_points)])
    optuna.create_study(direction="maximize").add_trials(study.trials)


def study_with(points, added=()):
    storage = InMemoryStorage()
    study = optuna.create_study(storage=storage, study_name="s", direction="maximize")
    space = {"x": IntDistribution(0, 3)}
    for x in added:
        study.add_trial(
            optuna.create_trial(params={"x": x}, distributions=space, value=0.0)
        )
    for point in points:
        study.enqueue_trial(point)
    return study, {"storage": storage, "study_name": "s", "method": "grid"}


@pytest.mark.parametrize(
    ("points", "added"),
    [([0], []), ([3, 1], []), ([], [2]), ([1], [2]), ([0, 0], [])],
)
def test_a_grid_visits_what_was_given_once_and_leaves_nothing_out(points, added):
    _, options = study_with([{"x": x} for x in points], added)
    study = run(first, {"x": IntDistribution(0, 3)}, 10, **options)
    tried = [trial.params["x"] for trial in study.trials]
    given = [*added, *points]
    assert tried[: len(given)] == given
    assert len(set(tried)) == 4
    assert len(tried) == 4 + len(given) - len(set(given))


def test_a_point_given_in_the_middle_of_a_grid_moves_nothing():
    space = {"x": IntDistribution(0, 3), "y": IntDistribution(0, 1)}
    whole = [t.params for t in run(first, space, 8, method="grid").trials]
    study, options = study_with([])
    run(first, space, 3, **options)
    study.enqueue_trial(whole[1])  # visited before
    study.enqueue_trial({"x": whole[5]["x"]})  # a part of a point
    study = run(first, space, 99, **options)
    tried = [trial.params for trial in study.trials]
    assert tried[:3] == whole[:3]
    assert tried[3] == whole[1]
    assert tried[4]["x"] == whole[5]["x"]
    assert all(point in tried for point in whole)


@pytest.mark.parametrize(
    "space",
    [
        {f"x{i}": CategoricalDistribution([0, 1]) for i in range(30)},
        {"x": IntDistribution(0, 2**32 - 1)},
        {"x": FloatDistribution(0, 1, step=1e-9), "k": IntDistribution(0, 2**60)},
    ],
)
def test_a_grid_too_large_to_list_is_refused_before_the_first_trial(space):
    calls = []
    with pytest.raises(ValueError, match=r"the grid has \d{10,} points.*larger steps"):
        run(calls.append, space, 5, method="grid")
    assert calls == []


def test_a_point_that_is_not_on_the_grid_leaves_nothing_out():
    space = {"x": FloatDistribution(0, 0.3, step=0.1)}
    _, options = study_with([{"x": 0.123}, {"x": 0.1 + 0.2}])
    with pytest.warns(UserWarning, match="out of range"):  # Optuna's
        study = run(first, space, 99, **options)
    tried = [trial.params["x"] for trial in study.trials]
    assert tried[:2] == [0.123, 0.1 + 0.2]
    assert sorted(tried[2:]) == pytest.approx([0, 0.1, 0.2])


@pytest.mark.parametrize(
    "choices", [[1, 1.0], [0, False, 1], [True, 1.0], [(1,), (1.0,)], [[1], [1.0]]]
)
@pytest.mark.filterwarnings("ignore:Choices for a categorical")
def test_choices_that_python_holds_for_equal_are_refused(choices):
    calls = []
    space = {"f": CategoricalDistribution(choices)}
    with pytest.raises(ValueError, match="which Python holds for equal"):
        run(calls.append, space, 2, method="grid")
    assert calls == []


@pytest.mark.parametrize("method", ["random", "tpe", "qmc", "hyperopt", "bayes"])
@pytest.mark.filterwarnings("ignore:.*qmc:optuna.exceptions.ExperimentalWarning")
def test_an_objective_that_suggests_such_choices_fails(method):
    def objective(trial):
        return float(trial.suggest_categorical("f", [1, 1.0]))

    with pytest.raises(search.SearchError, match="which Python holds for equal"):
        run(objective, None, 3, method=method)


def test_optuna_alone_keeps_the_first_of_equal_choices():
    # Why they are refused.
    study = optuna.create_study()
    study.enqueue_trial({"f": 1.0})
    trial = study.ask({"f": CategoricalDistribution([1, 1.0])})
    study.tell(trial, 0.0)
    assert repr(study.best_params["f"]) != repr(1.0)


def test_choices_that_differ_are_taken():
    space = {"f": CategoricalDistribution(["1", 1, None, 2.5, "a", "a"])}
    study = run(lambda parameters: 0.0, space, 9, method="grid")
    assert len(study.trials) == 5  # what stands twice is one point


def test_gp_without_pytorch_is_refused_before_the_first_trial(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(ordinal, "find_spec", lambda name: None)
    calls = []
    with pytest.raises(ImportError, match=r'method="gp" needs PyTorch.*pip install'):
        run(calls.append, {"x": FloatDistribution(0, 1)}, 20, method="gp")
    assert calls == []


@pytest.mark.parametrize(
    "d", [IntDistribution(0, 2**32 - 1), FloatDistribution(0, 1, step=1e-9)]
)
def test_gp_on_a_wide_range_is_refused_before_the_first_trial(d):
    calls = []
    with pytest.raises(ValueError, match=r"'x' has .*larger step"):
        run(calls.append, {"x": d}, 20, method="gp")
    assert calls == []

    def objective(trial):
        calls.append(1)
        if isinstance(d, IntDistribution):
            return trial.suggest_int("x", d.low, d.high)
        return trial.suggest_float("x", d.low, d.high, step=d.step)

    with pytest.raises(search.SearchError, match="'x' has"):
        run(objective, None, 20, method="gp")


def test_a_method_is_registered_once():
    for name, method in METHODS.items():
        space = {"x": IntDistribution(0, 3)}
        assert isinstance(method.make(space, 0), optuna.samplers.BaseSampler), name
        assert method.label()
        assert method.color.startswith("#")
