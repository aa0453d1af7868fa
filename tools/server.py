"""PostgreSQL for tests and benchmarks, started by the code of the chapter on it."""

import json
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from optuna.distributions import FloatDistribution

__all__ = ["postgresql"]

CHAPTER = Path(__file__).parents[1] / "book" / "pt" / "scaling-out.ipynb"
CELLS = ("system-imports", "find-server", "serve")


@contextmanager
def postgresql() -> Iterator[str]:
    """Run the chapter's cells that find and start a server, and yield its address."""
    # Read as text: the package's tests run where nbformat may be missing.
    notebook = json.loads(CHAPTER.read_text("utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    names: dict[str, Any] = {"FloatDistribution": FloatDistribution}
    with redirect_stdout(StringIO()):
        for cell in CELLS:
            exec(compile(cells[cell], cell, "exec"), names)
    with tempfile.TemporaryDirectory(prefix="postgresql") as folder:
        server, address = names["serve"](names["folders"][-1], folder)
        try:
            yield address
        finally:
            server.send_signal(signal.SIGINT)  # also ends what is still connected
            server.wait(30)
