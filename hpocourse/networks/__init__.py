"""Train the course's networks: one, as a student reads it, or many together.

:func:`fit` is the plain loop; :func:`fit_population` gives the same results for
many configurations at once. PyTorch does the arithmetic.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
