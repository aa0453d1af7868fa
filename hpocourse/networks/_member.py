"""One network of a group, and the room in which a group computes a batch."""

import torch

from ._history import Recorder
from ._mlp import MLP
from ._slopes import ACTIVATE, SLOPE


class Member:
    """One network of a group: its weights, its generator, its epochs."""

    def __init__(self, config, X, out_features, metric, prune):
        self.config = config
        self.recorder = Recorder(metric, config.epochs, config.patience, prune)
        self.sizes = (X.shape[1], *config.hidden, out_features)
        self.generator = torch.Generator(X.device).manual_seed(config.seed)
        model = MLP(X.shape[1], config.hidden, out_features).to(X.dtype)
        layers = model.reset(config.seed).linear_layers()
        self.weights = [layer.weight.detach().to(X.device) for layer in layers]
        self.biases = [layer.bias.detach().to(X.device) for layer in layers]
        self.slopes = []
        self.keep()

    @property
    def step(self):
        """What its steps depend on."""
        config = self.config
        settings = (config.lr, config.momentum, config.weight_decay)
        return (*settings, config.schedule, config.epochs)

    def keep(self):
        self.best = [
            tensor.cpu().clone()
            for both in zip(self.weights, self.biases, strict=True)
            for tensor in both
        ]


class Work:
    """Room for the values of one batch, and each network's share of it."""

    def __init__(self, n_rows, group):
        def room(width):
            return torch.empty(n_rows, width, dtype=group.dtype, device=group.device)

        widths = [ends[-1] for ends in group.ends]
        self.X = room(group.X.shape[1])
        self.Z, self.D = ([room(width) for width in widths] for _ in "ZD")
        self.A = [room(width) for width in widths[:-1]]
        self.members = [_Part(self, member) for member in group.active]
        self.dropping = [part for part in self.members if part.share]
        shape = (n_rows, len(group.active), -1)
        self.outputs, self.slope = self.Z[-1].view(shape), self.D[-1].view(shape)
        self.runs = [
            [
                (
                    ACTIVATE[name],
                    *(
                        values[layer][:, columns[layer]]
                        for values in (self.Z, self.A, self.D)
                    ),
                    SLOPE[name],
                )
                for name, columns in group.runs
            ]
            for layer in range(len(self.A))
        ]


class _Part:
    """One network's share of the room: views, made once."""

    def __init__(self, work, member):
        def share(values):
            return [v[:, c] for v, c in zip(values, member.columns, strict=False)]

        self.Z, self.A, self.D = share(work.Z), share(work.A), share(work.D)
        # What dropout leaves; the slope of tanh needs what was there before.
        self.share, self.generator = member.config.dropout, member.generator
        self.kept = [torch.empty_like(A) if self.share else A for A in self.A]
        self.DT = [values.T for values in self.D]
        self.weights, self.biases = member.weights, member.biases
        self.turned = [weight.T for weight in member.weights]
        self.slopes = member.slopes
