from ._fit import fit
from ._history import History
from ._mlp import MLP
from ._population import Result, fit_population
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
