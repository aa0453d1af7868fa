from ._history import History, Result
from ._network import MLP, fit
from ._population import fit_population
from ._skorch import classifier, regressor

__all__ = [
    "MLP",
    "History",
    "Result",
    "classifier",
    "fit",
    "fit_population",
    "regressor",
]
