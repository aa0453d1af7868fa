"""Two problems trained: what ships is what the script computes."""

import bench_methods
import bench_trained
import numpy as np
import pytest
from problems import PROBLEMS

from hpocourse import load_method_results
from hpocourse._method_results import FILES, RESULTS
from hpocourse._search_problems import define_problems
from hpocourse._search_table import REPEATS


def test_the_benchmarks_write_what_ships():
    assert bench_methods.RESULTS == RESULTS
    assert RESULTS / FILES["trainings"] == bench_trained.FILE
    files = {
        path.relative_to(RESULTS).as_posix()
        for path in RESULTS.rglob("*")
        if path.is_file()
    }
    recipes = {"made_from.json", "unseen/made_from.json"}
    assert files == {*FILES.values()} | recipes


def test_a_training_of_a_row_is_what_the_table_holds():
    problem = bench_trained.Trained("svr_wave", *define_problems()["svr_wave"])
    row = int(np.argmax(problem.means))
    params = problem.frame.loc[row, list(problem.space)].to_dict()
    training = problem.objective(0)
    repeat = np.random.default_rng([0, 20]).integers(REPEATS)
    assert training(params) == pytest.approx(problem.values[row, repeat], rel=1e-4)
    assert problem.scaled_regret(training.chosen(1)) == pytest.approx(0, abs=1e-3)


def test_a_stored_run_repeats():
    found = bench_trained.compute(1, 30, ["svr_diabetes"], ["random"])
    stored = load_method_results("trainings").query(
        "method == 'random' and problem == 'svr_diabetes' and seed == 0"
    )
    assert found["regret"].item() == pytest.approx(stored["regret"].item(), rel=1e-3)


def test_the_unit_is_that_of_the_table():
    problem = bench_trained.Trained("svr_wave", *define_problems()["svr_wave"])
    assert problem.scale == PROBLEMS["svr_wave"].scale
