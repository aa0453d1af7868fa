"""Forward and backward pass of many networks at once, with the algebra beside it.

This is what PyTorch's autograd would do, written by hand: its bookkeeping takes as
long as the arithmetic of networks this small, and in batches of padded networks it
took 1.2 to 2.4 times as long as what stands here.

One network, one batch X of n rows; layers l = 0 … L have weights W_l and biases
b_l, and A_{-1} is X. f is the activation, M_l what dropout multiplies by (0, or one
over the share that is kept; all ones without it), ⊙ a product entry by entry::

    forward     Z_l = A_{l-1} W_lᵀ + b_l            each layer's linear part
                A_l = f(Z_l) ⊙ M_l                  of all layers but the last
                loss = mean over the rows of C(Z_L, y)

    backward    D_L = ∂loss/∂Z_L                    LOSS_SLOPE
                ∂loss/∂W_l = D_lᵀ A_{l-1}
                ∂loss/∂b_l = D_lᵀ 1, the sum of its rows
                D_{l-1} = (D_l W_l) ⊙ M_{l-1} ⊙ f′(Z_{l-1})       SLOPE

The last line is the chain rule: Z_l depends on A_{l-1} through W_l, and A_{l-1} on
Z_{l-1} entry by entry. For the cross entropy of a softmax, D_L is (softmax(Z_L) −
one-hot y) / n; for the mean of a loss c(Z_L − y) over rows and outputs, it is
c′(Z_L − y) over their number.

Many networks: each Z_l, A_l and D_l holds the columns of all networks beside each
other. The first layers' weights lie below each other, so that with the same X one
product serves them all; activations take neighbors with the same f in one call.
Later layers have a product for each network.

A step of plain SGD needs no gradient: W_l −= lr D_lᵀ A_{l-1} is one call, and the
learning rate, multiplied into D_L, reaches every layer, since all is linear in D.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F

if TYPE_CHECKING:
    from ._group import Joint

aten: Any = torch.ops.aten
Elementwise = Callable[[Tensor], Tensor]

#: Each writes f(Z) into `out`.
ACTIVATE: dict[str, Callable[..., Any]] = {
    "gelu": aten.gelu.out,
    "leaky_relu": aten.leaky_relu.out,
    "relu": partial(torch.clamp, min=0),
    "sigmoid": torch.sigmoid,
    "silu": aten.silu.out,
    "tanh": torch.tanh,
}

#: Each multiplies D by f′(Z), given A = f(Z) before dropout sets some to zero.
SLOPE: dict[str, Callable[[Tensor, Tensor, Tensor], Any]] = {
    "gelu": lambda D, Z, A: aten.gelu_backward.grad_input(D, Z, grad_input=D),
    "leaky_relu": lambda D, Z, A: aten.leaky_relu_backward.grad_input(
        D, Z, 0.01, False, grad_input=D
    ),
    "relu": lambda D, Z, A: aten.threshold_backward.grad_input(D, Z, 0, grad_input=D),
    "sigmoid": lambda D, Z, A: aten.sigmoid_backward.grad_input(D, A, grad_input=D),
    "silu": lambda D, Z, A: aten.silu_backward.grad_input(D, Z, grad_input=D),
    "tanh": lambda D, Z, A: aten.tanh_backward.grad_input(D, A, grad_input=D),
}


def _measure_classes(outputs: Tensor, y: Tensor) -> Tensor:
    right = y.expand(len(outputs), 1, -1)
    loss = -F.log_softmax(outputs, dim=1).gather(1, right).sum((1, 2))
    hits = (outputs.max(1, keepdim=True).indices == right).sum((1, 2))
    return torch.stack([loss, hits.to(loss.dtype)])


def _measure_values(loss: Elementwise, outputs: Tensor, y: Tensor) -> Tensor:
    errors = outputs - y.T
    return torch.stack([v.mean(1).sum(1) for v in (loss(errors), errors.abs())])


def _slope_of_classes(outputs: Tensor, y: Tensor, scale: Tensor, out: Tensor) -> None:
    torch.softmax(outputs, 1, out=out)
    out.sub_(y).mul_(scale / y.shape[1])


def _slope_of_values(derivative: Elementwise, outputs, y, scale, out):
    torch.mul(derivative(outputs - y), scale / y.numel(), out=out)


#: Of outputs (n_networks, n_outputs, n_examples) and targets, sums over the examples
#: of loss and metric, (2, n_networks). Classes are (n_examples,), values have columns.
MEASURE: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": _measure_classes,
    "huber": partial(
        _measure_values, lambda e: e.clamp(-1, 1) * (e - e.clamp(-1, 1) / 2)
    ),
    "l1": partial(_measure_values, torch.abs),
    "mse": partial(_measure_values, torch.square),
}
#: Each writes D_L, times a factor for each network, (n_networks, 1, 1), into `out`.
#: The targets are (n_outputs, n_examples), classes one-hot.
LOSS_SLOPE: dict[str, Callable[[Tensor, Tensor, Tensor, Tensor], None]] = {
    "cross_entropy": _slope_of_classes,
    "huber": partial(_slope_of_values, lambda errors: errors.clamp(-1, 1)),
    "l1": partial(_slope_of_values, torch.sign),
    "mse": partial(_slope_of_values, lambda errors: 2 * errors),
}


class Batch:
    """Room for the values of one batch of all networks, and both passes through it.

    Everything is written into the same memory again and again, and the views of it
    are made once.
    """

    def __init__(self, n_rows: int, joint: Joint) -> None:
        room, widths = joint.flat.new_empty, [ends[-1] for ends in joint.ends]
        self.joint, self.X = joint, room(n_rows, joint.first.shape[1])
        self.Z, self.D = ([room(n_rows, width) for width in widths] for _ in "ZD")
        self.A = [room(n_rows, width) for width in widths[:-1]]
        # PyTorch takes a softmax twenty times as fast where its entries do not lie
        # beside each other: in memory the last layer's columns are rows.
        self.Z[-1], self.D[-1] = (room(widths[-1], n_rows).T for _ in "ZD")
        self.DT, self.ones = [D.T for D in self.D], room(n_rows).fill_(1)
        shape = (len(joint.members), -1, n_rows)
        self.outputs, self.slope = self.Z[-1].T.view(shape), self.DT[-1].view(shape)
        self.parts = [_Part(self, joint, k) for k in range(len(joint.members))]
        self.dropping = [part for part in self.parts if part.share]
        self.runs = [
            [
                (name, Z[:, columns[layer]], A[:, columns[layer]], D[:, columns[layer]])
                for name, columns in joint.activations
            ]
            for layer, (Z, A, D) in enumerate(zip(self.Z, self.A, self.D, strict=False))
        ]

    def forward(self, X: Tensor, *, drop: bool) -> None:
        """Compute the outputs, with dropout or without."""
        torch.addmm(self.joint.biases[0], X, self.joint.first.T, out=self.Z[0])
        for layer, runs in enumerate(self.runs):
            for name, Z, A, _ in runs:
                ACTIVATE[name](Z, out=A)
            for part in self.dropping if drop else ():
                mask = part.M[layer].bernoulli_(1 - part.share, generator=part.random)
                torch.mul(part.A[layer], mask.div_(1 - part.share), out=part.AM[layer])
            for part in self.parts:
                torch.addmm(
                    part.b[layer + 1],
                    (part.AM if drop else part.A)[layer],
                    part.WT[layer + 1],
                    out=part.Z[layer + 1],
                )

    def backward(self, *, step: bool) -> None:
        """Set the gradients, given D_L in `slope`; or make a step of plain SGD."""
        joint = self.joint
        # beta times what is there, plus alpha times the product: W −= DᵀA, or dW = DᵀA.
        how = {"beta": 1, "alpha": -1} if step else {"beta": 0, "alpha": 1}
        for layer in range(len(self.A), 0, -1):
            for part in self.parts:
                torch.mm(part.D[layer], part.W[layer], out=part.D[layer - 1])
                out = (part.W if step else part.dW)[layer]
                out.addmm_(part.DT[layer], part.AM[layer - 1], **how)
            for part in self.dropping:
                part.D[layer - 1] *= part.M[layer - 1]
            for name, Z, A, D in self.runs[layer - 1]:
                SLOPE[name](D, Z, A)
        biases = joint.biases if step else joint.bias_slopes
        for DT, b in zip(self.DT, biases, strict=True):
            b.addmv_(DT, self.ones, **how)
        out = joint.first if step else joint.first_slope
        out.addmm_(self.DT[0], self.X, **how)


class _Part:
    """One network's columns of a batch and its weights, by their letters above."""

    def __init__(self, batch: Batch, joint: Joint, k: int) -> None:
        def share(values: list[Tensor]) -> list[Tensor]:
            return [v[:, c] for v, c in zip(values, joint.columns[k], strict=False)]

        member = joint.members[k]
        self.share, self.random = member.config.dropout, member.generator
        self.Z, self.A, self.D = share(batch.Z), share(batch.A), share(batch.D)
        self.DT = [D.T for D in self.D]
        # After dropout; the slope of tanh needs what was there before.
        self.M = [torch.empty_like(A) for A in self.A] if self.share else []
        self.AM = [torch.empty_like(A) for A in self.A] if self.share else self.A
        self.W, self.b = member.tensors[::2], member.tensors[1::2]
        self.WT, self.dW = [W.T for W in self.W], joint.slopes[k][::2]
