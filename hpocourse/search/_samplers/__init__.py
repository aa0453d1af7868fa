"""The methods of a search: an entry of `METHODS` for each, a file for its sampler.

Whoever asks for a color loads neither Optuna nor the libraries behind the samplers:
a sampler's file is imported when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from typing import TYPE_CHECKING, Any

from ...languages import gettext as _

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


@dataclass(frozen=True)
class Method:
    """What the course knows of a method.

    Attributes
    ----------
    color : str
        Its color in every figure.
    label : callable
        Returns its name in the language in use.
    sampler : str
        What makes its sampler from a space (or ``None``) and ``seed=``: the file in
        this folder, a colon, and the name in it.
    """

    color: str
    label: Callable[[], str]
    sampler: str

    def make(self, space: Any, seed: int) -> BaseSampler:
        """Return a sampler of the method."""
        file, name = self.sampler.split(":")
        return getattr(import_module(f".{file}", __name__), name)(space, seed=seed)


#: Every method by its name: the argument of `run`, the key of a color.
METHODS: dict[str, Method] = {
    "grid": Method("#8497a5", lambda: _("grid"), "ordinal:GridSampler"),
    "random": Method("#e57300", lambda: _("random"), "ordinal:OrdinalSampler"),
    "qmc": Method("#97661e", lambda: _("quasi-random"), "ordinal:SobolSampler"),
    "tpe": Method("#16aa57", lambda: _("TPE"), "ordinal:OptunaTPESampler"),
    "gp": Method("#b978df", lambda: _("Gaussian process"), "ordinal:OptunaGPSampler"),
    "hyperopt": Method(
        "#396c62", lambda: _("TPE of hyperopt"), "hyperopt:HyperoptSampler"
    ),
    "bayes": Method(
        "#c03d9a", lambda: _("Gaussian process of bayes_opt"), "bayes:make"
    ),
}


def label_of(method: str) -> str:
    """Return the name of a method in the language in use; others keep theirs."""
    return METHODS[method].label() if method in METHODS else method


def colors_of(methods: Iterable[str]) -> dict[str, str]:
    """Return a color for each method: its own, or for others one that is left."""
    named = dict.fromkeys(methods)
    own = {name: method.color for name, method in METHODS.items() if name in named}
    left = [method.color for name, method in METHODS.items() if name not in named]
    others = cycle(left or own.values())
    return {name: own.get(name) or next(others) for name in named}


def make_sampler(method: Any, space: Any, seed: int) -> BaseSampler:
    """Return the sampler of a method, or the one that the caller brings."""
    from optuna.samplers import BaseSampler

    from ..._validation import check_choice

    if isinstance(method, BaseSampler):
        return method
    if isinstance(method, type) and issubclass(method, BaseSampler):
        raise TypeError(f"method is the class {method.__name__}; make one, add ()")
    return METHODS[check_choice(method, "method", METHODS)].make(space, seed)


def check_methods(methods: Any, space: Any) -> dict[str, Any]:
    """Return names and methods to compare, once each is known to search the space."""
    from ..._validation import check_choice, check_type

    check_type(methods, "methods", list | tuple | dict, "a list of names or a dict")
    if not isinstance(methods, dict):
        methods = {name: name for name in methods}
    if not methods:
        raise ValueError("methods is empty; name at least one method")
    for name, method in methods.items():
        if isinstance(method, str):
            check_choice(method, f"methods[{name!r}]", METHODS)
            make_sampler(method, space, 0)
        elif isinstance(method, type) or not callable(method):
            raise TypeError(
                f"methods[{name!r:.60}] must be a method's name or a function of the "
                f"seed, got {method!r:.60}; write lambda seed: TPESampler(seed=seed)"
            )
    return methods
