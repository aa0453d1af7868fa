import subprocess
import sys
from pathlib import Path

import hpocourse
from hpocourse import networks
from tests.code_lines import code_lines, count_code_lines

SOURCE = """
# a comment

def f(x):
    'What it does.'
    text = '''two
lines'''

    return (
        x  # and another
    )
'no code, either'
"""


def test_public_names_exist():
    assert hpocourse.networks is networks
    for name in networks.__all__:
        assert getattr(networks, name).__doc__


def test_import_loads_no_torch():
    code = "import sys, hpocourse.networks; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_it_stays_small():
    lines = code_lines(Path(networks.__file__).parent)
    assert len(lines) <= 9
    assert sum(lines.values()) <= 891


def test_lines_of_code_are_counted():
    assert count_code_lines(SOURCE) == 6
