import pickle
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
from optuna.testing import pytest_samplers
from optuna.trial import TrialState

from hpocourse.search._samplers.bayes import BayesOptSampler, Cube

SPACE = {
    "lr": FloatDistribution(1e-4, 1, log=True),
    "momentum": FloatDistribution(0, 0.99),
    "rate": FloatDistribution(0, 0.6, step=0.2),
    "units": IntDistribution(8, 64, step=8),
    "layers": IntDistribution(1, 4),
    "batch": IntDistribution(1, 256, log=True),
    "act": CategoricalDistribution(["relu", "tanh", "silu"]),
}
LINE = {"x": FloatDistribution(-1, 1)}


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Python 3.13 speaks up when a database of an earlier test is collected.
        warnings.simplefilter("ignore", ResourceWarning)
        yield


class TestOptunasSuite(
    pytest_samplers.BasicSamplerTestCase,
    pytest_samplers.RelativeSamplerTestCase,
    pytest_samplers.SingleOnlySamplerTestCase,
):
    @pytest.fixture
    def sampler(self):
        return lambda: BayesOptSampler(seed=0)


def search(space, objective, n_trials, seed=0, sampler=None, **kwargs):
    sampler = sampler or BayesOptSampler(seed=seed)
    study = optuna.create_study(sampler=sampler, **kwargs)
    for _ in range(n_trials):
        trial = study.ask(space)
        study.tell(trial, objective(trial.params))
    return study


def params_of(study):
    return [trial.params for trial in study.trials]


def bowl(params):
    return (params["x"] - 0.3) ** 2


def of_mixed(params):
    return (
        np.log10(params["lr"] / 0.01) ** 2
        + (params["momentum"] - 0.5) ** 2
        + params["rate"]
        + (params["units"] / 32 - 1) ** 2
        + (params["layers"] - 2) ** 2
        + np.log2(params["batch"] / 32) ** 2 / 10
        + {"relu": 0.0, "tanh": 0.3, "silu": 0.6}[params["act"]]
    )


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_finds_the_optimum_of_a_bowl(direction):
    sign = 1 if direction == "minimize" else -1
    study = search(LINE, lambda p: sign * bowl(p), 15, direction=direction)
    assert abs(study.best_params["x"] - 0.3) < 0.01


@pytest.mark.slow
def test_finds_a_better_point_of_a_mixed_space_than_chance_does():
    best = [search(SPACE, of_mixed, 30, seed).best_value for seed in range(6)]
    by_chance = [
        search(SPACE, of_mixed, 30, sampler=optuna.samplers.RandomSampler(k)).best_value
        for k in range(40)
    ]
    assert np.median(best) < np.median(by_chance)


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.0, 1.0])
def test_categories_share_what_they_teach_and_matter_if_they_do(effect):
    space = {
        "kind": CategoricalDistribution(list("abcdefgh")),
        "x": FloatDistribution(0, 1),
        "y": FloatDistribution(0, 1),
    }

    def objective(params):
        far = (params["x"] - 0.7) ** 2 + (params["y"] - 0.2) ** 2
        return effect * (params["kind"] == "f") - far

    for seed in range(3):
        study = search(space, objective, 20, seed, direction="maximize")
        assert effect - study.best_value < 0.02


def test_scale_of_a_parameter_does_not_matter():
    def wide(params):
        return bowl({"x": params["x"] / 1e6})

    narrow = params_of(search(LINE, bowl, 12))
    space = {"x": FloatDistribution(-1e6, 1e6)}
    for one, other in zip(narrow, params_of(search(space, wide, 12)), strict=True):
        assert other["x"] / 1e6 == pytest.approx(one["x"], abs=1e-4)


@pytest.mark.parametrize("n_initial", [1, 3, 8])
def test_begins_with_random_points(n_initial):
    def first_values(objective):
        sampler = BayesOptSampler(seed=4, n_initial=n_initial)
        study = search(LINE, objective, n_initial + 1, sampler=sampler)
        return [params["x"] for params in params_of(study)]

    # Random points are the same whatever came of them; the next one is not.
    one, other = first_values(bowl), first_values(lambda p: -p["x"])
    assert one[:n_initial] == other[:n_initial]
    assert n_initial == 1 or one[-1] != other[-1]


def test_three_points_and_twenty_trials():
    space = {"x": CategoricalDistribution(["a", "b", "c"])}
    study = search(space, lambda p: ord(p["x"]), 20)
    tried = [params["x"] for params in params_of(study)]
    assert set(tried) == {"a", "b", "c"}
    assert study.best_params == {"x": "a"}


