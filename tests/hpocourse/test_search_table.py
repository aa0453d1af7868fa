"""Search tables: the lookup, its noise, and what it says to bad questions."""

import pickle
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest

from hpocourse import datasets, load_search_table, search
from hpocourse._search_problems import define_problems
from hpocourse._search_table import VALUES

every_table = pytest.mark.parametrize("name", define_problems())


@every_table
def test_a_table_says_what_it_is(name):
    table = load_search_table(name)
    assert isinstance(table, datasets.SearchTable)
    assert list(table.frame) == [*table.space, *VALUES]
    assert table.about
    assert table.direction in ("maximize", "minimize")
    assert repr(table).startswith(f"SearchTable({name!r}, {len(table.frame)} config")
    assert f'``"{name}"``' in load_search_table.__doc__
    for parameter in table.space:
        assert f"``{parameter}``" in load_search_table.__doc__


@every_table
def test_many_at_once_are_each_looked_up(name):
    table = load_search_table(name)
    rows = table.frame[list(table.space)].iloc[::50]
    values = table(rows, seed=3)
    regrets = table.regret(rows)
    assert table.nearest(rows).tolist() == [*range(0, len(table.frame), 50)]
    for params, value, regret in zip(
        rows.to_dict("records"), values, regrets, strict=True
    ):
        assert table(params, seed=3) == value
        assert table.regret(params) == regret >= 0
        assert value in table.values[table.nearest(params)]


@every_table
def test_the_best_is_the_best(name):
    table = load_search_table(name)
    sign = 1 if table.direction == "maximize" else -1
    assert table.best_value == pytest.approx(
        sign * (sign * table.frame[VALUES].mean(axis=1)).max()
    )
    assert table.regret(table.best_params) == 0
    assert table.regret(table.frame[list(table.space)]).min() == 0


@every_table
def test_the_defaults_are_a_configuration_of_the_space(name):
    table = load_search_table(name)
    assert list(table.default_params) == list(table.space)
    assert table.regret(table.default_params) >= 0  # refused were it outside


def test_noise_follows_the_seed_whatever_the_order():
    table = load_search_table("digits_network")
    rows = table.frame[list(table.space)]
    first, other = table(rows, seed=1), table(rows, seed=2)
    assert np.array_equal(table(rows[::-1], seed=1)[::-1], first)
    assert (first != other).mean() > 0.4
    chosen = (table.values == first[:, None]).mean(axis=0)
    assert chosen.min() > 0.25
    copy = pickle.loads(pickle.dumps(table))
    assert copy(table.best_params, seed=1) == table(table.best_params, seed=1)


def test_nearest_is_nearest_on_the_scale_of_the_space():
    table = load_search_table("svr_diabetes")
    low, high = np.log([(d.low, d.high) for d in table.space.values()]).T
    points = (np.log(table.frame[list(table.space)]) - low) / (high - low)
    drawn = np.random.default_rng(0).uniform(size=(50, 3))
    values = np.exp(low + drawn * (high - low)).T
    rows = table.nearest(dict(zip(table.space, values, strict=True)))
    for unit, row in zip(drawn, rows, strict=True):
        assert row == ((points - unit) ** 2).sum(axis=1).argmin()


def test_methods_are_compared_in_a_few_lines():
    table = load_search_table("svc_digits")
    regrets = []
    for seed in range(3):
        study = search.run(
            partial(table, seed=seed),
            table.space,
            method="tpe",
            n_trials=15,
            seed=seed,
            direction=table.direction,
            progress=False,
        )
        regrets.append(table.regret(study.best_params))
    assert np.mean(regrets) < 0.05


def test_rounding_at_the_ends_of_a_range_is_let_through():
    table = load_search_table("svc_digits")
    assert table({"gamma": 10 * (1 + 1e-9), "C": np.float32(0.01)}) > 0


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"C": None}, TypeError, r"C must be a number from 0.001 to 1000.0, got None"),
        ({"C": "1"}, TypeError, "C must be a number .*, got '1'"),
        ({"C": True}, TypeError, "C must be a number .*, got True"),
        ({"C": 0}, ValueError, "C must be from 0.001 to 1000.0, got 0"),
        ({"C": -1.0}, ValueError, "C must be from .*, got -1.0"),
        ({"C": 2e3}, ValueError, "C must be from .*, got 2000.0"),
        ({"C": np.nan}, ValueError, "C must be from .*, got nan"),
        ({"n_components": 31}, ValueError, "n_components must be from 1 to 30, got 31"),
        ({"scaler": "minmax"}, ValueError, "'standard', 'robust', got 'minmax'"),
        ({"c": 1}, ValueError, "are C, n_components, scaler, penalty, got .*, c"),
    ],
)
def test_what_is_not_in_the_space(changes, error, message):
    table = load_search_table("pipeline_cancer")
    params = {**table.best_params, **changes}
    for ask in (table, table.nearest, table.regret):
        with pytest.raises(error, match=message):
            ask(params)
    many = pd.DataFrame([table.best_params, params], dtype=object)
    if changes.keys() <= table.space.keys() and error is ValueError:
        many = many.infer_objects()
        with pytest.raises(error, match=message.replace("got 31", "got 31")):
            table(many)


def test_other_mistakes():
    table = load_search_table("svc_digits")
    with pytest.raises(TypeError, match=r"params must be a dict .* got 3 of type int"):
        table(3)
    with pytest.raises(ValueError, match="are gamma, C, got none"):
        table({})
    with pytest.raises(ValueError, match=r"svr_wave, .*pipeline_diabetes, got 'svr'"):
        load_search_table("svr")
    with pytest.raises(ValueError, match="did you mean 'svr_wave'"):
        load_search_table("svr_waves")
    with pytest.raises(TypeError, match="seed must be an integer, got None"):
        table(table.best_params, seed=None)


def test_other_loaders_load_no_optuna():
    code = "import sys, hpocourse as h; h.load_digits(); print('optuna' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
