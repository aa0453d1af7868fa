import pickle
import warnings
from functools import cache

import hyperopt
import numpy as np
import optuna
import pytest
from hyperopt import STATUS_FAIL, STATUS_OK, hp, tpe
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.testing import pytest_samplers

from hpocourse.search._samplers.hyperopt import HyperoptSampler

N_TRIALS = 50  # 20 drawn at random; past 25, hyperopt begins to forget

SPACES = {
    "floats": (
        {"x": FloatDistribution(-5, 5), "y": FloatDistribution(0, 1)},
        {"x": hp.uniform("x", -5, 5), "y": hp.uniform("y", 0, 1)},
    ),
    "logarithms": (
        {"x": FloatDistribution(1e-5, 1, log=True), "y": FloatDistribution(-1, 1)},
        {
            "x": hp.loguniform("x", np.log(1e-5), np.log(1)),
            "y": hp.uniform("y", -1, 1),
        },
    ),
    "steps": (
        {
            "x": FloatDistribution(0, 10, step=0.5),
            "y": FloatDistribution(-1, 1, step=0.1),
        },
        {"x": hp.quniform("x", 0, 10, 0.5), "y": hp.quniform("y", -1, 1, 0.1)},
    ),
    "integers": (
        {
            "x": IntDistribution(-3, 12),
            "y": IntDistribution(1, 300, log=True),
            "z": IntDistribution(16, 128, step=16),
        },
        {
            "x": hp.uniformint("x", -3, 12),
            "y": hp.qloguniform("y", np.log(1), np.log(300), 1),
            "z": hp.quniform("z", 16, 128, 16),
        },
    ),
    "categories": (
        {
            "x": CategoricalDistribution(["relu", "tanh", "silu", None]),
            "y": CategoricalDistribution([0.5, 2]),
        },
        {
            "x": hp.choice("x", ["relu", "tanh", "silu", None]),
            "y": hp.choice("y", [0.5, 2]),
        },
    ),
    "mixed": (
        {
            "lr": FloatDistribution(1e-4, 1, log=True),
            "momentum": FloatDistribution(0, 0.99),
            "units": IntDistribution(8, 64),
            "layers": IntDistribution(1, 4),
            "act": CategoricalDistribution(["relu", "tanh"]),
            "opt": CategoricalDistribution(["sgd", "adam", "rmsprop"]),
        },
        {
            "lr": hp.loguniform("lr", np.log(1e-4), np.log(1)),
            "momentum": hp.uniform("momentum", 0, 0.99),
            "units": hp.quniform("units", 8, 64, 1),
            "layers": hp.uniformint("layers", 1, 4),
            "act": hp.choice("act", ["relu", "tanh"]),
            "opt": hp.choice("opt", ["sgd", "adam", "rmsprop"]),
        },
    ),
}
#: The kind decides which other parameters there are; all kinds share `tol`.
CONDITIONAL = {
    "tol": hp.loguniform("tol", np.log(1e-5), np.log(1e-1)),
    "model": hp.choice(
        "kind",
        [
            {
                "kind": "svc",
                "C": hp.loguniform("C", np.log(1e-3), np.log(1e3)),
                "kernel": hp.choice(
                    "kernel",
                    [
                        {"kernel": "linear"},
                        {"kernel": "rbf", "gamma": hp.uniform("gamma", 0, 1)},
                    ],
                ),
            },
            {
                "kind": "forest",
                "depth": hp.uniformint("depth", 1, 20),
                "share": hp.quniform("share", 0, 1, 0.25),
            },
        ],
    ),
}


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Python 3.13 speaks up when a database of an earlier test is collected.
        warnings.simplefilter("ignore", ResourceWarning)
        yield


class Conformance(
    pytest_samplers.BasicSamplerTestCase,
    pytest_samplers.RelativeSamplerTestCase,
    pytest_samplers.SingleOnlySamplerTestCase,
):
    pass


class TestOptunasSuite(Conformance):
    @pytest.fixture
    def sampler(self):
        return lambda: HyperoptSampler(seed=0)


