"""A space with conditions: what ships is what the script computes."""

import bench_conditions
import optuna
import pytest
from bench_conditions import KERNELS, METHODS, propose, run

from hpocourse import load_method_results
from hpocourse._method_results import FILES, RESULTS


def test_the_benchmark_writes_what_ships():
    assert RESULTS / FILES["conditions"] == bench_conditions.FILE
    assert set(load_method_results("conditions")["method"]) == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_searches_the_space_with_its_conditions(method):
    tried = []

    def objective(params):
        tried.append(params)
        return -params["C"]

    run(method, objective, 14, 0)
    assert len(tried) == 14
    assert len({params["kernel"] for params in tried}) > 1
    for params in tried:
        has = KERNELS["poly" if method == "tpe flat" else params["kernel"]]
        assert set(params) == {"kernel", "C", *has}
        assert 1e-2 <= params["C"] <= 1e3
        assert 1e-4 <= params.get("gamma", 1) <= 10
        assert params.get("degree", 2) in range(2, 6)
        assert 0 <= params.get("coef0", 0) <= 1


def test_what_a_kernel_does_not_have_changes_nothing():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    flat = [propose(study.ask(), flat=True) for _ in range(8)]
    linear = next(params for params in flat if params["kernel"] == "linear")
    problem = bench_conditions.load_problem()
    alone = {name: linear[name] for name in ("kernel", "C")}
    assert problem.train(linear, 0) == problem.train(alone, 0)


@pytest.mark.slow
def test_a_stored_run_repeats():
    found = bench_conditions.compute(1, 30, ["random"])
    stored = load_method_results("conditions").query("method == 'random' and seed == 0")
    assert found["regret"].item() == pytest.approx(stored["regret"].item(), rel=1e-3)
