import doctest
import importlib
import subprocess
import sys

import pytest

import hpocourse
from hpocourse import networks


@pytest.mark.parametrize("name", ["_fit", "_mlp", "_population", "_skorch"])
def test_examples_in_docstrings(name):
    module = importlib.import_module(f"hpocourse.networks.{name}")
    failed, attempted = doctest.testmod(module)
    assert attempted > 0
    assert failed == 0


def test_public_names_exist():
    assert hpocourse.networks is networks
    for name in networks.__all__:
        assert getattr(networks, name).__doc__


def test_import_loads_no_torch():
    code = "import sys, hpocourse.networks; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
