"""The methods of a search: a line of `METHODS` for each, a file for its sampler.

Whoever asks for a color loads neither Optuna nor the libraries behind the samplers:
each factory imports what it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...languages import gettext as _

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

    Space = dict[str, BaseDistribution]
    Factory = Callable[[Space | None, int], BaseSampler]


@dataclass(frozen=True)
class Method:
    """What the course knows of a method.

    Attributes
    ----------
    color : str
        Its color in every figure.
    label : callable
        Returns its name in the language in use.
    make : callable
        Makes its sampler from a space (or ``None``) and a seed.
    """

    color: str
    label: Callable[[], str]
    make: Factory


def _of_optuna(name: str) -> Factory:
    def make(space: Space | None, seed: int) -> BaseSampler:
        import optuna

        from .ordinal import OrdinalSampler

        return OrdinalSampler(getattr(optuna.samplers, name), seed)

    return make


def _grid(space: Space | None, seed: int) -> BaseSampler:
    from .ordinal import GridSampler

    return GridSampler(space, seed)


def _qmc(space: Space | None, seed: int) -> BaseSampler:
    from .ordinal import ScrambledSobolSampler

    return ScrambledSobolSampler(space, seed)


def _gp(space: Space | None, seed: int) -> BaseSampler:
    from .ordinal import OptunaGPSampler

    return OptunaGPSampler(space, seed)


def _hyperopt(space: Space | None, seed: int) -> BaseSampler:
    from .hyperopt import HyperoptSampler

    return HyperoptSampler(space, seed=seed)


def _bayes(space: Space | None, seed: int) -> BaseSampler:
    from .bayes import BayesOptSampler

    return BayesOptSampler(seed=seed)


#: Every method by its name: the argument of `run`, the key of a color.
METHODS: dict[str, Method] = {
    "grid": Method("#8497a5", lambda: _("grid"), _grid),
    "random": Method("#e57300", lambda: _("random"), _of_optuna("RandomSampler")),
    "qmc": Method("#97661e", lambda: _("quasi-random"), _qmc),
    "tpe": Method("#16aa57", lambda: _("TPE"), _of_optuna("TPESampler")),
    "gp": Method("#b978df", lambda: _("Gaussian process"), _gp),
    "hyperopt": Method("#396c62", lambda: _("TPE of hyperopt"), _hyperopt),
    "bayes": Method("#c03d9a", lambda: _("Gaussian process of bayes_opt"), _bayes),
}
