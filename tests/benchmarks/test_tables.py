"""The tables hold real trainings, and looking them up is what it says it is."""

import make_tables
import numpy as np
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution
from problems import PROBLEMS, decode, design, levels, load_problem

from hpocourse import _search_table
from hpocourse._search_table import REPEATS, VALUES

#: Trained again within a second, without a network's sensitivity to rounding.
CHEAPEST = ("pipeline_diabetes", "svr_diabetes", "pipeline_cancer", "forest_digits")

every_problem = pytest.mark.parametrize("name", PROBLEMS)


def test_there_are_enough_problems_and_they_are_small():
    assert len(PROBLEMS) >= 8
    files = sorted(path.name for path in _search_table.TABLES.iterdir())
    assert files == sorted(f"{name}.csv.gz" for name in PROBLEMS)
    size = sum(problem.path.stat().st_size for problem in PROBLEMS.values())
    assert size <= 2_000_000
    mixed = [
        problem
        for problem in PROBLEMS.values()
        if any(isinstance(d, CategoricalDistribution) for d in problem.space.values())
    ]
    assert len(mixed) >= 3


@every_problem
def test_a_table_is_the_design_trained_with_noise(name):
    problem = PROBLEMS[name]
    table = problem.frame
    assert list(table) == [*problem.space, *VALUES]
    n_rows = make_tables.OTHER_ROWS.get(name, make_tables.ROWS)
    stored = table[list(problem.space)].to_dict("records")
    assert stored == design(problem.space, n_rows, make_tables.SEED)
    for column, d in problem.space.items():
        assert all(d._contains(d.to_internal_repr(v)) for v in table[column])
    assert np.isfinite(problem.values).all()
    # A formula, or one value copied, would have no noise.
    assert (problem.values.std(axis=1) > 0).mean() > 0.5
    assert 0 < problem.noise < np.ptp(problem.means) / 4


@every_problem
def test_each_row_is_nearest_to_itself(name):
    problem = PROBLEMS[name]
    rows = problem.frame[list(problem.space)].to_dict("records")
    assert [problem.nearest(params) for params in rows[::37]] == [
        *range(0, len(rows), 37)
    ]
    assert problem.regret(rows[5]) == pytest.approx(
        abs(problem.best_value - problem.values[5].mean())
    )


@every_problem
def test_the_nearest_row_has_the_same_categories(name):
    problem = PROBLEMS[name]
    for params in design(problem.space, 64, seed=1):
        values = problem.frame.iloc[problem.nearest(params)]
        for column, d in problem.space.items():
            if isinstance(d, CategoricalDistribution):
                assert values[column] == params[column]


def test_the_nearest_row_is_nearest_on_the_scale_of_the_space():
    problem = PROBLEMS["svc_digits"]
    logs = np.log10(problem.frame[["gamma", "C"]].to_numpy())
    for params in design(problem.space, 64, seed=1):
        point = np.log10([params["gamma"], params["C"]])
        # Both ranges span five decades.
        nearest = ((logs - point) ** 2).sum(axis=1).argmin()
        assert problem.nearest(params) == nearest


@every_problem
def test_an_objective_gives_values_of_the_table(name):
    problem = PROBLEMS[name]
    objective = problem.objective(0)
    for params in design(problem.space, 32, seed=2):
        value = objective(params)
        assert value in problem.values[problem.nearest(params)]
    best = objective.chosen(32)
    assert problem.values[problem.nearest(best)].max() >= max(objective.observed) or (
        problem.direction == "minimize"
    )
    assert problem.scaled_regret(best) >= 0
    assert problem.sign * problem.best_value == (problem.sign * problem.means).max()
    assert problem.scaled_regret(problem.best_params) == 0


def test_noise_depends_on_the_seed_and_on_the_call_only():
    problem = PROBLEMS["digits_network"]
    params = problem.frame[list(problem.space)].to_dict("records")[0]

    def values(seed):
        objective = problem.objective(seed)
        return [objective(params) for _ in range(60)]

    first = values(0)
    assert len(set(first)) == len(set(problem.values[0])) > 1
    assert values(0) == first
    assert values(1) != first
    counts = [np.isclose(first, v).sum() for v in problem.values[0]]
    assert min(counts) > 60 / REPEATS / 3


def test_what_is_chosen_is_the_best_seen_within_the_budget():
    problem = PROBLEMS["pipeline_cancer"]  # to be minimized
    objective = problem.objective(0)
    for params in design(problem.space, 16, seed=3):
        objective(params)
    for budget in (1, 8, 16):
        least = int(np.argmin(objective.observed[:budget]))
        assert objective.chosen(budget) == objective.tried[least]


@every_problem
@pytest.mark.parametrize("budget", [1, 10, 30, 100])
def test_a_grid_keeps_to_its_budget_and_to_the_space(name, budget):
    problem = PROBLEMS[name]
    grid = problem.grid_space(budget)
    points = levels(grid)
    assert budget / 3 < len(points) <= budget
    for params in points:
        for column, d in problem.space.items():
            assert d._contains(d.to_internal_repr(params[column]))


@every_problem
def test_random_search_gets_better_with_more_trials(name):
    problem = PROBLEMS[name]
    regrets = [problem.random_regret(n) for n in (1, 10, 30, 100)]
    assert regrets == sorted(regrets, reverse=True)
    assert regrets[1] == 1
    assert regrets[3] > 0


def test_every_level_of_integers_and_categories_gets_its_share():
    problem = PROBLEMS["pipeline_cancer"]
    table = pd.DataFrame(design(problem.space, 1024, seed=0))
    assert table["n_components"].value_counts().between(20, 45).all()
    assert set(table["n_components"]) == set(range(1, 31))
    assert table["scaler"].value_counts().between(330, 352).all()
    assert decode(problem.space, [0, 0, 0, 0])["n_components"] == 1
    assert decode(problem.space, [1, 1, 1, 1])["n_components"] == 30


@pytest.mark.parametrize("name", CHEAPEST)
def test_training_again_gives_what_is_stored(name):
    assert make_tables.check(PROBLEMS[name])


def test_a_value_that_was_not_trained_is_found_out(tmp_path, monkeypatch):
    problem = load_problem("pipeline_diabetes")
    table = problem.frame.copy()
    table[VALUES] += 0.01
    monkeypatch.setattr(_search_table, "TABLES", tmp_path)
    make_tables.write_table(problem.path, table)
    forged = load_problem("pipeline_diabetes")
    assert not make_tables.check(forged)


def test_a_table_is_resumed_and_refuses_another_space(tmp_path, monkeypatch):
    whole = PROBLEMS["pipeline_diabetes"].frame
    problem = load_problem("pipeline_diabetes")
    trained = []

    def train(problem, params):
        trained.append(params)
        return [0.0] * REPEATS

    monkeypatch.setattr(_search_table, "TABLES", tmp_path)
    monkeypatch.setattr(make_tables, "train", train)
    make_tables.write_table(problem.path, whole[:-5])
    before = problem.path.read_bytes()
    make_tables.write_table(problem.path, whole[:-5])
    assert problem.path.read_bytes() == before
    make_tables.make(problem)
    names = list(problem.space)
    assert trained == whole[names].to_dict("records")[-5:]
    assert len(problem.frame) == len(whole)
    assert [path.name for path in tmp_path.iterdir()] == ["pipeline_diabetes.csv.gz"]
    make_tables.write_table(problem.path, whole.assign(alpha=1.0))
    with pytest.raises(SystemExit, match="another space"):
        make_tables.make(problem)
