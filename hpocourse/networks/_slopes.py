"""Activations, losses and their derivatives, for many networks at once."""

from functools import partial

import torch
from torch.nn import functional as F

aten = torch.ops.aten

# Each writes f(Z) into `out`.
ACTIVATE = {
    "gelu": aten.gelu.out,
    "leaky_relu": aten.leaky_relu.out,
    "relu": partial(torch.clamp, min=0),
    "sigmoid": torch.sigmoid,
    "silu": aten.silu.out,
    "tanh": torch.tanh,
}

# Each multiplies D by f'(Z), given A = f(Z) before dropout sets some to zero.
SLOPE = {
    "gelu": lambda D, Z, A: aten.gelu_backward.grad_input(D, Z, grad_input=D),
    "leaky_relu": lambda D, Z, A: aten.leaky_relu_backward.grad_input(
        D, Z, 0.01, False, grad_input=D
    ),
    "relu": lambda D, Z, A: aten.threshold_backward.grad_input(D, Z, 0, grad_input=D),
    "sigmoid": lambda D, Z, A: aten.sigmoid_backward.grad_input(D, A, grad_input=D),
    "silu": lambda D, Z, A: aten.silu_backward.grad_input(D, Z, grad_input=D),
    "tanh": lambda D, Z, A: aten.tanh_backward.grad_input(D, A, grad_input=D),
}


def measure_classes(outputs, y):
    """Return sums over examples of cross entropies and of right answers.

    Parameters
    ----------
    outputs : torch.Tensor of shape (n_examples, n_networks, n_outputs)
        Logits.
    y : torch.Tensor of shape (n_examples,)
        Classes.

    Returns
    -------
    torch.Tensor of shape (2, n_networks)
        Both sums.
    """
    right = y.view(-1, 1, 1).expand(-1, outputs.shape[1], 1)
    loss = -F.log_softmax(outputs, dim=2).gather(2, right).sum((0, 2))
    hits = (outputs.argmax(2, keepdim=True) == right).sum((0, 2))
    return torch.stack([loss, hits.to(loss.dtype)])


def slope_of_classes(outputs, y, scale, out):
    """Write the derivative of the mean cross entropy, times a factor.

    Parameters
    ----------
    outputs : torch.Tensor of shape (n_examples, n_networks, n_outputs)
        Logits.
    y : torch.Tensor of shape (n_examples, 1, n_outputs)
        Classes, one-hot.
    scale : torch.Tensor of shape (n_networks, 1)
        The factor of each network.
    out : torch.Tensor of the shape of `outputs`
        Where to write.
    """
    torch.softmax(outputs, 2, out=out)
    out.sub_(y).mul_(scale / len(y))


def _measure_values(loss):
    def measure(outputs, y):
        errors = outputs - y.unsqueeze(1)
        return torch.stack([v.mean(2).sum(0) for v in (loss(errors), errors.abs())])

    return measure


def _slope_of_values(derivative):
    def slope(outputs, y, scale, out):
        torch.mul(derivative(outputs - y), scale / y[:, 0].numel(), out=out)

    return slope


def _huber(errors):
    inside = errors.clamp(-1, 1)
    return inside * (errors - inside / 2)


#: Of outputs and targets, sums over examples of the loss and of the metric.
MEASURE = {
    "cross_entropy": measure_classes,
    "huber": _measure_values(_huber),
    "l1": _measure_values(torch.abs),
    "mse": _measure_values(torch.square),
}
#: The derivative of the mean loss, as :func:`slope_of_classes`.
LOSS_SLOPE = {
    "cross_entropy": slope_of_classes,
    "huber": _slope_of_values(lambda errors: errors.clamp(-1, 1)),
    "l1": _slope_of_values(torch.sign),
    "mse": _slope_of_values(lambda errors: 2 * errors),
}
