"""One network: linear layers with an activation, and perhaps dropout, between them."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from .. import _validation as check
from . import _config
from ._config import ACTIVATIONS


class Dropout(nn.Module):
    """Set a share of the values to zero while training, and scale up the rest.

    As :class:`torch.nn.Dropout`, but with a generator of its own: what is dropped
    then depends on nothing else that draws random numbers.

    Parameters
    ----------
    share : float
        The share, from 0 to below 1.

    References
    ----------
    Srivastava, N., Hinton, G., Krizhevsky, A., Sutskever, I., Salakhutdinov, R.
    (2014). Dropout: a simple way to prevent neural networks from overfitting.
    *Journal of Machine Learning Research* 15, 1929-1958.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.generator: torch.Generator | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the values, some of them dropped while training."""
        if not self.training:
            return x
        kept = torch.empty_like(x).bernoulli_(1 - self.share, generator=self.generator)
        return x * kept / (1 - self.share)


class MLP(nn.Module):
    """A multilayer perceptron: linear layers with an activation between them.

    Parameters
    ----------
    in_features : int
        Number of features of an example.
    hidden : tuple of int, default=(64,)
        Width of each hidden layer; ``()`` for a linear model.
    out_features : int, default=1
        Number of outputs: of the classes, or of the values to predict.
    activation : str, default="relu"
        ``"gelu"``, ``"leaky_relu"``, ``"relu"``, ``"sigmoid"``, ``"silu"`` or
        ``"tanh"``.
    dropout : float, default=0.0
        Share of each hidden layer's values that training sets to zero.

    Raises
    ------
    TypeError, ValueError
        If a number, a width or a name means nothing.

    Examples
    --------
    >>> import torch
    >>> from hpocourse.networks import MLP
    >>> model = MLP(64, (32, 16), 10)
    >>> model(torch.zeros(5, 64)).shape
    torch.Size([5, 10])
    """

    def __init__(
        self,
        in_features: int,
        hidden: tuple[int, ...] = (64,),
        out_features: int = 1,
        activation: str = "relu",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check.check_integer(in_features, "in_features", minimum=1)
        check.check_integer(out_features, "out_features", minimum=1)
        check.check_choice(activation, "activation", ACTIVATIONS)
        dropout = check.check_share(dropout, "dropout")
        sizes = (in_features, *_config.check_hidden(hidden))
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Linear(n_in, n_out), ACTIVATIONS[activation]()]
            if dropout > 0:
                layers.append(Dropout(dropout))
        layers.append(nn.Linear(sizes[-1], out_features))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs: for classes, the logits."""
        return self.layers(x)

    def reset(self, seed: int, device: str | torch.device = "cpu") -> MLP:
        """Draw all weights anew, and let dropout follow the same seed.

        The distribution is PyTorch's own for linear layers. The weights are the
        same on every device.

        Parameters
        ----------
        seed : int
            The seed.
        device : str or torch.device, default="cpu"
            Where the network shall be.

        Returns
        -------
        MLP
            The network itself.

        Raises
        ------
        TypeError, ValueError
            If the seed is none.
        """
        seed = check.check_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        self.to("cpu")
        for layer in self.linear_layers():
            bound = layer.in_features**-0.5
            with torch.no_grad():
                layer.weight.uniform_(-bound, bound, generator=generator)
                layer.bias.uniform_(-bound, bound, generator=generator)
        self.drop_with(torch.Generator(device).manual_seed(seed))
        return self.to(device)

    def drop_with(self, generator: torch.Generator | None) -> None:
        """Let dropout draw from a generator; ``None`` is PyTorch's global one.

        Parameters
        ----------
        generator : torch.Generator or None
            The generator.
        """
        for layer in self.layers:
            if isinstance(layer, Dropout):
                layer.generator = generator

    def linear_layers(self) -> list[nn.Linear]:
        """Return the linear layers, from the input to the output.

        Returns
        -------
        list of torch.nn.Linear
            The layers.
        """
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]
