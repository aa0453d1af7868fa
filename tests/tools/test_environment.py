"""The environment is set up once, and made anew when something is wrong with it."""

import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import metadata
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools import environment
from tools.notebooks import ROOT
from tools.tolerance import pins

HERE = "{}.{}.{}".format(*sys.version_info)


def make(folder):
    """Make an environment as `create` does, with a pip in name only: at once."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True
    )
    (packages,) = Path(folder).glob("lib/*/site-packages")
    (packages / "pip.py").touch()


@pytest.fixture
def created(monkeypatch):
    """Return the list of folders in which an environment was set up."""
    folders = []

    def create(folder):
        folders.append(folder)
        make(folder)

    monkeypatch.setattr(environment, "create", create)
    return folders


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an environment's relative name, in a folder of a difficult name."""
    home = tmp_path / "meu curso (ção)"
    home.mkdir()
    monkeypatch.chdir(home)
    return ".venv"


def feign(monkeypatch, version):
    monkeypatch.setattr(environment.sys, "version_info", version)


def test_is_set_up_once(folder, created):
    for _ in range(2):
        environment.main([folder])
        environment.main([folder, "--same"])
    assert created == [folder]


def other_version(folder):
    settings = Path(folder) / "bin" / "python"
    target = settings.resolve()
    settings.unlink()
    settings.write_text(f'#!/bin/sh\n"{target}" "$@" | sed "s/{HERE}/3.10.13/"\n')
    settings.chmod(0o755)


def without_pip(folder):
    (pip,) = Path(folder).glob("lib/*/site-packages/pip.py")
    pip.unlink()


def python_gone(folder):
    (Path(folder) / "bin" / "python").unlink()


def other_home(folder):
    settings = Path(folder) / "pyvenv.cfg"
    text = settings.read_text("utf-8")
    moved = text.replace("meu curso (ção)", "old place")
    assert moved != text
    settings.write_text(moved, "utf-8")


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (other_version, "it is of Python 3.10.13"),
        (without_pip, "it has no pip"),
        (python_gone, "its Python does not start"),
        (other_home, "it was made for another folder"),
    ],
)
def test_what_does_not_work_is_made_anew(folder, created, capsys, break_it, reason):
    make(folder)
    assert environment.what_is_wrong(folder) == ""
    break_it(folder)
    environment.main([folder])
    assert created == [folder]
    assert capsys.readouterr().err == f".venv is made anew: {reason}.\n"
    assert environment.what_is_wrong(folder) == ""


def test_another_version_is_kept_unless_it_was_asked_for(
    folder, created, monkeypatch, capsys
):
    make(folder)
    feign(monkeypatch, (3, 99, 1))
    environment.main([folder])
    assert created == []
    environment.main([folder, "--same"])
    assert created == [folder]
    assert f"it is of Python {HERE} and not 3.99.1" in capsys.readouterr().err


def test_too_old_a_python_says_so_and_touches_nothing(folder, created, monkeypatch):
    feign(monkeypatch, (3, 10, 13))
    with pytest.raises(SystemExit) as stop:
        environment.main([folder])
    said = str(stop.value)
    assert "needs Python 3.11 or newer" in said
    assert f"{sys.executable} is Python 3.10.13" in said
    assert "\n" not in said
    assert created == []
    assert not Path(folder).exists()


@pytest.mark.parametrize(("minor", "told"), [(11, False), (13, False), (14, True)])
def test_too_new_a_python_is_told_and_taken(
    folder, created, monkeypatch, capsys, minor, told
):
    feign(monkeypatch, (3, minor, 0))
    environment.main([folder])
    assert created == [folder]
    said = capsys.readouterr().err
    assert ("Python 3.14.0 is newer than those" in said) == told
    assert said.endswith("make book PYTHON=python3.13\n" if told else "")
    environment.main([folder])
    assert capsys.readouterr().err == ""  # An environment that works is left alone.


def test_an_old_python_may_use_an_environment_that_works(folder, created, monkeypatch):
    make(folder)
    feign(monkeypatch, (3, 10, 13))
    environment.main([folder])
    assert created == []


def test_no_other_folder_is_emptied(folder, created):
    (Path(folder) / "thesis").mkdir(parents=True)
    with pytest.raises(SystemExit, match="not a virtual environment"):
        environment.main([folder])
    assert created == []


