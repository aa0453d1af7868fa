import pytest
import torch

from hpocourse.networks import MLP


def test_shapes_and_layers():
    model = MLP(7, (5, 4), 3, "tanh", 0.5)
    assert model(torch.zeros(2, 7)).shape == (2, 3)
    sizes = [(layer.in_features, layer.out_features) for layer in model.linear_layers()]
    assert sizes == [(7, 5), (5, 4), (4, 3)]
    assert MLP(7, (), 3)(torch.zeros(2, 7)).shape == (2, 3)


def test_reset_repeats_and_follows_the_distribution_of_pytorch():
    one, other = MLP(400, (300,), 2), MLP(400, (300,), 2)
    state = torch.get_rng_state()
    one.reset(3)
    other.reset(3)
    assert torch.equal(state, torch.get_rng_state())
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
    torch.manual_seed(0)
    fresh = torch.nn.Linear(400, 300).weight
    drawn = one.linear_layers()[0].weight
    assert drawn.std().item() == pytest.approx(fresh.std().item(), rel=0.02)
    assert not torch.equal(
        other.reset(4).linear_layers()[0].weight, one.linear_layers()[0].weight
    )


def test_dropout_keeps_the_mean_and_draws_from_its_generator():
    model = MLP(1, (4,), 1, dropout=0.25).reset(0)
    dropout = model.layers[2]
    x = torch.ones(1000, 100)
    first = dropout(x)
    assert first.unique().tolist() == pytest.approx([0, 4 / 3])
    assert first.mean().item() == pytest.approx(1, abs=0.01)
    model.reset(0)
    assert torch.equal(dropout(x), first)
    model.eval()
    assert torch.equal(dropout(x), x)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"in_features": 0}, ValueError, "in_features must be at least 1, got 0"),
        ({"in_features": 2.0}, TypeError, "in_features must be an integer"),
        ({"out_features": -1}, ValueError, "out_features must be at least 1"),
        ({"hidden": 64}, TypeError, r"for one layer of 64 write hidden=\(64,\)"),
        ({"hidden": (8, 0)}, ValueError, r"hidden\[1\] must be at least 1, got 0"),
        ({"hidden": ("8",)}, TypeError, r"hidden\[0\] must be an integer"),
        ({"activation": "rellu"}, ValueError, "gelu.*tanh, got 'rellu'.*mean 'relu'"),
        ({"activation": None}, ValueError, "activation must be one of"),
        ({"dropout": 1.0}, ValueError, "dropout must be below 1, got 1.0"),
        ({"dropout": -0.1}, ValueError, "dropout must be finite and at least 0"),
        ({"dropout": "half"}, TypeError, "dropout must be a number"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        MLP(**{"in_features": 3, **arguments})
