import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from hpocourse.grading._flags import find_flags
from hpocourse.grading._release import PACKAGED
from hpocourse.languages import LANGUAGES

LOCKED = {"nbgrader": {"locked": True, "solution": False, "grade": False}}


def flags_of(source):
    given = new_code_cell("import hpocourse\nopen('x')", metadata=LOCKED)
    return find_flags(new_notebook(cells=[given, new_code_cell(source, id="answer")]))


@pytest.mark.parametrize(
    ("source", "flag"),
    [
        ("get_ipython().ast_transformers.append(1)", "ast_transformers"),
        ("ip = get_ipython()", "get_ipython"),
        ("import builtins", "import builtins"),
        ("from builtins import print as p", "import builtins"),
        ("import os\nos._exit(0)", "os._exit"),
        ("from os import _exit", "os._exit"),
        ("import sys\nsys.modules['hpocourse']", "sys.modules"),
        ("from sys import modules", "sys.modules"),
        ("import hpocourse._check as c", "import hpocourse._check"),
        ("from hpocourse import _check", "import hpocourse._check"),
        ("hpocourse._check._feedback", "hpocourse._check"),
        ("import hpocourse\nhpocourse.check = print", "hpocourse.check replaced"),
        ("hpocourse.exercises.check = print", "hpocourse.exercises.check replaced"),
        ("import hpocourse\nhpocourse = None", "hpocourse replaced"),
        ("import numpy as np\ndef np(): ...", "np redefined"),
        ("import numpy as np\nsetattr(np, 'abs', 1)", "setattr"),
        ("getattr(x, 'a' + 'b')", "getattr"),
        ("getattr(os, '_exit')(0)", "getattr '_exit'"),
        ("print(In[-1])", "In"),
        ("exec('1')", "exec"),
        ("open('/etc/passwd')", "open"),
        ("class A:\n    def __eq__(self, other):\n        return True", "__eq__"),
        ("def f():\n    import socket", "import socket"),
        ("%%bash\nls", "get_ipython"),
        ("!ls", "get_ipython"),
        ("%load_ext x", "get_ipython"),
        ("(lambda: 0).__globals__", "__globals__"),
        ("%time get_ipython()", "get_ipython"),
        ("%timeit -n 9 f()", "get_ipython"),
        ("%matplotlib inline\nimport os\nos._exit(0)", "os._exit"),
        ("import os\nos._exit(0)\n%time (", "os._exit"),
        ("x = " + "+".join(["1"] * 2000) + "\nexec('1')", "exec"),
        ("x = (" + "+\n".join(["1"] * 90_000) + ")", "too deeply"),
        ("%time x = " + "+".join(["1"] * 90_000), "too long"),
        ("import x\nx" + ".y" * 2000 + " = 1", "replaced"),
    ],
)
def test_what_is_flagged(source, flag):
    flags = flags_of(source)
    assert any(flag in each for each in flags), flags
    assert all(each.endswith(" (answer)") for each in flags)


@pytest.mark.parametrize(
    "source",
    [
        "# get_ipython, os._exit",
        "'builtins'",
        "%time x = 1",
        "%matplotlib inline",
        "import numpy as np\nnp.random.default_rng(0)",
        "x.modules = 1",
        "getattr(x, 'name')",
        "def f(:",
        "df.eval('a + b')\ndf.index = [1]",
        "def evaluate(x):\n    return x == 1",
    ],
)
def test_what_is_not_flagged(source):
    assert flags_of(source) == []


def test_no_solution_of_the_course_is_flagged():
    seen = 0
    for language in LANGUAGES:
        folder = PACKAGED[1].parents[2] / f"book/{language.folder}/exercises"
        for path in folder.glob("*.ipynb"):
            notebook = nbformat.read(path, as_version=4)
            seen += sum(
                cell.cell_type == "code" and cell.id.startswith("answer")
                for cell in notebook.cells
            )
            assert find_flags(notebook) == [], path
    assert seen >= 30
