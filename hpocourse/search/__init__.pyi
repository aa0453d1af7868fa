from ._run import SearchError, run
from ._storage import open_storage

__all__ = ["SearchError", "open_storage", "run"]
