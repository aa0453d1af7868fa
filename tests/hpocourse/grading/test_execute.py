"""What a kernel may do, and what of it is kept."""

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from hpocourse.grading._execute import SafeExecute
from hpocourse.languages import use_language

pytestmark = [pytest.mark.slow, pytest.mark.needs("sandbox")]

WRITE = """
import glob, os, time
(folder,) = glob.glob('/tmp/hpocourse-*')
open(f'{folder}/more', 'w').close()
time.sleep(20)
"""


def run(*sources, sandbox=True, **limits):
    """Return the outputs of cells, as texts by the kind of each."""
    config = Config({"SafeExecute": {"sandbox": sandbox, "timeout": 60}})
    config.SandboxedKernel.update(limits)
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [
        new_code_cell(source, metadata={"nbgrader": {"grade": True}})
        for source in sources
    ]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": spec})
    SafeExecute(config=config).preprocess(notebook, {})
    return [
        [
            output.get("evalue") or output.get("text") or output.data["text/plain"]
            for output in cell.outputs
        ]
        for cell in notebook.cells
    ]


@pytest.mark.parametrize(
    ("source", "limits", "text"),
    [
        (WRITE, {}, "wrote files"),
        ("import time\nwhile True:\n    time.sleep(1)", {"seconds": 20}, "in all"),
        ("import os\nos.kill(os.getpid(), 11)", {}, "ended Python"),
    ],
)
def test_a_kernel_that_ends_costs_what_is_left(source, limits, text):
    before, stopped, after = run("1 + 1", source, "2", **limits)
    assert before == ["2"]
    assert len(stopped) == len(after) == 1
    assert text in stopped[0]
    assert text in after[0]


def test_outputs_are_limited_and_warnings_cost_nothing():
    source = "import warnings\nwarnings.warn('x')\nprint('y' * 10**6)"
    quiet, error = run(source, "raise ValueError('z' * 10**6)")
    assert quiet == []
    (text,) = error
    assert len(text) < 3000


def test_what_is_said_is_in_the_student_s_language():
    with use_language("ru"):
        (stopped,) = run("import os\nos._exit(0)")
    assert stopped == ["Код завершил процесс Python, или произошёл сбой."]


def test_without_the_sandbox_a_kernel_runs_as_well():
    before = set(psutil.Process().children(recursive=True))
    first, dead, after = run("3", "import os\nos._exit(1)", "4", sandbox=False)
    assert first == ["3"]
    assert "ended Python" in dead[0]
    assert "ended Python" in after[0]
    assert set(psutil.Process().children(recursive=True)) <= before
