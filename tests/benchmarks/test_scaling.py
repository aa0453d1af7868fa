"""What the chapter on scaling out reads is made by the script that says so."""

import make_scaling
import optuna
import pytest

from hpocourse import load_measurements, load_search_table
from hpocourse._measurements import SCALING

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")


def test_each_measurement_has_its_maker():
    assert set(make_scaling.MAKERS) == set(SCALING)


@pytest.mark.parametrize(("workers", "liar"), make_scaling.ARMS)
def test_a_simulated_search_again_gives_what_is_stored(workers, liar):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    table = load_search_table("svr_wave")
    told = make_scaling.simulate(table, workers, liar, seed=3, n_trials=48)
    clocks = [clock for clock, _, _ in told]
    assert len(told) == 48
    assert clocks == sorted(clocks)
    stored = load_measurements("pending").query(
        "workers == @workers and liar == @liar and seed == 3 and trials == 48"
    )
    assert stored["clock"].item() == pytest.approx(clocks[-1], abs=0.006)
    best = max(told, key=lambda row: row[1])
    assert stored["regret"].item() == pytest.approx(best[2], abs=1e-4)


@pytest.mark.slow
def test_the_speed_of_searches_is_measured_in_each_way():
    trials = {0.001: 4}
    rows = make_scaling.speed(repeats=1, trials=trials)
    stored = load_measurements("speed")
    assert list(rows) == list(stored)
    assert len(rows) == len(set(rows["work"])) * len(make_scaling.WAYS) * 3 == 18
    assert len(stored) == 2 * len(make_scaling.SPEED) * len(rows)
    assert (rows["seconds"] > 0).all()


def test_a_step_that_computes_takes_as_long_as_it_says():
    calls = []
    work = make_scaling.working(lambda: calls.append(sum(range(10_000))))
    a_second = len(calls)
    work(0.1)
    assert len(calls) == a_second + round(a_second / 10)


def test_more_workers_are_done_sooner():
    table = load_search_table("svr_wave")
    ends = [
        make_scaling.simulate(table, workers, "random", seed=0, n_trials=16)[-1][0]
        for workers in (1, 4)
    ]
    assert ends[1] < ends[0] / 2
