"""The package behind a course on hyperparameter optimization.

Everything here is imported on first use, so that ``import hpocourse`` loads
neither NumPy nor Matplotlib. What is public stands in ``__init__.pyi``.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
