import dataclasses
import inspect
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from joblib import Parallel, delayed
from torch import nn

from hpocourse import load_digits, use_language
from hpocourse.networks import MLP, fit, fit_population

from .conftest import largest_difference, make_data


def train(data, hidden=(8,), outputs=3, dropout=0.2, **settings):
    model = MLP(5, hidden, outputs, dropout=dropout)
    return fit(model, data, epochs=settings.pop("epochs", 3), **settings), model


def as_numbers(data, **settings):
    history, model = train(data, **settings)
    return history.frame.to_numpy(), [p.detach().numpy() for p in model.parameters()]


def test_learns_digits():
    model = MLP(64, (32,), 10)
    data = load_digits()
    history = fit(model, data, lr=0.01, epochs=8)
    assert history.score > 0.93
    answers = model(torch.from_numpy(data.X_valid)).argmax(1).numpy()
    assert (answers == data.y_valid).mean() == pytest.approx(history.score)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "nadam", "rmsprop", "sgd"])
def test_steps_are_those_of_pytorch(small, optimizer):
    model = MLP(5, (6,), 3).double()
    fit(model, small, optimizer=optimizer, lr=0.01, weight_decay=0.1, epochs=1)
    plain = MLP(5, (6,), 3).double().reset(0)
    kinds = {k.lower(): v for k, v in vars(torch.optim).items()}
    step = kinds[optimizer](plain.parameters(), lr=0.01, weight_decay=0.1)
    X, y = torch.from_numpy(small.X_train), torch.from_numpy(small.y_train)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    for rows in order.split(64):
        step.zero_grad()
        nn.functional.cross_entropy(plain(X[rows]), y[rows]).backward()
        step.step()
    assert largest_difference(model, plain) < 1e-12


def test_losses_are_means_over_examples(small):
    # 90 rows in batches of 64 and 26: the mean of the batches' means is another one.
    model = MLP(5, (6,), 3).double()
    history = fit(model, small, lr=1e-12, batch_size=64, epochs=1)
    for part in ("train", "valid"):
        outputs = model(torch.from_numpy(getattr(small, f"X_{part}")))
        classes = torch.from_numpy(getattr(small, f"y_{part}"))
        loss = nn.functional.cross_entropy(outputs, classes).item()
        share = (outputs.argmax(1) == classes).double().mean().item()
        row = history.frame.loc[1, [f"{part}_loss", f"{part}_accuracy"]]
        assert row.tolist() == pytest.approx([loss, share], rel=1e-6)


def test_same_call_same_bits_and_another_seed_another_result(small):
    frame, weights = as_numbers(small)
    torch.manual_seed(99)
    again, same = as_numbers(small)
    assert np.array_equal(frame, again)
    assert all(np.array_equal(a, b) for a, b in zip(weights, same, strict=True))
    assert not np.array_equal(frame, as_numbers(small, seed=1)[0])


@pytest.mark.slow
def test_same_bits_in_worker_processes(small):
    here = as_numbers(small)[0]
    for there, _ in Parallel(n_jobs=2)(delayed(as_numbers)(small) for _ in range(2)):
        assert np.array_equal(here, there)


def test_leaves_threads_and_global_seed_as_they_were(small):
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(2)
    try:
        train(small)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    # Building a network draws weights; fitting one draws nothing.
    model = MLP(5, (8,), 3, dropout=0.5)
    state = torch.get_rng_state()
    fit(model, small, epochs=1)
    assert torch.equal(state, torch.get_rng_state())


def test_keeps_the_best_epoch(small):
    history, model = train(small, lr=0.3, epochs=25, dropout=0.0)
    assert history.best_epoch == int(np.argmin(history.valid_loss)) + 1 < 25
    model.eval()
    outputs = model(torch.from_numpy(small.X_valid).float())
    loss = nn.functional.cross_entropy(outputs, torch.from_numpy(small.y_valid))
    assert loss.item() == pytest.approx(min(history.valid_loss), rel=1e-5)


def test_stops_when_out_of_patience(small):
    history, _ = train(small, lr=0.3, epochs=50, patience=2)
    assert history.state == "stopped"
    assert len(history.valid_loss) == history.best_epoch + 2


def test_an_equal_loss_is_no_lower_one(small):
    # Steps this small leave every weight, and so every loss, as it was.
    history, _ = train(small, lr=1e-30, epochs=9, patience=2)
    assert len(set(history.valid_loss)) == 1
    assert (history.state, history.best_epoch) == ("stopped", 1)
    assert len(history.valid_loss) == 3