def test_without_ensurepip(folder, monkeypatch):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as stop:
        environment.main([folder])
    version = "{}.{}".format(*sys.version_info)
    assert f"sudo apt-get install python{version}-venv" in str(stop.value)
    assert not Path(folder).exists()


def test_failure_of_venv_is_a_failure(folder, monkeypatch):
    monkeypatch.setattr(environment.subprocess, "call", lambda command: 1)
    with pytest.raises(SystemExit, match=r"could not set up \.venv"):
        environment.main([folder])


def test_usage():
    with pytest.raises(SystemExit, match="usage"):
        environment.main([])


def makefile(folder, *arguments):
    """Run make on a copy of what decides about the environment."""
    for name in (
        "Makefile",
        "pyproject.toml",
        "requirements.txt",
        "site/requirements.txt",
        "tools/environment.py",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        if not (folder / name).exists():
            shutil.copy2(ROOT / name, folder / name)
    return subprocess.run(
        ["make", "--silent", *arguments], cwd=folder, capture_output=True, text=True
    )


def test_make_names_a_python_that_is_missing_or_too_old(tmp_path):
    done = makefile(tmp_path, "book", "PYTHON=python9.9")
    assert done.returncode != 0
    assert "There is no python9.9 on this machine" in done.stderr
    old = tmp_path / "old python"
    old.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "import sys, runpy; '
        "sys.version_info = (3, 10, 13); sys.argv[:] = sys.argv[1:]; "
        'runpy.run_path(sys.argv[0], run_name=\'__main__\')" "$@"\n'
    )
    old.chmod(0o755)
    done = makefile(tmp_path, "book", f"PYTHON={old}")
    assert done.returncode != 0
    assert "is Python 3.10.13: name a newer one" in done.stderr
    assert not (tmp_path / ".venv").exists()


def promised():
    """Return the first release of each Python that pyproject.toml names."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    label = "Programming Language :: Python :: 3."
    minors = [part.partition('"')[0] for part in text.split(f'"{label}')[1:]]
    assert minors
    return [f"3.{minor}.0" for minor in minors]


def refused(requirements, pythons):
    """Return the pins that some Python may not install: pin, its bound, Pythons."""
    found = []
    for name in requirements:
        bound = metadata(name).get("Requires-Python") or ""
        without = [v for v in pythons if not SpecifierSet(bound).contains(v)]
        if without:
            found.append((name, bound, without))
    return found


def test_every_python_that_is_promised_may_install_every_pin():
    assert promised()[0] == "3.11.0"
    assert refused(pins(), promised()) == []


def test_a_pin_that_needs_a_later_patch_release_is_found(tmp_path, monkeypatch):
    folder = tmp_path / "late-4.1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: late\nVersion: 4.1\nRequires-Python: >=3.11.5\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert refused(["late", "numpy"], ["3.11.0", "3.12.0"]) == [
        ("late", ">=3.11.5", ["3.11.0"])
    ]


def uncapped(project):
    """Return the requirements of a project that allow any later major version."""
    asked = [project["dependencies"], *project["optional-dependencies"].values()]
    return [
        text
        for text in chain(*asked)
        if Requirement(text).specifier.contains("999", prereleases=True)
    ]


def test_no_later_major_version_is_allowed():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert uncapped(tomllib.loads(text)["project"]) == []


def test_a_requirement_without_a_cap_is_found():
    project = {
        "dependencies": ["numpy>=2,<3", "tqdm>=4"],
        "optional-dependencies": {"course": ["six"]},
    }
    assert uncapped(project) == ["tqdm>=4", "six"]


ANEW = """
import pathlib, shutil, sys
folder = pathlib.Path(sys.argv[1])
if not folder.exists() or pathlib.Path("broken").exists():
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "pyvenv.cfg").touch()
    pathlib.Path("broken").unlink(missing_ok=True)
"""


def test_make_installs_again_into_an_environment_made_anew(tmp_path):
    def installed():
        done = makefile(
            tmp_path, ".venv/book.stamp", f"PYTHON={sys.executable}", "PIP=echo pip"
        )
        assert done.returncode == 0, done.stderr
        return "pip install --quiet -r site/requirements.txt" in done.stdout

    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "environment.py").write_text(ANEW)
    assert [installed(), installed()] == [True, False]
    (tmp_path / "broken").touch()
    assert [installed(), installed()] == [True, False]
