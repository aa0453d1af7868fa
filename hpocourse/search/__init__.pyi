from . import plots
from ._bayes import BayesOptSampler
from ._compare import compare
from ._comparison import Comparison
from ._dashboard import dashboard
from ._hyperopt import HyperoptSampler
from ._loop import SearchError
from ._objective import cv_objective
from ._results import as_study
from ._run import run
from ._storage import open_storage

__all__ = [
    "BayesOptSampler",
    "Comparison",
    "HyperoptSampler",
    "SearchError",
    "as_study",
    "compare",
    "cv_objective",
    "dashboard",
    "open_storage",
    "plots",
    "run",
]
