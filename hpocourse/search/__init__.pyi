from . import plots
from ._compare import Comparison, compare
from ._dashboard import dashboard
from ._loop import SearchError
from ._objective import cv_objective
from ._run import last_study, run
from ._samplers.bayes import BayesOptSampler
from ._samplers.hyperopt import HyperoptSampler
from ._storage import open_storage

__all__ = [
    "BayesOptSampler",
    "Comparison",
    "HyperoptSampler",
    "SearchError",
    "compare",
    "cv_objective",
    "dashboard",
    "last_study",
    "open_storage",
    "plots",
    "run",
]
