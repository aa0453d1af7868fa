"""`compare`: same budget, same seeds; resumable; differences with intervals."""

import matplotlib.pyplot as plt
import numpy as np
import optuna
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from optuna.distributions import FloatDistribution
from scipy import stats

from hpocourse import search, use_language
from hpocourse.search import Comparison, compare

X = {"x": FloatDistribution(-10, 10)}


def parabola(parameters):
    return (parameters["x"] - 2) ** 2


def made(final, direction="maximize", n_trials=3):
    """Return a comparison in which each method ends at the given values."""
    rows = [
        {
            "method": method,
            "seed": seed,
            "trial": trial,
            "value": value - (n_trials - trial),
            "best": value - (n_trials - trial),
        }
        for method, values in final.items()
        for seed, value in enumerate(values)
        for trial in range(1, n_trials + 1)
    ]
    return Comparison(pd.DataFrame(rows), direction)


@pytest.fixture(scope="module")
def comparison():
    return compare(
        parabola,
        X,
        methods=["random", "tpe"],
        n_trials=12,
        seeds=3,
        direction="minimize",
        progress=False,
    )


def test_the_frame_is_tidy(comparison):
    frame = comparison.frame
    columns = ["method", "seed", "trial", "value", "best", "failure"]
    assert list(frame) == columns
    assert len(frame) == 2 * 3 * 12
    for _, one in frame.groupby(["method", "seed"]):
        assert one["trial"].tolist() == list(range(1, 13))
        assert one["best"].tolist() == one["value"].cummin().tolist()


def test_each_search_is_the_one_that_run_makes(comparison):
    frame = comparison.frame
    study = search.run(
        parabola, X, method="tpe", n_trials=12, seed=2, direction="minimize",
        progress=False,
    )  # fmt: skip
    ours = frame[(frame["method"] == "tpe") & (frame["seed"] == 2)]
    assert ours["value"].tolist() == [trial.value for trial in study.trials]


@pytest.mark.slow
def test_workers_and_storage_change_nothing(comparison, tmp_path):
    def interrupted(parameters):
        if parameters["x"] > 6:
            raise KeyboardInterrupt
        return parabola(parameters)

    options = {
        "methods": {"random": "random", "tpe": "tpe"},
        "n_trials": 12,
        "seeds": range(3),
        "direction": "minimize",
        "storage": tmp_path / "all.log",
        "progress": False,
    }
    with pytest.raises(KeyboardInterrupt):
        compare(interrupted, X, **options)
    resumed = compare(parabola, X, workers=2, **options)
    pd.testing.assert_frame_equal(resumed.frame, comparison.frame)


def test_a_method_may_be_a_function_that_makes_a_sampler():
    def wide(seed):
        return optuna.samplers.TPESampler(seed=seed, n_ei_candidates=100)

    result = compare(
        parabola, X, methods={"wide": wide}, n_trials=3, seeds=[7], progress=False
    )
    assert set(result.frame["method"]) == {"wide"}
    assert set(result.frame["seed"]) == {7}


def test_seeds_may_be_any_iterable():
    methods = ["random", "qmc"]
    result = compare(
        parabola, X, methods=methods, n_trials=2, seeds=iter([3, 5]), progress=False
    )
    pairs = result.frame.groupby(["method", "seed"]).size()
    assert pairs.to_dict() == {(m, seed): 2 for m in methods for seed in (3, 5)}


def test_what_was_compared_before_an_interruption_is_not_lost():
    seeds = iter([0] * 3 * 5 + [1])

    def objective(parameters):
        if next(seeds):
            raise KeyboardInterrupt
        return parameters["x"]

    with pytest.raises(KeyboardInterrupt) as caught:
        compare(objective, X, methods=["random"], n_trials=5, seeds=9, progress=False)
    assert caught.value.comparison.frame["seed"].unique().tolist() == [0, 1, 2]


@pytest.mark.parametrize("workers", [1, 2])
def test_failed_trials_have_no_value_and_do_not_break_the_best(workers):
    def objective(parameters):
        if parameters["x"] < 0:
            raise ValueError("below zero")
        return parameters["x"]

    with pytest.warns(RuntimeWarning, match="trials failed") as caught:
        result = compare(
            objective,
            X,
            methods=["random"],
            n_trials=20,
            seeds=2,
            workers=workers,
            progress=False,
        )
    failed = result.frame["value"].isna()
    (said,) = (str(w.message) for w in caught if w.category is RuntimeWarning)
    assert said.startswith(f"{failed.sum()} trials failed, {failed.sum()} of them with")
    assert "ValueError: below zero" in said
    reasons = result.frame["failure"]
    assert reasons[failed].unique().tolist() == ["ValueError: below zero"]
    assert reasons[~failed].isna().all()
    assert 0 < failed.sum() < len(failed)
    last = result.frame[result.frame["trial"] == 20]
    assert last["best"].notna().all()


