"""Settings shared by the tests and by the notebooks that nbval re-executes."""

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tools.reproducible import ENVIRONMENT

# Reading a notebook imports jsonschema, and that would parse a grammar for seconds,
# in every process, to check addresses of a kind that no notebook has.
sys.modules.setdefault("rfc3987_syntax", None)

# Kernels and worker processes inherit these, so that stored numbers repeat.
os.environ.update(ENVIRONMENT)


# Executed by a test of their own, which needs no stored outputs.
collect_ignore_glob = ["book/*/exercises/*.ipynb"]


def pytest_configure(config):
    """Compare notebooks as this machine allows, where they are executed."""
    # Not loaded elsewhere: nbval may be missing where only the package is tested.
    if config.getoption("nbval", default=False):
        config.pluginmanager.import_plugin("tools.tolerance")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Keep the cells of each notebook in their order, whatever shuffles the tests."""
    cells = [item for item in items if hasattr(item, "cell")]
    yield
    in_order = iter(cells)
    items[:] = [next(in_order) if hasattr(item, "cell") else item for item in items]
