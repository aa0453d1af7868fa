"""Search hyperparameters with every method through one call.

Optuna is the engine: each search is an Optuna study, so that storage, resuming,
pruning, plots and dashboard are the same for every method.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
