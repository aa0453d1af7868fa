"""Networks trained together: one group that shares inputs and batches."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from itertools import accumulate, groupby, pairwise
from time import perf_counter
from typing import Any

import torch
from torch.nn.functional import one_hot
from torch.optim.adam import adam
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

from ._config import Config
from ._gradients import LOSS_SLOPE, MEASURE, Batch
from ._history import History, Recorder

#: Validation examples at a time: few enough to stay in the processor's cache.
ROWS = 500


class Member:
    """One network of a group: its weights, its generator, its epochs."""

    def __init__(self, model, config, device, metric, prune):
        self.model, self.config = model, config
        self.recorder = Recorder(metric, config.epochs, config.patience, prune)
        self.generator = torch.Generator(device).manual_seed(config.seed)
        # Weights and biases, layer by layer; later they are views of a joint vector.
        parameters = [p.detach() for p in model.reset(config.seed).parameters()]
        self.tensors = [parameter.to(device) for parameter in parameters]
        self.shapes = [parameter.shape for parameter in parameters]
        self.keep()

    @property
    def step(self) -> tuple[Any, ...]:
        """What its steps depend on."""
        c = self.config
        return c.lr, c.momentum, c.weight_decay, c.schedule, c.epochs

    def keep(self) -> None:
        """Remember the weights as those of the best epoch."""
        self.best = [tensor.cpu().clone() for tensor in self.tensors]

    def finish(self) -> History:
        """Give the network the weights of its best epoch; return its epochs."""
        best = zip(self.model.state_dict(), self.best, strict=True)
        self.model.drop_with(None)
        self.model.load_state_dict(dict(best))
        return self.recorder.history()


class Joint:
    """The weights of several networks in one vector, their gradients in another.

    The vector holds the first layers' weights of all networks, then their biases,
    then the second layers' weights, and so on. So all first layers are one matrix,
    the biases of each layer are one vector, and of networks that stand beside each
    other, whatever an optimizer treats alike is one piece.
    """

    def __init__(self, members: list[Member], flat: torch.Tensor | None = None) -> None:
        self.members = members
        self.kinds = range(len(members[0].shapes))
        self.sizes = [m.shapes[kind].numel() for kind in self.kinds for m in members]
        if flat is None:
            parts = [m.tensors[kind].flatten() for kind in self.kinds for m in members]
            flat = torch.cat(parts)
        self.flat, self.slope = flat, torch.empty_like(flat)
        self._starts = [0, *accumulate(self.sizes)]
        for member, tensors in zip(members, self._share(self.flat), strict=True):
            member.tensors = tensors
        self.slopes = self._share(self.slope)
        whole = [self.piece(kind, 0, len(members)) for kind in self.kinds]
        n_features = members[0].shapes[0][1]
        self.first = self.flat[whole[0]].view(-1, n_features)
        self.first_slope = self.slope[whole[0]].view(-1, n_features)
        self.biases = [self.flat[piece] for piece in whole[1::2]]
        self.bias_slopes = [self.slope[piece] for piece in whole[1::2]]
        # Where each network's columns end in the values of each layer.
        widths = [[m.shapes[kind][0] for m in members] for kind in self.kinds[::2]]
        self.ends = [[0, *accumulate(layer)] for layer in widths]
        self.columns = [self._columns(k, k + 1) for k in range(len(members))]
        self.activations = [
            (members[start].config.activation, self._columns(start, stop))
            for start, stop in runs(members, lambda m: m.config.activation)
        ]

    def piece(self, kind: int, start: int, stop: int) -> slice:
        """Return where one kind of tensor lies, of the networks from start to stop."""
        n = len(self.members)
        return slice(self._starts[kind * n + start], self._starts[kind * n + stop])

    def staying(self, members: list[Member]) -> torch.Tensor:
        """Return a mask of the weights of some of the networks."""
        stay = [member in members for member in self.members] * len(self.kinds)
        mask = torch.tensor(stay).repeat_interleave(torch.tensor(self.sizes))
        return mask.to(self.flat.device)

    def _share(self, vector: torch.Tensor) -> list[list[torch.Tensor]]:
        """Return each network's parts of a vector, in the shapes of its tensors."""
        parts, n = vector.split(self.sizes), len(self.members)
        return [
            [parts[kind * n + k].view(m.shapes[kind]) for kind in self.kinds]
            for k, m in enumerate(self.members)
        ]

    def _columns(self, start: int, stop: int) -> list[slice]:
        return [slice(ends[start], ends[stop]) for ends in self.ends]


