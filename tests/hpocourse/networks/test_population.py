import dataclasses

import numpy as np
import optuna
import pytest
import torch
from optuna.trial import TrialState
from sklearn.model_selection import ParameterSampler

from hpocourse import load_digits
from hpocourse.networks import MLP, fit, fit_population
from hpocourse.networks import _group as group_module
from hpocourse.networks._config import ACTIVATIONS

from .conftest import largest_difference, make_data

MIXED = [
    {
        "hidden": (6 + 3 * k, 9 - k),
        "activation": activation,
        "dropout": 0.15 * (k % 3),
        "lr": 0.05 / (k + 1),
        "weight_decay": 0.01 * (k % 2),
        "schedule": ("cosine", None)[k % 2],
    }
    for k, activation in enumerate(sorted(ACTIVATIONS))
]


def alone(config, data, outputs=3, **common):
    settings = {**common, **config}
    shape = {name: settings.pop(name, None) for name in ("activation", "dropout")}
    model = MLP(
        data.X_train.shape[1],
        settings.pop("hidden", (64,)),
        outputs,
        shape["activation"] or "relu",
        shape["dropout"] or 0.0,
    ).double()
    return model, fit(model, data, **settings)


def assert_equal(configs, data, outputs=3, **common):
    results = fit_population(configs, data, dtype=torch.float64, **common)
    for config, result in zip(configs, results, strict=True):
        model, history = alone(config, data, outputs, **common)
        assert largest_difference(model, result.models[0]) < 1e-5
        together = result.histories[0]
        assert (together.state, together.best_epoch) == (
            history.state,
            history.best_epoch,
        )
        np.testing.assert_allclose(together.frame, history.frame, atol=1e-5)
    return results


@pytest.mark.parametrize(
    "common",
    [
        {"optimizer": "sgd", "momentum": 0.9},
        {"optimizer": "sgd"},
        {"optimizer": "adam"},
        {"optimizer": "adamw"},
    ],
)
def test_equal_to_fit_one_by_one(small, common):
    assert_equal(MIXED, small, epochs=5, batch_size=16, **common)


def test_equal_for_plain_steps_of_sgd(small):
    plain = [{**config, "weight_decay": 0.0, "momentum": 0.0} for config in MIXED]
    assert_equal(plain, small, epochs=5, batch_size=16, optimizer="sgd")


def test_equal_where_some_have_momentum(small):
    configs = [{"momentum": m, "lr": 0.1} for m in (0.0, 0.5, 0.9)]
    assert_equal(configs, small, epochs=3, optimizer="sgd")


@pytest.mark.parametrize("loss", ["huber", "l1", "mse"])
def test_equal_for_values(values, loss):
    assert_equal(MIXED, values, 1, epochs=4, batch_size=20, loss=loss)
    y = np.stack([values.y_train, -values.y_train], axis=1)
    two = dataclasses.replace(values, y_train=y, y_valid=np.ones((30, 2)))
    assert_equal(MIXED[:2], two, 2, epochs=2, loss=loss)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_equal_for_a_single_network_with_dropout(small, activation, optimizer):
    config = {"activation": activation, "dropout": 0.4, "optimizer": optimizer}
    assert_equal([config], small, epochs=3, lr=0.02)


def test_equal_for_depths_seeds_batches_and_linear_models(small):
    configs = [
        {"hidden": ()},
        {"hidden": (), "optimizer": "sgd", "lr": 0.2},
        {"hidden": (4,), "seed": 3},
        {"hidden": (4, 5, 6), "batch_size": 90},
        {"hidden": (4,), "batch_size": 7},
    ]
    assert_equal(configs, small, epochs=3)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_equal_when_some_stop_early(small, optimizer):
    configs = [
        {"lr": lr, "patience": patience, "epochs": epochs, "dropout": 0.3}
        for lr, patience, epochs in [
            (0.3, 1, 30),
            (0.003, 3, 30),
            (0.1, 2, 30),
            (0.01, None, 9),
            (0.02, None, 20),
        ]
    ]
    momentum = {"momentum": 0.9} if optimizer == "sgd" else {}
    results = assert_equal(configs, small, optimizer=optimizer, **momentum)
    assert {result.state for result in results} == {"finished", "stopped"}
    assert len({len(result.histories[0].frame) for result in results}) > 2


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_equal_when_some_that_step_together_stop_early(small, optimizer):
    configs = [
        {"hidden": hidden, "patience": patience, "lr": lr}
        for hidden, patience, lr in [
            ((4, 9), 1, 0.1),
            ((5, 8), None, 0.1),
            ((6, 7), 2, 0.1),
            ((7, 6), None, 0.02),
            ((8, 5), 1, 0.1),
        ]
    ]
    momentum = {"momentum": 0.9} if optimizer == "sgd" else {}
    common = {"epochs": 25, "optimizer": optimizer, **momentum}
    results = assert_equal(configs, small, **common)
    assert len({len(result.histories[0].frame) for result in results}) > 2


