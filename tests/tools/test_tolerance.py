"""Outside the reference, notebooks are executed and compared approximately."""

import os
import platform
import re
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import tolerance
from tools.notebooks import ROOT, write
from tools.tolerance import Approximate, departures, pins

OPTIONS = ["--nbval", "--nbval-current-env"]
FEIGNED = """\
import platform
platform.machine = lambda: "arm64"
platform.system = lambda: "Darwin"
"""


@pytest.mark.parametrize(
    ("stored", "computed"),
    [
        ("0.734", "0.736"),
        ("nota 0.734 ± 0.010", "nota 0.719 ± 0.021"),
        ("a  1\nb 10", "a   1\nb 10.4"),
        ("loss 1204.5", "loss 1250.1"),
        ("-0.004", "0.003"),
        ("z -0.2", "z -0.1"),
        ("7 / 12", "8 / 12"),
        ("1.3e+02", "1.25e+02"),
        ("── 10 ──", "─── 9.9 ───"),
    ],
)
def test_numbers_may_differ_a_little(stored, computed):
    assert Approximate(stored) == computed
    assert (Approximate(stored) != computed) is False
    assert Approximate(computed) == stored


@pytest.mark.parametrize(
    ("stored", "computed"),
    [
        ("0.734", "0.534"),
        ("z -0.3", "z -0.1"),
        ("7 / 12", "9 / 12"),
        ("0.734", "0.734 0.734"),
        ("nota 0.734", "erro 0.734"),
        ("gamma: 10.0", "gamma: 100.0"),
        ("(1077, 64)", "(1077, 32)"),
        ("0.734", "nan"),
        ("{'kernel': 'rbf'}", "{'kernel': 'poly'}"),
        ("v1", "v2"),
        ("1.3e+02", "1.3e+03"),
    ],
)
def test_other_words_and_far_numbers_differ(stored, computed):
    assert Approximate(stored) != computed
    assert Approximate(computed) != stored
    assert Approximate(stored) != 0.734


@pytest.fixture
def reference(monkeypatch):
    """Make this machine the one of the stored numbers, whatever it is."""
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(tolerance, "processor_flags", lambda: {"avx2"})
    monkeypatch.setattr(tolerance.sys, "version_info", (3, 11, 2))
    versions = {**pins(), "torch": pins()["torch"] + "+cpu"}
    monkeypatch.setattr(tolerance, "version", versions.__getitem__)
    return versions


def test_machine_of_the_stored_numbers(reference):
    assert list(departures()) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m, _: m.setattr(platform, "machine", lambda: "arm64"),
         "Linux on arm64"),
        (lambda m, _: m.setattr(platform, "system", lambda: "Windows"),
         "Windows on x86_64"),
        (lambda m, _: m.setattr(tolerance, "processor_flags", lambda: {"avx"}),
         "a processor without AVX2"),
        (lambda m, _: m.setattr(tolerance.sys, "version_info", (3, 13, 0)),
         f"Python {platform.python_version()}"),
        (lambda _, versions: versions.update(numpy="9.9"),
         f"numpy 9.9 instead of {pins()['numpy']}"),
    ],
)  # fmt: skip
def test_each_departure_is_named(reference, monkeypatch, change, reason):
    change(monkeypatch, reference)
    assert list(departures()) == [reason]


def test_what_is_not_installed_is_no_departure(reference, monkeypatch):
    def version(name):
        raise tolerance.PackageNotFoundError(name)

    monkeypatch.setattr(tolerance, "version", version)
    assert list(departures()) == []


def check(folder, conftest, *cells):
    """Let pytest and nbval check a notebook of (source, stored text or data) cells."""
    notebook = new_notebook()
    for count, (source, text) in enumerate(cells, start=1):
        if isinstance(text, dict):
            outputs = [new_output("display_data", text)]
        else:
            outputs = [new_output("stream", text=text)] if text else []
        notebook.cells.append(
            new_code_cell(
                source, id=f"c{count}", outputs=outputs, execution_count=count
            )
        )
    write(folder / "chapter.ipynb", notebook)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "conftest.py").write_text(conftest)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider",
         "-p", "no:randomly",
         "-p", "tools.tolerance", "--rootdir", ".", *OPTIONS, "."],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )  # fmt: skip
    failed = re.findall(r"^FAILED chapter.ipynb::Cell (\d+)", done.stdout, re.MULTILINE)
    (said,) = re.findall(r"^notebooks: (.+)$", done.stdout, re.MULTILINE)
    return [int(number) for number in failed], said


CELLS = (
    ("print('nota', 0.7351)", "nota 0.7362\n"),
    ("print('nota', 0.5351)", "nota 0.7362\n"),
    ("print('rbf')", "poly\n"),
    ("raise ValueError('no')", ""),
    ("print('nota', 0.5)", "nota 0.5\n"),
)


@pytest.mark.slow
def test_feigned_platform_compares_approximately(tmp_path):
    failed, said = check(tmp_path, FEIGNED, *CELLS)
    assert failed == [1, 2, 3]
    assert said.startswith(
        "numbers compared within 5%, 0.02 or one in the last digit, not digit "
        "by digit: Darwin on arm64"
    )


@pytest.mark.slow
def test_accepted_cells_are_executed_but_not_compared(tmp_path):
    accepted = "import tools.tolerance as t\n" + (
        "t.read_accepted = lambda pinned: {'chapter:c2': 'why', 'chapter:c4': 'why'}\n"
    )
    failed, _ = check(tmp_path, FEIGNED + accepted, *CELLS)
    assert failed == [2, 3]
    # A processor like that of the stored numbers may be another one, too.
    reference = accepted + "t.departures = lambda: iter(())\n"
    failed, _ = check(tmp_path, reference, *CELLS)
    assert failed == [0, 2, 3]


@pytest.mark.slow
def test_reference_compares_digit_by_digit(tmp_path):
    feigned = "import tools.tolerance as t\nt.departures = lambda: iter(())\n"
    failed, said = check(tmp_path, feigned, *CELLS)
    assert failed == [0, 1, 2, 3]
    assert said == "compared digit by digit, as on every machine like this one"


@pytest.mark.slow
def test_drawings_are_not_compared_but_what_stands_beside_them_is(tmp_path):
    shows = (
        "from IPython.display import display\n"
        "display({'image/png': 'bmV3', 'text/plain': 'new'}, raw=True)"
    )
    stored = {"image/png": "b2xk", "image/svg+xml": "<svg/>", "text/plain": "new"}
    failed, _ = check(
        tmp_path, "", (shows, stored), (shows, {**stored, "text/plain": "old"})
    )
    assert failed == [1]


@pytest.mark.slow
def test_a_library_may_warn_of_another_machine(tmp_path):
    """An error fails there, a warning only where the numbers were computed."""
    cells = [("import warnings\nwarnings.warn('a worker stopped')", "")]
    reference = "import tools.tolerance as t\nt.departures = lambda: iter(())\n"
    assert check(tmp_path, FEIGNED, *cells)[0] == []
    assert check(tmp_path, reference, *cells)[0] == [0]


@pytest.mark.slow
def test_the_book_s_tests_use_the_plugin_where_notebooks_are_executed():
    for options, loaded in ((OPTIONS, True), ([], False)):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "0", "--collect-only",
             *options, "tests/tools/test_tolerance.py"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("notebooks: " in done.stdout) is loaded
