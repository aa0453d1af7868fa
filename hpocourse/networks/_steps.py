"""The steps of networks trained together."""

from itertools import groupby

import torch

from ._config import make_optimizer


class Steps:
    """An optimizer in which neighbors with the same settings make one step.

    An optimizer's time for each tensor is more than its time for the few weights of
    a small network: those of neighbors therefore share tensors.

    Parameters
    ----------
    members : list of Member
        The networks, with their places in the joint tensors.
    tensors, slopes : list of torch.Tensor
        All first layers and the biases of each layer, and room for their gradients.
    previous : Steps or None
        The optimizer of which these networks were a part: they take its state along.
    """

    def __init__(self, members, tensors, slopes, previous):
        runs = [list(run) for _, run in groupby(members, key=lambda m: m.step)]
        states = [[previous.take(m) for m in run] if previous else [] for run in runs]
        groups = [self._join(run, tensors, slopes) for run in runs]
        self.configs = [run[0].config for run in runs]
        self.optimizer = make_optimizer(members[0].config.optimizer, groups)
        for group, taken in zip(groups, states, strict=True):
            for parameter, *parts in zip(group["params"], *taken, strict=False):
                self.optimizer.state[parameter] = {
                    name: torch.cat([part[name] for part in parts])
                    if value.dim()
                    else value  # the number of steps
                    for name, value in (parts[0] if parts else {}).items()
                }

    def _join(self, run, tensors, slopes):
        """Return what these networks share, as optimizers take it."""
        first, last = run[0].columns, run[-1].columns
        pairs, shares = [], [[] for _ in run]
        for k, (tensor, slope) in enumerate(zip(tensors, slopes, strict=True)):
            layer = max(k - 1, 0)  # of the first layer, weights and biases
            start = first[layer].start
            columns = slice(start, last[layer].stop)
            pairs.append((tensor[columns], slope[columns]))
            for share, member in zip(shares, run, strict=True):
                own = member.columns[layer]
                share.append(slice(own.start - start, own.stop - start))
        if len(run[0].weights) > 1:
            pairs.append(_flatten(run, shares))
        for parameter, slope in pairs:
            parameter.grad = slope
        parameters = [parameter for parameter, _ in pairs]
        for member, share in zip(run, shares, strict=True):
            member.held = list(zip(parameters, share, strict=True))
        return run[0].config.group(parameters)

    def take(self, member):
        """Return a network's part of the state, for each of its tensors.

        Parameters
        ----------
        member : Member
            The network.

        Returns
        -------
        list of dict of str to torch.Tensor
            The parts.
        """
        return [
            {
                name: value[share] if value.dim() else value
                for name, value in self.optimizer.state[parameter].items()
            }
            for parameter, share in member.held
        ]

    def begin(self, epoch):
        """Set the learning rates of an epoch.

        Parameters
        ----------
        epoch : int
            The epoch, counted from 0.
        """
        groups = self.optimizer.param_groups
        for group, config in zip(groups, self.configs, strict=True):
            group["lr"] = config.rate(epoch)


def _flatten(run, shares):
    """Lay all later layers' weights in one vector, and their gradients in another."""
    weights = torch.cat([w.flatten() for member in run for w in member.weights[1:]])
    slopes = torch.empty_like(weights)
    end = 0
    for member, share in zip(run, shares, strict=True):
        begin, member.slopes = end, [None]
        for layer, weight in enumerate(member.weights[1:], start=1):
            part = slice(end, end + weight.numel())
            member.weights[layer] = weights[part].view_as(weight)
            member.slopes.append(slopes[part].view_as(weight))
            end = part.stop
        share.append(slice(begin, end))
    return weights, slopes