def test_what_stopped_costs_nothing(small, monkeypatch):
    widths = []
    train = group_module.Group._train_epoch
    monkeypatch.setattr(
        group_module.Group,
        "_train_epoch",
        lambda self, epoch: widths.append(len(self.joint.first)) or train(self, epoch),
    )
    configs = [{"hidden": (width,), "epochs": e} for width, e in ((7, 1), (5, 3))]
    fit_population(configs, small)
    assert widths == [12, 5, 5]


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_one_that_diverges_leaves_the_others_alone(values, optimizer):
    configs = [{"lr": 1e-3}, {"lr": 1e200}, {"lr": 2e-3}]
    results = assert_equal(configs, values, 1, optimizer=optimizer, epochs=6)
    assert [result.state for result in results] == ["finished", "diverged", "finished"]
    assert all(p.isfinite().all() for p in results[1].models[0].parameters())


def test_folds_equal_fit_on_each_fold(small):
    results = fit_population(MIXED[:3], small, folds=3, epochs=3, dtype=torch.float64)
    X, y = small.X_train_valid, small.y_train_valid
    for config, result in zip(MIXED, results, strict=False):
        assert len(result.histories) == 3
        for k, (a, b) in enumerate(small.folds(3)):
            model = MLP(5, config["hidden"], 3, config["activation"], config["dropout"])
            rest = {name: config[name] for name in ("lr", "weight_decay", "schedule")}
            history = fit(model.double(), (X[a], y[a], X[b], y[b]), epochs=3, **rest)
            assert largest_difference(model, result.models[k]) < 1e-5
            assert history.score == result.histories[k].score
        assert result.score == np.mean([h.score for h in result.histories])


@pytest.mark.slow
def test_same_bits_again_and_in_two_processes(small):
    one, two, again = (
        fit_population(MIXED, small, folds=2, epochs=2, batch_size=30, workers=workers)
        for workers in (1, 2, 1)
    )
    for a, b, c in zip(one, two, again, strict=True):
        assert a.score == b.score == c.score
        for k in range(2):
            assert largest_difference(a.models[k], c.models[k]) == 0
            assert largest_difference(a.models[k], b.models[k]) == 0


def test_large_populations_are_divided(small, monkeypatch):
    from hpocourse.networks import _population

    whole = fit_population(MIXED, small, epochs=2, dtype=torch.float64)
    monkeypatch.setattr(_population, "MOST_WEIGHTS", 200)
    parts = fit_population(MIXED, small, epochs=2, dtype=torch.float64)
    for a, b in zip(whole, parts, strict=True):
        assert a.config == b.config
        assert largest_difference(a.models[0], b.models[0]) < 1e-12


def test_what_cannot_be_grouped_is_trained_alone_and_said(small):
    configs = [{"optimizer": name} for name in ("rmsprop", "adam", "nadam")]
    with pytest.warns(UserWarning, match="2 of 3 .* one at a time.*nadam, rmsprop"):
        results = fit_population(configs, small, epochs=2, dtype=torch.float64)
    for config, result in zip(configs, results, strict=True):
        model, _ = alone(config, small, epochs=2)
        assert largest_difference(model, result.models[0]) < 1e-12


def test_serves_a_search_that_asks_trains_together_and_tells():
    data = load_digits()
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=0),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=2),
    )
    for _ in range(3):
        trials = [study.ask() for _ in range(4)]
        configs = [
            {
                "hidden": (trial.suggest_int("width", 8, 64, log=True),),
                "lr": trial.suggest_float("lr", 1e-5, 1e-1, log=True),
            }
            for trial in trials
        ]

        def prune(k, epoch, score, trials=trials):
            trials[k].report(score, epoch)
            return trials[k].should_prune()

        results = fit_population(configs, data, epochs=4, prune=prune)
        for trial, result in zip(trials, results, strict=True):
            if result.state == "pruned":
                study.tell(trial, state=TrialState.PRUNED)
            else:
                study.tell(trial, result.score)
    states = [trial.state for trial in study.trials]
    assert len(states) == 12
    assert set(states) == {TrialState.COMPLETE, TrialState.PRUNED}
    assert study.best_value > 0.9


def test_result_shows_itself(small):
    (result,) = fit_population([{"hidden": (4,)}], small, epochs=2)
    assert repr(result).startswith(
        "Result({'hidden': (4,)}, finished, valid_accuracy=0."
    )
    assert result.seconds > 0