def test_no_point_is_tried_again_before_all_are():
    space = {"x": IntDistribution(0, 4), "y": IntDistribution(0, 2)}
    study = search(space, lambda p: (p["x"] - 2) ** 2 + p["y"], 15)
    tried = [(params["x"], params["y"]) for params in params_of(study)]
    repeats_by_chance = 5 - len(set(tried[:5]))
    assert len(set(tried)) == 15 - repeats_by_chance
    assert (2, 0) in tried[:10]


def study_of(points):
    study = optuna.create_study(sampler=BayesOptSampler(seed=0))
    for x, value in points:
        study.add_trial(
            optuna.create_trial(params={"x": x}, distributions=LINE, value=float(value))
        )
    return study


GRID = [(x, x**2) for x in np.linspace(-1, 1, 9).tolist()]


def test_repeated_points_count_once_with_their_mean():
    one, other = [(0.3, 0.2), (0.3, 0.6)], [(0.3, 0.4), (0.3, 0.4)]
    proposals = [study_of(GRID + more).ask(LINE).params["x"] for more in (one, other)]
    assert proposals[0] == pytest.approx(proposals[1], abs=1e-6)


def test_workers_spread_out():
    study = study_of(GRID)
    proposals = [study.ask(LINE).params["x"] for _ in range(4)]  # none is told
    assert np.diff(sorted(proposals)).min() > 1e-3


def test_threads_neither_raise_warnings_nor_leave_them_hushed():
    # Of a constant, the length scales end at their bounds: scikit-learn warns.
    filters = list(warnings.filters)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        study = optuna.create_study(sampler=BayesOptSampler(seed=0))
        study.optimize(lambda t: t.suggest_float("x", 0, 1) * 0, 24, n_jobs=4)
    finally:
        sys.setswitchinterval(interval)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 24
    assert warnings.filters == filters


def test_goes_on_past_a_region_where_trials_fail():
    study = optuna.create_study(sampler=BayesOptSampler(seed=0))
    for _ in range(20):
        trial = study.ask(LINE)
        x = trial.params["x"]
        if x > 0.2:
            study.tell(trial, state=TrialState.FAIL)
        else:
            study.tell(trial, bowl({"x": x}))
    failed = [t.params["x"] for t in study.trials if t.state == TrialState.FAIL]
    assert len({round(x, 3) for x in failed}) == len(failed)
    assert 0.15 < study.best_params["x"] <= 0.2


@pytest.mark.parametrize("value", [float("inf"), -float("inf")])
def test_infinite_values_do_not_stall_it(value):
    study = search(LINE, lambda p: value if p["x"] > 0.5 else bowl(p), 15)
    assert len(study.trials) == 15


def test_nothing_but_failures_is_searched_at_random():
    study = optuna.create_study(sampler=BayesOptSampler(seed=0))
    for _ in range(12):
        study.tell(study.ask(LINE), state=TrialState.FAIL)
    assert len({trial.params["x"] for trial in study.trials}) == 12


def proposal_with(state, value=None, reports=()):
    """Return what is proposed after the grid and one more trial, at 0.3."""
    study = study_of(GRID)
    study.add_trial(
        optuna.create_trial(
            state=state,
            value=value,
            params={"x": 0.3},
            distributions=LINE,
            intermediate_values=dict(enumerate(reports)),
        )
    )
    return study.ask(LINE).params["x"]


@pytest.mark.parametrize(
    ("reports", "counts_as"),
    [
        ([5.0, 0.4], 0.4),  # the last report
        ([0.4, 5.0], 1.0),  # no worse than the worst
        ([0.4, -5.0], 0.0),  # no better than the best
        ([0.4, float("nan")], 1.0),
        ([], 1.0),  # the worst
    ],
)
def test_pruned_trials_count_with_their_last_report(reports, counts_as):
    pruned = proposal_with(TrialState.PRUNED, reports=reports)
    assert pruned == proposal_with(TrialState.COMPLETE, value=counts_as)


def test_failed_trials_count_as_the_worst():
    failed = proposal_with(TrialState.FAIL)
    assert failed == proposal_with(TrialState.COMPLETE, value=1.0)


def conditional(trial):
    kind = trial.suggest_categorical("kind", ["line", "plane", "layers"])
    if kind == "line":
        return 0.5 + 4 * (trial.suggest_float("x", 0, 1) - 0.2) ** 2
    if kind == "plane":
        y = trial.suggest_float("y", 0, 1)
        z = trial.suggest_float("z", 1e-4, 1, log=True)
        return 3 * (y - 0.7) ** 2 + (z - 0.1) ** 2
    n = trial.suggest_int("n", 1, 3)
    units = [trial.suggest_float(f"units{k}", 0, 1) for k in range(n)]
    return 0.9 - 0.2 * n + sum((u - 0.5) ** 2 for u in units)