def loss_of(params):
    """Return a loss of any parameters, smooth in numbers, the same everywhere."""
    total = 0.0
    for name in sorted(params):
        value = params[name]
        if isinstance(value, str | None):
            total += len(str(value)) / 4
        else:
            total += (np.log1p(abs(value)) - 0.6) ** 2
    return total


def native(space, loss, n_trials=N_TRIALS, seed=3, flatten=dict):
    """Return the parameters of each trial of hyperopt's own loop."""
    asked = []

    def objective(params):
        asked.append(flatten(params))
        value = loss(asked[-1])
        if value is None:
            return {"status": STATUS_FAIL}
        return {"status": STATUS_OK, "loss": value}

    hyperopt.fmin(
        objective,
        space,
        algo=tpe.suggest,
        max_evals=n_trials,
        rstate=np.random.default_rng(seed),
        show_progressbar=False,
        verbose=False,
    )
    return asked


def tell(study, trial, loss):
    value = loss(trial.params)
    if value is None:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    else:
        sign = 1 if study.direction == optuna.study.StudyDirection.MINIMIZE else -1
        study.tell(trial, sign * value)


def assert_same(trials, expected):
    assert len(trials) == len(expected)
    for trial, params in zip(trials, expected, strict=True):
        assert trial.params.keys() == params.keys()
        for name, value in params.items():
            if isinstance(value, float):
                value = pytest.approx(value, rel=1e-12, abs=1e-12)
            assert trial.params[name] == value, (trial.number, name)


@cache
def natively_tried(case):
    """Return what hyperopt itself tries in one of SPACES; it only minimizes."""
    return native(SPACES[case][1], loss_of)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("case", SPACES)
def test_equals_fmin(case, direction):
    space, _ = SPACES[case]
    sampler = HyperoptSampler(space, seed=3)
    study = optuna.create_study(direction=direction, sampler=sampler)
    for _ in range(N_TRIALS):
        tell(study, study.ask(space), loss_of)
    assert_same(study.trials, natively_tried(case))


def flat(params):
    """Return the parameters of CONDITIONAL as Optuna names them."""
    model = dict(params["model"])
    kernel = model.pop("kernel", {})
    return {"tol": params["tol"], **model, **kernel}


def suggest_naturally(trial):
    trial.suggest_float("tol", 1e-5, 1e-1, log=True)
    if trial.suggest_categorical("kind", ["svc", "forest"]) == "svc":
        trial.suggest_float("C", 1e-3, 1e3, log=True)
        if trial.suggest_categorical("kernel", ["linear", "rbf"]) == "rbf":
            trial.suggest_float("gamma", 0, 1)
    else:
        trial.suggest_int("depth", 1, 20)
        trial.suggest_float("share", 0, 1, step=0.25)


def suggest_as_hyperopt_does(trial):
    trial.suggest_float("tol", 1e-5, 1e-1, log=True)
    if trial.suggest_categorical("kind", ["svc", "forest"]) == "svc":
        if trial.suggest_categorical("kernel", ["linear", "rbf"]) == "rbf":
            trial.suggest_float("gamma", 0, 1)
        trial.suggest_float("C", 1e-3, 1e3, log=True)
    else:
        trial.suggest_float("share", 0, 1, step=0.25)
        trial.suggest_int("depth", 1, 20)


def search(sampler, suggest, loss, n_trials=N_TRIALS, **kwargs):
    study = optuna.create_study(sampler=sampler, **kwargs)
    for _ in range(n_trials):
        trial = study.ask()
        suggest(trial)
        tell(study, trial, loss)
    return study


def test_equals_fmin_on_a_conditional_space_in_its_order():
    study = search(HyperoptSampler(seed=3), suggest_as_hyperopt_does, loss_of)
    expected = native(CONDITIONAL, loss_of, flatten=flat)
    assert {params["kind"] for params in expected} == {"svc", "forest"}
    assert_same(study.trials, expected)


def test_equals_fmin_where_trials_fail():
    def loss(params):
        return None if params["x"] > 0.5 else loss_of(params)

    space, their_space = SPACES["floats"]
    study = optuna.create_study(sampler=HyperoptSampler(space, seed=3))
    for _ in range(N_TRIALS):
        tell(study, study.ask(space), loss)
    failed = [t for t in study.trials if t.state == optuna.trial.TrialState.FAIL]
    assert 5 < len(failed) < N_TRIALS - 20
    assert_same(study.trials, native(their_space, loss))


