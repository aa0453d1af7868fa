"""nbval catches a stored number that is not the one computed."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns

from tools.notebooks import ROOT, write
from tools.reproducible import ENVIRONMENT

pytestmark = pytest.mark.slow

CONFIG = ROOT / "tests" / "sanitize.cfg"
OPTIONS = ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", str(CONFIG)]


def notebook():
    """Return a notebook in which one stored number is altered."""
    image = {"image/png": "c3RvcmVk", "text/plain": "1"}  # is not compared
    cells = [
        new_code_cell(source, id=name, outputs=[output])
        for name, source, output in (
            ("right", "print(f'{2 / 3:.3f}')", new_output("stream", text="0.667\n")),
            ("altered", "print(f'{1 / 3:.3f}')", new_output("stream", text="0.334\n")),
            ("zero", "print(-0.0)", new_output("stream", text="0.0\n")),
            (
                "image",
                "from IPython.display import display\n"
                "display({'image/png': 'bmV3', 'text/plain': '1'}, raw=True)",
                new_output("display_data", image),
            ),
        )
    ]
    for count, cell in enumerate(cells, start=1):
        cell.execution_count = count
    return new_notebook(cells=cells)


def test_altered_number_is_caught(tmp_path):
    write(tmp_path / "broken.ipynb", notebook())
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider",
         "--rootdir", ".", *OPTIONS, "."],
        cwd=tmp_path,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    failed = re.findall(r"^FAILED (.+?) -", done.stdout, re.MULTILINE)
    assert failed == ["broken.ipynb::Cell 1"], done.stdout
    assert "0.334" in done.stdout
    assert "3 passed" in done.stdout


def test_cells_keep_their_order_when_tests_are_shuffled(tmp_path):
    sources = ["n = 0", *["n += 1"] * 6, "assert n == 6"]
    cells = [new_code_cell(each, execution_count=1) for each in sources]
    write(tmp_path / "counting.ipynb", new_notebook(cells=cells))
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"]
    shuffled = ["-p", "randomly", "--randomly-seed=1", "--rootdir", "."]
    done = subprocess.run(
        [*command, *shuffled, "--nbval-lax", "--nbval-current-env", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.findall(r"^PASSED \S+::Cell (\d)", done.stdout, re.MULTILINE)
    assert passed == [str(number) for number in range(8)]


def test_every_line_of_the_sanitize_file_is_understood():
    text = CONFIG.read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rules = dict(get_sanitize_patterns(text))
    assert lines == [
        line
        for regex, replacement in rules.items()
        for line in (f"regex: {regex}", f"replace: {replacement}")
    ]


def test_only_the_sign_of_zero_is_sanitized():
    rules = dict(get_sanitize_patterns(CONFIG.read_text("utf-8")))

    def sanitize(text):
        for regex, replacement in rules.items():
            text = re.sub(regex, replacement, text)
        return text

    assert sanitize("-0.000 | -0.0") == "0.000 | 0.0"
    for text in ("-0.001", "0.0-0.0", "1e-0.05", "-10.0", "0.734"):
        assert sanitize(text) == text