def test_conditional_parameters_are_drawn_at_random_the_others_modelled():
    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        if trial.suggest_categorical("kind", ["line", "plane"]) == "line":
            return 0.5 + (x - 0.2) ** 2 + 0 * trial.suggest_float("y", 0, 1)
        return (x - 0.2) ** 2

    study = optuna.create_study(sampler=BayesOptSampler(seed=0))
    study.optimize(objective, n_trials=25)
    last = study.trials[10:]
    assert study.best_value < 1e-3
    assert sum(trial.params["kind"] == "plane" for trial in last) > 10
    drawn = [t.params["y"] for t in study.trials if "y" in t.params]
    alone = optuna.create_study(sampler=BayesOptSampler(seed=0, n_initial=99))
    by_chance = [alone.ask({"y": FloatDistribution(0, 1)}) for _ in study.trials]
    numbers = [t.number for t in study.trials if "y" in t.params]
    assert drawn == [by_chance[number].params["y"] for number in numbers]


@pytest.mark.slow
def test_goes_on_in_another_process_as_if_never_stopped(tmp_path):
    whole = optuna.create_study(sampler=BayesOptSampler(seed=5))
    whole.optimize(conditional, n_trials=16)
    for n_trials in (3, 6, 7):
        study = optuna.create_study(
            storage=f"sqlite:///{tmp_path / 'study.db'}",
            study_name="s",
            load_if_exists=True,
            sampler=pickle.loads(pickle.dumps(BayesOptSampler(seed=5))),
        )
        study.optimize(conditional, n_trials=n_trials)
    assert params_of(study) == params_of(whole)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"seed": "0"}, TypeError, ["seed", "integer", "'0'", "str"]),
        ({"seed": 1.5}, TypeError, ["seed", "integer", "1.5"]),
        ({"seed": True}, TypeError, ["seed", "integer", "True"]),
        ({"seed": -1}, ValueError, ["seed", "at least 0", "-1"]),
        ({"n_initial": 0}, ValueError, ["n_initial", "at least 1", "0"]),
        ({"n_initial": 2.0}, TypeError, ["n_initial", "integer", "2.0"]),
    ],
)
def test_bad_arguments(arguments, error, words):
    with pytest.raises(error) as caught:
        BayesOptSampler(**arguments)
    for word in words:
        assert word in str(caught.value)


class TestCube:
    cube = Cube(SPACE)

    def test_rows_lie_in_the_cube_and_come_back(self):
        rng = np.random.default_rng(0)
        snapped = self.cube.snap(rng.normal(0.5, 1, size=(200, self.cube.width)))
        assert snapped.min() >= 0
        assert snapped.max() <= 1
        for row in snapped:
            params = self.cube.decode(row)
            for name, value in params.items():
                distribution = SPACE[name]
                assert distribution._contains(distribution.to_internal_repr(value))
            np.testing.assert_allclose(self.cube.encode(params), row, atol=1e-12)

    def test_by_hand(self):
        space = {
            "x": FloatDistribution(0.01, 100, log=True),
            "k": IntDistribution(1, 4),
            "act": CategoricalDistribution(["a", "b", "c"]),
        }
        row = Cube(space).encode({"x": 1.0, "k": 1, "act": "b"})
        np.testing.assert_allclose(row, [0.5, 0.125, 0, 1, 0])

    def test_every_integer_owns_the_same_share(self):
        cube = Cube({"k": IntDistribution(1, 9, step=2)})
        rows = cube.snap(np.linspace(0, 1, 5001)[:-1, np.newaxis] + 1e-4)
        assert np.unique(rows, return_counts=True)[1].tolist() == [1000] * 5

    def test_a_range_of_very_many_values_counts_as_continuous(self):
        cube = Cube({"k": IntDistribution(0, 2**40)})
        rows = np.array([[0.1], [0.2]])
        assert cube.snap(rows).tolist() == rows.tolist()
        assert isinstance(cube.decode(rows[0])["k"], int)


def test_noise_leads_to_no_corner():
    """Where no point is better, the lowest of sorted ones is not always next."""
    noise = np.random.default_rng(0)

    def objective(trial):
        for k in range(4):
            trial.suggest_int(f"x{k}", 0, 9)
        return noise.normal()

    study = optuna.create_study(sampler=BayesOptSampler(seed=0))
    study.optimize(objective, n_trials=15)
    proposed = np.array([list(trial.params.values()) for trial in study.trials[5:]])
    assert 2.5 < proposed.mean() < 6.5