def test_ends_as_the_caller_decides(small):
    seen = []

    def prune(epoch, score):
        seen.append((epoch, score))
        return epoch == 2

    history, _ = train(small, epochs=5, prune=prune)
    assert history.state == "pruned"
    assert [score for _, score in seen] == list(history.valid_metric)


def test_diverges_with_its_last_finite_epoch(values):
    history, model = train(
        values, outputs=1, optimizer="sgd", lr=3.0, epochs=50, dropout=0.0
    )
    assert history.state == "diverged"
    assert np.isfinite(history.frame.to_numpy()).all()
    assert all(p.isfinite().all() for p in model.parameters())


def test_diverges_in_the_first_epoch(values):
    history, model = train(values, outputs=1, optimizer="sgd", lr=1e30, batch_size=5)
    assert (history.state, history.best_epoch) == ("diverged", 0)
    assert np.isnan(history.score)
    assert len(history.frame) == 0
    assert all(p.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("loss", ["huber", "l1", "mse"])
def test_values(values, loss):
    history, _ = train(
        values, outputs=1, loss=loss, lr=0.02, epochs=60, schedule="cosine", dropout=0.0
    )
    assert history.metric == "mae"
    assert history.score < 0.6 * np.abs(values.y_valid - values.y_train.mean()).mean()


def test_schedules(small, monkeypatch):
    rates = []
    step = torch.optim.SGD.step
    monkeypatch.setattr(
        torch.optim.SGD,
        "step",
        lambda self: rates.append(self.param_groups[0]["lr"]) or step(self),
    )
    for schedule in ("cosine", "linear", lambda done: 1 if done < 0.5 else 0.1):
        train(
            small,
            optimizer="sgd",
            lr=1.0,
            epochs=4,
            batch_size=90,
            schedule=schedule,
        )
    expected = [1, 0.853553, 0.5, 0.146447, 1, 0.75, 0.5, 0.25, 1, 1, 0.1, 0.1]
    assert rates == pytest.approx(expected, abs=1e-6)


def test_history_shows_itself(small):
    history, _ = train(small)
    assert list(history.frame) == [
        "train_loss",
        "train_accuracy",
        "valid_loss",
        "valid_accuracy",
    ]
    assert list(history.frame.index) == [1, 2, 3]
    assert repr(history).startswith("History(finished after 3 epochs, best_epoch=")
    assert history.seconds > 0
    with use_language("es"):
        ax = history.plot()
    assert (ax.get_title(), ax.get_ylabel()) == ("Pérdida por época", "pérdida")
    assert history.plot(ax) is ax


NAN = make_data().X_train.copy()
NAN[3, 1] = np.nan


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"optimizer": "sdg"}, ValueError, "adam, .*sgd, got 'sdg'; did you mean 'sgd"),
        ({"loss": "mae"}, ValueError, "loss must be one of cross_entropy, huber, l1"),
        ({"schedule": "cos"}, ValueError, "schedule must be one of cosine, linear"),
        ({"lr": 0}, ValueError, "lr must be above 0, got 0"),
        ({"lr": -1.0}, ValueError, "lr must be above 0"),
        ({"lr": float("nan")}, ValueError, "lr must be above 0, got nan"),
        ({"lr": "0.1"}, TypeError, "lr must be a number"),
        ({"weight_decay": -1}, ValueError, "weight_decay must be finite and at least"),
        ({"momentum": 0.9}, ValueError, "momentum belongs to optimizer='sgd'"),
        ({"optimizer": "sgd", "momentum": 1}, ValueError, "momentum must be below 1"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        (
            {"batch_size": 91},
            ValueError,
            "at most 90, the examples to train on, got 91",
        ),
        ({"epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"epochs": 1.5}, TypeError, "epochs must be an integer"),
        ({"patience": 0}, ValueError, "patience must be at least 1"),
        ({"seed": None}, TypeError, "seed must be an integer"),
        ({"device": "gpu9"}, ValueError, "device must be 'auto', 'cpu' or, where"),
        ({"schedule": lambda done: -1.0}, ValueError, r"schedule\(0\) must be .* -1.0"),
        ({"loss": "mse"}, ValueError, r"has 3 output\(s\), but y has 1 value"),
    ],
)
def test_bad_settings(small, settings, error, message):
    with pytest.raises(error, match=message):
        fit(MLP(5, (4,), 3), small, **settings)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"X_train": NAN}, ValueError, "X_train: Input contains NaN"),
        (
            {"y_train": np.zeros(90)},
            ValueError,
            r"has 3 output\(s\), but y has 1 value",
        ),
        ({"y_train": np.full(90, 3)}, ValueError, "but y has 4 classes"),
        ({"y_train": np.full(90, -1)}, ValueError, "the negative class -1"),
        ({"y_train": np.full(90, "a")}, ValueError, "y_train: .* numeric values"),
        ({"X_train": np.zeros((90, 6))}, ValueError, r"\(90, 6\) and \(30, 5\)"),
        ({"X_train": np.zeros((89, 5))}, ValueError, "same length, got 89 and 90"),
        ({"X_valid": np.zeros((30, 5, 1))}, ValueError, r"shape \(30, 5, 1\); flatten"),
        (
            {"X_valid": np.zeros((0, 5))},
            ValueError,
            "X_valid: Found .* 0 sample",
        ),
    ],
)
def test_bad_data(small, changes, error, message):
    names = ("X_train", "y_train", "X_valid", "y_valid")
    data = tuple(changes.get(name, getattr(small, name)) for name in names)
    with pytest.raises(error, match=message):
        fit(MLP(5, (4,), 3), data, batch_size=8)


