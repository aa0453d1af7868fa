"""The results of the methods load whole."""

import pytest

from hpocourse import load_method_results
from hpocourse._method_results import FILES
from hpocourse._search_problems import define_problems

KEYS = ["method", "problem", "seed", "budget"]
every_source = pytest.mark.parametrize("source", FILES)


@every_source
def test_each_run_stands_once_and_is_whole(source):
    results = load_method_results(source)
    assert list(results) == [*KEYS, "regret", "seconds"]
    assert not results.duplicated(KEYS).any()
    assert results.notna().all(axis=None)
    assert (results["seconds"] > 0).all()
    assert set(results["problem"]) <= {*define_problems(), "svc_kernels"}


def test_random_search_leaves_about_one_after_ten_trials():
    results = load_method_results()
    ten = results.query("method == 'random' and budget == 10")
    assert len(ten) == 10 * 50
    assert ten["regret"].mean() == pytest.approx(1, abs=0.15)
    assert (results["regret"] >= 0).all()


def test_the_trained_problems_ran_every_method_with_the_same_seeds():
    runs = load_method_results("trainings").groupby(["method", "problem"])["seed"]
    assert set(runs.apply(tuple)) == {tuple(range(20))}


def test_the_conditional_problem_ran_every_method_with_the_same_seeds():
    results = load_method_results("conditions")
    assert set(results["problem"]) == {"svc_kernels"}
    runs = results.groupby("method")["seed"].apply(tuple)
    assert set(runs) == {tuple(range(50))}
    assert not {"grid", "qmc", "native bayes_opt"} & set(runs.index)


def test_the_unseen_seeds_are_others_and_whole():
    runs = load_method_results("unseen").groupby(["method", "problem", "budget"])
    assert set(runs["seed"].apply(tuple)) == {tuple(range(100, 150))}
    assert len(runs) == 4 * 10 * 2


def test_unknown_results():
    with pytest.raises(ValueError, match="unseen, conditions, got 'runs'"):
        load_method_results("runs")


def test_each_method_ran_with_as_many_seeds_as_is_said():
    results = load_method_results()
    seeds = results.groupby(["method", "budget", "problem"])["seed"].apply(set)
    for (method, budget, _), found in seeds.items():
        few = budget == 100 and method in ("gp", "bayes")
        assert found == set(range(20 if few else 50)), (method, budget)
    assert ("native bayes_opt", 100) not in seeds.index.droplevel("problem")
