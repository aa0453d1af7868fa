"""Networks trained together: one group that shares inputs and batches.

The weights of all first layers lie below each other, so that one matrix product
serves them all; activations of all networks lie beside each other, so that the
rest is done in few calls. Gradients are written out by hand, which saves the
bookkeeping that costs small networks most of their time.
"""

from itertools import groupby
from time import perf_counter

import torch
from torch.nn.functional import one_hot

from ._member import Member, Work
from ._slopes import LOSS_SLOPE, MEASURE
from ._steps import Steps

#: Validation examples at a time: few enough to stay in the processor's cache.
ROWS = 500


class Group:
    """Networks that share data, batches, depth, kind of optimizer and loss.

    Parameters
    ----------
    configs : list of Config
        Their settings.
    tensors : list of torch.Tensor
        ``X_train, y_train, X_valid, y_valid``.
    out_features : int
        Number of outputs of each network.
    loss : str
        Name of the loss.
    prunes : list of callable or None
        For each network, as `prune` of :func:`hpocourse.networks.fit`.
    """

    def __init__(self, configs, tensors, out_features, loss, prunes):
        self.X, self.y, self.X_valid, self.y_valid = tensors
        self.loss, self.device, self.dtype = loss, self.X.device, self.X.dtype
        self.batch_size = configs[0].batch_size
        metric = "accuracy" if loss == "cross_entropy" else "mae"
        members = [
            Member(config, self.X, out_features, metric, prune)
            for config, prune in zip(configs, prunes, strict=True)
        ]
        self.members = members
        self.targets = self.y
        if loss == "cross_entropy":
            self.targets = one_hot(self.y, out_features).to(self.dtype)
        self.targets = self.targets.unsqueeze(1)
        self.order = torch.Generator().manual_seed(configs[0].seed)
        self.epoch, self.steps = 0, None

    def train(self):
        """Train all networks to their ends.

        Returns
        -------
        list of tuple
            For each network, its history and the weights of its best epoch.
        """
        # Neighbors with the same activation are activated in one call, and those
        # with the same settings make one step.
        steps = [member.step for member in self.members]
        active = sorted(
            self.members,
            key=lambda member: (member.config.activation, steps.index(member.step)),
        )
        self._join(active)
        while active:
            start = perf_counter()
            rows = zip(*self._train_epoch(), *self._validate(), strict=True)
            seconds = (perf_counter() - start) / len(active)
            self.epoch += 1
            for member, row in zip(active, rows, strict=True):
                if member.recorder.add(row, seconds):
                    member.keep()
            left = [member for member in active if member.recorder.state is None]
            if left and len(left) < len(active):
                self._join(left)
            active = left
        return [(member.recorder.history(), member.best) for member in self.members]

    def _join(self, members):
        """Lay the weights of these networks together; forget the others."""
        self.active = members
        n_layers = len(members[0].weights)
        # First layers in one matrix, biases of each layer in one vector.
        self.first = torch.cat([member.weights[0] for member in members])
        self.biases = [
            torch.cat([member.biases[layer] for member in members])
            for layer in range(n_layers)
        ]
        self.ends = [
            [0, *torch.tensor([m.sizes[layer + 1] for m in members]).cumsum(0).tolist()]
            for layer in range(n_layers)
        ]
        for k, member in enumerate(members):
            member.columns = [slice(ends[k], ends[k + 1]) for ends in self.ends]
            member.weights[0] = self.first[member.columns[0]]
            member.biases = [
                bias[columns]
                for bias, columns in zip(self.biases, member.columns, strict=True)
            ]
        self.runs = [
            (
                name,
                [
                    slice(ends[run[0]], ends[run[-1] + 1])
                    for ends in self.ends[: n_layers - 1]
                ],
            )
            for name, run in (
                (name, list(run))
                for name, run in groupby(
                    range(len(members)), lambda k: members[k].config.activation
                )
            )
        ]
        self.gradients = [torch.empty_like(bias) for bias in self.biases]
        # A plain step of SGD is part of the product that would give the gradient.
        self.plain = all(
            m.config.optimizer == "sgd"
            and m.config.momentum == m.config.weight_decay == 0
            for m in members
        )
        if not self.plain:
            self.first_slope = torch.empty_like(self.first)
            tensors = [self.first, *self.biases]
            slopes = [self.first_slope, *self.gradients]
            self.steps = Steps(members, tensors, slopes, self.steps)
        self.work = {}

    def _train_epoch(self):
        n, n_networks = len(self.X), len(self.active)
        scale = torch.ones(n_networks, 1, dtype=self.dtype)
        if self.plain:  # what is scaled at the output is scaled everywhere
            rates = [m.config.rate(self.epoch) for m in self.active]
            scale[:, 0] = torch.tensor(rates, dtype=self.dtype)
        else:
            self.steps.begin(self.epoch)
        scale = scale.to(self.device)
        shuffled = torch.randperm(n, generator=self.order).to(self.device)
        targets = self.targets[shuffled]
        outputs = torch.empty(
            n, self.ends[-1][-1], dtype=self.dtype, device=self.device
        )
        done = 0
        for rows in shuffled.split(self.batch_size):
            work = self._work(len(rows))
            torch.index_select(self.X, 0, rows, out=work.X)
            masks = self._forward(work.X, work, drop=True)
            batch = slice(done, done + len(rows))
            outputs[batch] = work.Z[-1]
            LOSS_SLOPE[self.loss](work.outputs, targets[batch], scale, work.slope)
            self._backward(work, masks)
            if not self.plain:
                self.steps.optimizer.step()
            done += len(rows)
        outputs = outputs.view(n, n_networks, -1)
        return (MEASURE[self.loss](outputs, self.y[shuffled]) / n).tolist()

    def _validate(self):
        total = torch.zeros(2, len(self.active), dtype=self.dtype, device=self.device)
        for X, y in zip(
            self.X_valid.split(ROWS), self.y_valid.split(ROWS), strict=True
        ):
            work = self._work(len(X))
            self._forward(X, work, drop=False)
            total += MEASURE[self.loss](work.outputs, y)
        return (total / len(self.X_valid)).tolist()

    def _work(self, n_rows):
        if n_rows not in self.work:
            self.work[n_rows] = Work(n_rows, self)
        return self.work[n_rows]

    def _forward(self, X, work, drop):
        torch.addmm(self.biases[0], X, self.first.T, out=work.Z[0])
        masks = [[] for _ in work.A]
        for layer in range(len(self.biases) - 1):
            for activate, Z, A, _, _ in work.runs[layer]:
                activate(Z, out=A)
            for part in work.dropping if drop else ():
                mask = torch.empty_like(part.kept[layer])
                mask.bernoulli_(1 - part.share, generator=part.generator)
                masks[layer].append((part, mask.div_(1 - part.share)))
                torch.mul(part.A[layer], mask, out=part.kept[layer])
            for part in work.members:
                torch.addmm(
                    part.biases[layer + 1],
                    (part.kept if drop else part.A)[layer],
                    part.turned[layer + 1],
                    out=part.Z[layer + 1],
                )
        return masks

    def _backward(self, work, masks):
        """Set gradients, or make the step where it is plain."""
        for layer in range(len(self.biases) - 1, 0, -1):
            for part in work.members:
                torch.mm(part.D[layer], part.weights[layer], out=part.D[layer - 1])
                if self.plain:
                    part.weights[layer].addmm_(
                        part.DT[layer], part.kept[layer - 1], alpha=-1
                    )
                else:
                    torch.mm(
                        part.DT[layer], part.kept[layer - 1], out=part.slopes[layer]
                    )
            for part, mask in masks[layer - 1]:
                part.D[layer - 1] *= mask
            for _, Z, A, D, slope in work.runs[layer - 1]:
                slope(D, Z, A)
        for D, bias, gradient in zip(work.D, self.biases, self.gradients, strict=True):
            torch.sum(D, 0, out=gradient)
            if self.plain:
                bias -= gradient
        if self.plain:
            self.first.addmm_(work.D[0].T, work.X, alpha=-1)
        else:
            torch.mm(work.D[0].T, work.X, out=self.first_slope)