def test_a_method_that_cannot_search_the_space_costs_no_trial():
    calls = []
    with pytest.raises(ValueError, match="a grid needs steps"):
        compare(calls.append, X, methods=["random", "grid"], n_trials=5, seeds=1)
    assert calls == []


def test_differences_are_paired_and_corrected():
    rng = np.random.default_rng(0)
    base = rng.normal(size=20)
    noise = rng.normal(scale=0.1, size=(2, 20))
    final = {"a": base, "b": base + 0.5 + noise[0], "c": base + noise[1]}
    table = made(final).differences("a")
    assert list(table.index) == ["b", "c"]
    plain = [stats.ttest_rel(final[name], final["a"]) for name in "bc"]
    assert table["difference"].tolist() == pytest.approx(
        [np.mean(final[name] - final["a"]) for name in "bc"]
    )
    # Holm: the smaller p twice, the larger once. Bonferroni: 97.5 % each.
    assert table["p"].tolist() == pytest.approx(
        [2 * plain[0].pvalue, plain[1].pvalue], rel=1e-6, abs=0
    )
    interval = plain[0].confidence_interval(0.975)
    assert table.loc["b", ["low", "high"]].tolist() == pytest.approx(list(interval))
    assert (table["seeds"] == 20).all()


@pytest.mark.parametrize("seed", [0, 5])
def test_differences_are_corrected_step_by_step(seed):
    # Three comparisons with p as a reader meets them, not in ascending order; with
    # seed 5 the second would overtake the first without Holm's running maximum.
    rng = np.random.default_rng(seed)
    base = rng.normal(size=20)
    final = {"a": base} | {
        name: base + shift + rng.normal(scale=0.1, size=20)
        for name, shift in {"b": 0.02, "c": 0.06, "d": 0.045}.items()
    }
    plain = {name: stats.ttest_rel(final[name], base).pvalue for name in "bcd"}
    first, second, third = sorted(plain, key=plain.get)
    assert third == "b"
    assert (2 * plain[second] < 3 * plain[first]) == (seed == 5)
    expected = {first: 3 * plain[first]}
    expected[second] = max(expected[first], 2 * plain[second])
    expected[third] = max(expected[second], plain[third])
    table = made(final).differences("a")
    assert table["p"].to_dict() == pytest.approx(expected, rel=1e-6, abs=0)


def test_differences_turn_the_sign_where_less_is_better():
    final = {"a": [3.0, 4.0, 6.0], "b": [1.0, 2.5, 3.0]}
    assert (made(final, "minimize").differences("a")["difference"] > 0).all()
    assert (made(final, "maximize").differences("a")["difference"] < 0).all()


def test_methods_that_found_the_same_do_not_differ():
    table = made({"a": [1.0, 2.0], "b": [1.0, 2.0]}).differences("a")
    assert table.loc["b"].tolist() == [0, 0, 0, 1, 2]


@pytest.mark.slow
def test_differences_keep_their_level():
    # Of 150 comparisons without any difference about 5 % may claim one.
    rng = np.random.default_rng(1)
    claims = 0
    for _ in range(150):
        final = dict(zip("abcd", rng.normal(size=(4, 12)), strict=True))
        table = made(final, n_trials=1).differences("a")
        outside = (table["low"] > 0) | (table["high"] < 0)
        claims += outside.any()
        assert (outside <= (table["p"] < 0.05)).all()
    assert 0.01 < claims / 150 < 0.10


def test_plots(comparison):
    ax = comparison.plot_best()
    assert [line.get_label() for line in ax.lines] == ["random", "TPE"]
    means = comparison.frame[comparison.frame["trial"] == 12].groupby("method")["best"]
    assert [line.get_ydata()[-1] for line in ax.lines] == pytest.approx(
        means.mean().tolist()
    )
    assert len(ax.collections) == 2


def test_the_final_values_are_the_best_of_each_search(comparison):
    frame = comparison.frame
    for (method, seed), one in frame.groupby(["method", "seed"]):
        assert comparison.final.loc[seed, method] == one["value"].min()
    assert list(comparison.final) == ["random", "tpe"]


def test_the_bands_hold_the_mean_of_the_seeds(comparison):
    ax = comparison.plot_best()
    for line, band in zip(ax.lines, ax.collections, strict=True):
        outline = band.get_paths()[0].vertices
        for trial, mean in zip(*line.get_data(), strict=True):
            column = outline[outline[:, 0] == trial, 1]
            assert column.min() <= mean <= column.max()