def test_pruned_and_running_trials_count_as_failed():
    space, _ = SPACES["mixed"]
    proposals = []
    for state in ("FAIL", "PRUNED", "RUNNING"):
        study = optuna.create_study(sampler=HyperoptSampler(space, seed=3))
        for number in range(40):
            trial = study.ask(space)
            if number % 3:
                tell(study, trial, loss_of)
            elif state != "RUNNING":
                study.tell(trial, state=optuna.trial.TrialState[state])
        proposals.append([trial.params for trial in study.trials])
    assert proposals[0] == proposals[1] == proposals[2]


@pytest.mark.slow
def test_goes_on_in_another_process_as_if_never_stopped(tmp_path):
    whole = search(HyperoptSampler(seed=5), suggest_naturally, loss_of, 40)
    stored = {"storage": f"sqlite:///{tmp_path / 'study.db'}", "study_name": "s"}
    for n_trials in (7, 18, 15):
        sampler = pickle.loads(pickle.dumps(HyperoptSampler(seed=5)))
        study = search(
            sampler, suggest_naturally, loss_of, n_trials, **stored, load_if_exists=True
        )
    assert [t.params for t in study.trials] == [t.params for t in whole.trials]


def test_a_sampler_with_a_space_can_be_sent_to_a_worker():
    space, _ = SPACES["mixed"]
    one, drawn = HyperoptSampler(space, seed=1), []
    for sampler in (one, pickle.loads(pickle.dumps(one))):
        study = optuna.create_study(sampler=sampler)
        for _ in range(25):
            tell(study, study.ask(space), loss_of)
        drawn.append([trial.params for trial in study.trials])
    assert drawn[0] == drawn[1]


def test_one_sampler_serves_two_studies():
    sampler = HyperoptSampler(seed=1)
    first, second = (
        search(sampler, suggest_naturally, loss_of, 25).trials for _ in range(2)
    )
    assert [t.params for t in first] == [t.params for t in second]


@pytest.mark.parametrize(
    ("distribution", "values"),
    [
        (IntDistribution(1, 9, step=2), {1, 3, 5, 7, 9}),
        (FloatDistribution(0.3, 1.1, step=0.4), {0.3, 0.7, 1.1}),
        (FloatDistribution(-1, 1, step=1), {-1.0, 0.0, 1.0}),
        (IntDistribution(1, 3, log=True), {1, 2, 3}),
        (CategoricalDistribution([True, "a", None]), {True, "a", None}),
    ],
)
def test_every_value_of_a_grid_is_reached_and_no_other(distribution, values):
    study = optuna.create_study(sampler=HyperoptSampler(seed=0))
    for _ in range(40):
        trial = study.ask({"x": distribution})
        study.tell(trial, loss_of(trial.params))
    reached = [trial.params["x"] for trial in study.trials]
    assert {round(x, 9) if isinstance(x, float) else x for x in reached} == values


def test_values_out_of_the_range_asked_for_are_left_out():
    study = optuna.create_study(sampler=HyperoptSampler(seed=0))
    for low, high in ((0, 10), (1000, 1001)):
        for _ in range(25):
            trial = study.ask({"x": FloatDistribution(low, high)})
            study.tell(trial, trial.params["x"])
    assert min(trial.params["x"] for trial in study.trials[-3:]) >= 1000


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"seed": "0"}, TypeError, ["seed", "integer", "'0'", "str"]),
        ({"seed": 1.5}, TypeError, ["seed", "integer", "1.5"]),
        ({"seed": True}, TypeError, ["seed", "integer", "True"]),
        ({"seed": -1}, ValueError, ["seed", "at least 0", "-1"]),
        ({"space": 3}, TypeError, ["space", "dict", "3", "int"]),
        ({"space": {}}, ValueError, ["space", "empty"]),
        ({"space": {"x": (0, 1)}}, TypeError, ["space['x']", "(0, 1)", "Float"]),
    ],
)
def test_bad_arguments(arguments, error, words):
    with pytest.raises(error) as caught:
        HyperoptSampler(**arguments)
    for word in words:
        assert word in str(caught.value)
