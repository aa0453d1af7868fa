"""Settings shared by the tests and by the notebooks that nbval re-executes."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from tools.reproducible import ENVIRONMENT

# Kernels and worker processes inherit these, so that stored numbers repeat.
os.environ.update(ENVIRONMENT)


def pytest_configure(config):
    """Compare notebooks as this machine allows, where they are executed."""
    # Not loaded elsewhere: nbval may be missing where only the package is tested.
    if config.getoption("nbval", default=False):
        config.pluginmanager.import_plugin("tools.tolerance")