def test_a_comparison_shows_itself_in_the_reader_s_language(comparison):
    assert repr(comparison) == "Comparison(2 methods, 3 seeds, 12 trials)"
    with use_language("es"):
        assert "Mejor valor, media" in comparison._repr_html_()
        assert comparison.plot_best().get_xlabel() == "intento"


BAD = {
    "one name": (
        {"methods": "tpe"},
        TypeError,
        "methods must be a list of names .* got 'tpe'",
    ),
    "a number": ({"methods": 3}, TypeError, "methods must be a list"),
    "unknown": (
        {"methods": ["tpe", "cma"]},
        ValueError,
        r"methods\['cma'\] must be one of",
    ),
    "a sampler": (
        {"methods": {"mine": optuna.samplers.TPESampler(seed=0)}},
        TypeError,
        r"methods\['mine'\] must be .* a function of the seed, got <.*TPESampler",
    ),
    "a class": (
        {"methods": {"mine": optuna.samplers.TPESampler}},
        TypeError,
        "lambda seed: TPESampler",
    ),
    "samplers in a list": (
        {"methods": [optuna.samplers.RandomSampler(seed=0)]},
        TypeError,
        "must be a method's name or a function of the seed",
    ),
    "unknown in a dict": ({"methods": {"a": "b"}}, ValueError, r"methods\['a'\]"),
    "none": ({"methods": []}, ValueError, "methods is empty"),
    "no seeds": ({"seeds": []}, ValueError, "be at least one, got "),
    "seeds zero": ({"seeds": 0}, ValueError, "seeds must be at least 1, got 0"),
    "seeds twice": (
        {"seeds": [1, 1]},
        ValueError,
        r"seeds must differ, .* got \[1, 1\]",
    ),
    "seed": ({"seeds": ["a"]}, TypeError, "seed must be an integer, got 'a'"),
    "budget": ({"n_trials": 0}, ValueError, "n_trials must be at least 1"),
    "space": ({"space": None}, TypeError, "space must be a dict, for all methods"),
    "direction": ({"direction": "up"}, ValueError, "direction must be one of"),
    "workers": ({"workers": 0}, ValueError, "workers must be at least 1"),
    "storage": ({"storage": "a.txt"}, ValueError, "ending in .log"),
}


@pytest.mark.parametrize(("options", "kind", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_refused(options, kind, words):
    good = {"space": X, "methods": ["random"], "n_trials": 2, "seeds": 2}
    with pytest.raises(kind, match=words):
        compare(parabola, progress=False, **good | options)


def test_bad_input_of_differences_is_refused():
    comparison = made({"random": [1.0], "tpe": [2.0]})
    with pytest.raises(ValueError, match="did you mean 'random'"):
        comparison.differences("randon")
    with pytest.raises(ValueError, match=r"at least two seeds .* got 1"):
        comparison.differences("random")


def raises(parameters):
    raise ValueError("data missing")


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_search_that_only_fails_says_why_from_any_process(workers):
    with pytest.raises(search.SearchError, match="data missing") as caught:
        compare(
            raises,
            X,
            methods=["random"],
            n_trials=6,
            seeds=2,
            workers=workers,
            progress=False,
        )
    assert len(caught.value.study.trials) == 5


def test_a_storage_with_longer_runs_lends_no_more_than_the_budget(tmp_path):
    options = {"seeds": 2, "storage": tmp_path / "c.log", "progress": False}
    compare(parabola, X, methods=["random"], n_trials=9, **options)
    short = compare(parabola, X, methods=["random", "qmc"], n_trials=4, **options)
    assert set(short.frame["trial"]) == {1, 2, 3, 4}
    assert len(short.frame) == 2 * 2 * 4


@pytest.mark.slow
def test_a_path_means_what_it_meant_when_it_was_given(tmp_path, monkeypatch):
    for name, n_trials in (("one", 2), ("two", 3)):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        compare(
            parabola,
            X,
            methods=["random"],
            n_trials=n_trials,
            seeds=2,
            storage="c.log",
            workers=2,
            progress=False,
        )
    for name, n_trials in (("one", 2), ("two", 3)):
        storage = search.open_storage(tmp_path / name / "c.log")
        study = optuna.load_study(study_name="random-0", storage=storage)
        assert len(study.trials) == n_trials


def test_methods_of_one_s_own_have_colors_of_their_own():
    samplers = {
        name: lambda seed: optuna.samplers.RandomSampler(seed=seed)
        for name in ("mine", "other")
    }
    made = compare(
        parabola,
        X,
        methods={"random": "random", **samplers},
        n_trials=3,
        seeds=3,
        progress=False,
    )
    best = made.plot_best()
    lines = [to_hex(line.get_color()) for line in best.lines]
    bands = [to_hex(band.get_facecolor()[0]) for band in best.collections]
    assert lines == bands
    assert len(set(lines)) == 3
    plt.close("all")