def test_other_things_that_do_not_fit(small):
    with pytest.raises(ValueError, match=r"takes 4 features.*X_train has 5.*MLP\(5"):
        fit(MLP(4, (4,), 3), small)
    with pytest.raises(ValueError, match=r"2 output.*3 classes.*out_features=3"):
        fit(MLP(5, (4,), 2), small)
    data = dataclasses.replace(small, y_valid=small.y_valid + 0.5)
    with pytest.raises(ValueError, match="'cross_entropy' needs classes"):
        fit(MLP(5, (4,), 3), data, loss="cross_entropy")
    with pytest.raises(TypeError, match=r"tuple .*got tuple of 2"):
        fit(MLP(5, (4,), 3), (small.X_train, small.y_train))
    with pytest.raises(TypeError, match=r"model must be an MLP.*got Linear"):
        fit(nn.Linear(5, 3), small)


def test_new_weights_or_those_that_are_there(small):
    history, model = train(small, epochs=5)
    trained = [p.clone() for p in model.parameters()]
    again = fit(model, small, epochs=5)
    assert np.array_equal(again.frame, history.frame)
    before = fit(model, small, epochs=1, reset=False, lr=1e-9)
    assert before.valid_loss[0] == pytest.approx(min(history.valid_loss), rel=1e-4)
    for now, then in zip(model.parameters(), trained, strict=True):
        assert torch.allclose(now, then, atol=1e-6)


def test_the_processor_is_the_default():
    for function in (fit, fit_population):
        assert inspect.signature(function).parameters["device"].default == "cpu"


@contextmanager
def settings(dtype=torch.float32, device="cpu", gradients=True, deterministic=False):
    """Set what a user may have set for the whole of PyTorch."""
    torch.set_default_dtype(dtype)
    torch.set_default_device(device)
    torch.set_grad_enabled(gradients)
    torch.use_deterministic_algorithms(deterministic)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
        torch.set_grad_enabled(True)
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize(
    "changes",
    [
        {"dtype": torch.float64},
        {"dtype": torch.bfloat16},
        {"device": "meta"},
        {"gradients": False},
        {"deterministic": True},
    ],
    ids=str,
)
def test_what_is_set_for_all_of_pytorch_changes_nothing(small, changes):
    def results():
        one = fit(model, small, epochs=2)
        (both,) = fit_population([{"dropout": 0.2}], small, epochs=2)
        return np.array([*one.valid_loss, *both.histories[0].valid_loss])

    model = MLP(5, (8,), 3, dropout=0.2)
    expected = results()
    with settings(**changes):
        found = results()
        assert torch.get_default_dtype() == changes.get("dtype", torch.float32)
        assert torch.is_grad_enabled() == changes.get("gradients", True)
        made = torch.empty(0).device.type
    assert np.array_equal(found, expected)
    assert made == changes.get("device", "cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card")
def test_without_a_graphics_card(small):
    with pytest.raises(ValueError, match="where PyTorch finds a graphics card"):
        train(small, device="cuda")


@pytest.mark.needs("cuda")
def test_results_on_a_graphics_card_are_close(small):
    here, model = train(small, device="cpu", dropout=0.0, epochs=5)
    there, other = train(small, device="cuda", dropout=0.0, epochs=5)
    assert next(other.parameters()).is_cuda
    assert largest_difference(model, other) < 1e-3
    assert here.valid_loss == pytest.approx(there.valid_loss, rel=1e-3)