_ADAM = {"amsgrad": False, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
#: The function that makes an optimizer's steps, with the defaults of its class, and how
#: many numbers it remembers of each weight.
STEP: dict[str, tuple[Callable[..., None], int]] = {
    "adam": (partial(adam, **_ADAM), 2),
    "adamw": (partial(adamw, **_ADAM), 2),
    "sgd": (partial(sgd, dampening=0, nesterov=False), 1),
}


class Steps:
    """An optimizer in which neighbors with the same settings make one step.

    An optimizer's time for each tensor is more than its time for the few weights of
    a small network: those of neighbors therefore share tensors. And its class takes
    twice the time of the function that it calls, since it looks at each tensor anew
    in each step.
    """

    def __init__(
        self, joint: Joint, moments: list[torch.Tensor] | None = None, done: int = 0
    ) -> None:
        name = joint.members[0].config.optimizer
        self._step, n_moments = STEP[name]
        # What it remembers of each weight, and how many steps it has made.
        self.moments = moments or [*joint.flat.new_zeros(n_moments, len(joint.flat))]
        self.done = done
        self._runs: list[tuple[Config, list[Any], dict[str, float]]] = []
        for start, stop in runs(joint.members, lambda m: m.step):
            config = joint.members[start].config
            pieces = [joint.piece(kind, start, stop) for kind in joint.kinds]
            vectors = (joint.flat, joint.slope, *self.moments)
            parts: list[Any] = [
                [vector[piece] for piece in pieces] for vector in vectors
            ]
            settings = {"weight_decay": config.weight_decay}
            if name == "sgd":
                settings["momentum"] = config.momentum
            else:  # the steps made are counted for each piece
                counts = torch.full((len(pieces),), done, device=joint.flat.device)
                parts += [[], [*counts.float().unbind()]]
            self._runs.append((config, parts, settings))
        self._rates: list[float] = []

    def begin(self, epoch: int) -> None:
        """Set the learning rates of an epoch, counted from 0."""
        self._rates = [config.rate(epoch) for config, *_ in self._runs]

    def make(self) -> None:
        """Make a step of each network."""
        for (_, parts, settings), lr in zip(self._runs, self._rates, strict=True):
            self._step(*parts, lr=lr, fused=True, maximize=False, **settings)
        self.done += 1


class Group:
    """Networks that share data, batches, depth, kind of optimizer and loss."""

    def __init__(self, models, configs, tensors, loss, prunes):
        self.X, self.y, self.X_valid, self.y_valid = tensors
        self.loss, self.batch_size = loss, configs[0].batch_size
        metric = "accuracy" if loss == "cross_entropy" else "mae"
        each = zip(models, configs, prunes, strict=True)
        self.members = [Member(m, c, self.X.device, metric, p) for m, c, p in each]
        self.targets = self.y
        if loss == "cross_entropy":
            n_classes = len(self.members[0].tensors[-1])
            self.targets = one_hot(self.y, n_classes).to(self.X.dtype)
        self.order = torch.Generator().manual_seed(configs[0].seed)
        # A plain step of SGD is part of the product that would give the gradient.
        self.plain = all(
            c.optimizer == "sgd" and c.momentum == c.weight_decay == 0 for c in configs
        )

    def train(self) -> list[History]:
        """Train all to their ends, and leave the models with their best weights."""
        # Neighbors with the same activation are activated in one call, and those
        # with the same settings make one step.
        steps = [member.step for member in self.members]
        key = lambda m: (m.config.activation, steps.index(m.step))  # noqa: E731
        active = sorted(self.members, key=key)
        self._join(Joint(active))
        if not self.plain:
            self.steps = Steps(self.joint)
        epoch = 0
        while active:
            start = perf_counter()
            rows = zip(*self._train_epoch(epoch), *self._validate(), strict=True)
            seconds = (perf_counter() - start) / len(active)
            epoch += 1
            for member, row in zip(active, rows, strict=True):
                if member.recorder.add(row, seconds):
                    member.keep()
            left = [member for member in active if member.recorder.state is None]
            if left and len(left) < len(active):
                mask = self.joint.staying(left)
                joint = Joint(left, self.joint.flat[mask])
                if not self.plain:
                    moments = [moment[mask] for moment in self.steps.moments]
                    self.steps = Steps(joint, moments, self.steps.done)
                self._join(joint)
            active = left
        return [member.finish() for member in self.members]

    def _join(self, joint: Joint) -> None:
        self.joint = joint
        self._batch = cache(lambda n_rows: Batch(n_rows, joint))

    def _train_epoch(self, epoch: int) -> list[list[float]]:
        """Return loss and metric of each network."""
        n, members = len(self.X), self.joint.members
        scale = self.X.new_ones(len(members), 1, 1)
        if self.plain:  # what is scaled at the output is scaled everywhere
            rates = [m.config.rate(epoch) for m in members]
            scale[:, 0, 0] = scale.new_tensor(rates)
        else:
            self.steps.begin(epoch)
        shuffled = torch.randperm(n, generator=self.order).to(self.X.device)
        targets = self.targets[shuffled].T.contiguous()
        outputs = self.X.new_empty(len(members), len(targets), n)
        each = (shuffled, 0), (targets, 1), (outputs, 2)
        parts = [tensor.split(self.batch_size, dim) for tensor, dim in each]
        for rows, y, kept in zip(*parts, strict=True):
            batch = self._batch(len(rows))
            torch.index_select(self.X, 0, rows, out=batch.X)
            batch.forward(batch.X, drop=True)
            kept.copy_(batch.outputs)
            LOSS_SLOPE[self.loss](batch.outputs, y, scale, batch.slope)
            batch.backward(step=self.plain)
            if not self.plain:
                self.steps.make()
        return (MEASURE[self.loss](outputs, self.y[shuffled]) / n).tolist()

    def _validate(self) -> list[list[float]]:
        """Return loss and metric of each network."""
        total: Any = self.X.new_zeros(2, len(self.joint.members))
        parts = self.X_valid.split(ROWS), self.y_valid.split(ROWS)
        for X, y in zip(*parts, strict=True):
            batch = self._batch(len(X))
            batch.forward(X, drop=False)
            total += MEASURE[self.loss](batch.outputs, y)
        return (total / len(self.X_valid)).tolist()


def runs(members: list[Member], key: Callable[[Member], Any]) -> list[tuple[int, int]]:
    """Return starts and stops of neighbors that agree in something."""
    found = [len(list(run)) for _, run in groupby(members, key=key)]
    ends = [0, *accumulate(found)]
    return list(pairwise(ends))