@pytest.mark.parametrize(
    ("configs", "settings", "error", "message"),
    [
        ([], {}, ValueError, "configs is empty"),
        ({"lr": 0.1}, {}, TypeError, "configs must be a list of dicts"),
        ([3], {}, TypeError, r"configs\[0\] must be a dict, got 3"),
        ([{}, {"lr": 0}], {}, ValueError, r"configs\[1\]: lr must be above 0"),
        ([{"widht": 3}], {}, ValueError, "a configuration knows .*, got 'widht'"),
        ([{"batchsize": 3}], {}, ValueError, "did you mean 'batch_size'"),
        ([{"activation": "tan"}], {}, ValueError, "did you mean 'tanh'"),
        ([{"optimizer": "lbfgs"}], {}, ValueError, "adam, adamw.*got 'lbfgs'"),
        ([{"loss": "l2"}], {}, ValueError, "loss must be one of"),
        ([{"hidden": (0,)}], {}, ValueError, r"hidden\[0\] must be at least 1"),
        ([{"dropout": 1.5}], {}, ValueError, "dropout must be below 1"),
        ([{}], {"batch_size": 91}, ValueError, "at most 90, .* got 91"),
        ([{}], {"folds": 1}, ValueError, "k must be at least 2"),
        ([{}], {"workers": 0}, ValueError, "workers must be at least 1"),
        ([{}], {"folds": 2, "prune": print}, ValueError, "leave it out, got folds=2"),
        ([{}], {"workers": 2, "prune": print}, ValueError, "and workers=2"),
        ([{}], {"device": "tpu!"}, ValueError, "device must be"),
    ],
)
def test_bad_input(small, configs, settings, error, message):
    with pytest.raises(error, match=message):
        fit_population(configs, small, **settings)


def test_bad_data():
    data = make_data()
    with pytest.raises(TypeError, match="folds needs a Dataset"):
        fit_population([{}], (data.X_train, data.y_train) * 2, folds=2)
    data.X_valid[0, 0] = np.inf
    with pytest.raises(ValueError, match="X_valid: Input contains infinity"):
        fit_population([{}], data)


@pytest.mark.needs("cuda")
def test_results_on_a_graphics_card_are_close(small):
    configs = [{**config, "dropout": 0.0} for config in MIXED]
    here, there = (
        fit_population(configs, small, epochs=4, dtype=torch.float64, device=device)
        for device in ("cpu", "cuda")
    )
    for a, b in zip(here, there, strict=True):
        assert largest_difference(a.models[0], b.models[0]) < 1e-5


def test_configurations_are_drawn_once(small):
    drawn = ParameterSampler({"hidden": [(1,), (3,), (5,)]}, n_iter=3)
    once = ({"hidden": (width,)} for width in (2, 4))
    for configs in (drawn, once):
        for result in fit_population(configs, small, epochs=1):
            (width,) = result.config["hidden"]
            assert result.models[0].linear_layers()[0].out_features == width


def test_the_global_seed_is_left_alone(small):
    state = torch.get_rng_state()
    fit_population([{}, {"hidden": (3, 4)}], small, epochs=1, folds=3)
    assert torch.equal(state, torch.get_rng_state())


def test_a_data_set_says_what_its_targets_are(values):
    whole = dataclasses.replace(
        values,
        y_train=(100 * values.y_train).astype(int),
        y_valid=(100 * values.y_valid).astype(int),
        y_test=(100 * values.y_test).astype(int),
    )
    for folds in (None, 3):
        (result,) = fit_population([{}], whole, epochs=1, folds=folds)
        assert result.histories[0].metric == "mae"
    prices = tuple(
        getattr(whole, p) + 900 for p in ("X_train", "y_train", "X_valid", "y_valid")
    )
    with pytest.raises(ValueError, match="pass loss='mse' if these are values"):
        fit_population([{}], prices, epochs=1)
    (result,) = fit_population([{}], prices, epochs=1, loss="mse")
    assert result.histories[0].metric == "mae"


def test_arrays_of_every_kind_are_read(small):
    X, y, X_valid, y_valid = (
        getattr(small, p) for p in ("X_train", "y_train", "X_valid", "y_valid")
    )
    plain = fit_population([{}], small, epochs=1, dtype=torch.float64)
    for one, two in [
        (X[::-1][::-1], y[::-1][::-1]),
        (X.astype(">f8"), y.astype(">i4")),
        (X.astype(np.longdouble), y.astype(np.uint8)),
        (np.asfortranarray(X), y),
    ]:
        data = (one, two, X_valid, y_valid)
        (result,) = fit_population([{}], data, epochs=1, dtype=torch.float64)
        assert largest_difference(result.models[0], plain[0].models[0]) < 1e-12


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"prune": 0.5}, TypeError, "prune must be a function"),
        ({"dtype": "float64"}, ValueError, "dtype must be torch.float32 or"),
        ({"fold": 3}, ValueError, "did you mean 'folds'"),
        ({"schedule": lambda done: None}, TypeError, r"schedule\(0\) must be a number"),
        ({"schedule": lambda done: -1.0}, ValueError, r"at least 0, got -1.0"),
    ],
)
def test_settings_that_fail_at_once(small, settings, error, message):
    with pytest.raises(error, match=message):
        fit_population([{}], small, epochs=2, **settings)


def test_values_beyond_the_range_of_the_type(small):
    huge = dataclasses.replace(small, X_train=small.X_train * 1e39)
    with pytest.raises(ValueError, match="X_train holds values beyond the range"):
        fit_population([{}], huge, epochs=1)


def test_seeds_of_numpy(small):
    seeds = [{"seed": np.int64(3)}, {"seed": 3}, {"seed": 4}]
    first, again, other = fit_population(seeds, small, epochs=1)
    # Places in a batch may differ in the last bit, seeds differ in the first digit.
    assert largest_difference(first.models[0], again.models[0]) < 1e-6
    assert largest_difference(first.models[0], other.models[0]) > 1e-2
