from ._fit import fit
from ._history import History, Result
from ._network import MLP
from ._population import fit_population

__all__ = [
    "MLP",
    "History",
    "Result",
    "fit",
    "fit_population",
]
