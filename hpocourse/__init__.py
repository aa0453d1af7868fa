"""The package behind the hpocourse course on hyperparameter optimization."""

__version__ = "0.1.0"
