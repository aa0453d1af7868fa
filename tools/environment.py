"""Set up the virtual environment: ``python tools/environment.py .venv [--same]``.

One that works is left alone. One of a Python that is too old, moved to another
folder or broken is made anew, and with ``--same`` also one of another version than
the Python that runs this. Only what Python 3.6 has is used here, so that an old one
can say that it is too old.
"""

import importlib.util
import os
import re
import subprocess
import sys

__all__ = ["main", "needed", "newest", "prepare", "what_is_wrong"]

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What an environment's Python says of itself: its version, and whether pip is there.
ASK = (
    "import sys, importlib.util as util; "
    "print('%d.%d.%d' % sys.version_info[:3], util.find_spec('pip') is not None)"
)


def needed() -> tuple:
    """Return the oldest Python that will do, as stated in ``pyproject.toml``."""
    with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as file:
        found = re.search(r'^requires-python = ">=(\d+)\.(\d+)', file.read(), re.M)
    if found is None:
        raise ValueError('pyproject.toml lacks a line requires-python = ">=3.…"')
    return int(found.group(1)), int(found.group(2))


def newest() -> tuple:
    """Return the newest Python that ``pyproject.toml`` names: the last one tried."""
    with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as file:
        found = re.findall(
            r'"Programming Language :: Python :: (3)\.(\d+)"', file.read()
        )
    return max((int(major), int(minor)) for major, minor in found)


def dotted(version: tuple) -> str:
    """Return a version as it is written."""
    return ".".join(str(part) for part in version)


def what_is_wrong(folder: str, wanted: str = "") -> str:
    """Say why an environment has to be made anew.

    Parameters
    ----------
    folder : str
        The environment's folder.
    wanted : str, optional
        The version it has to be of, ``"3.12.1"``; any that the course can use if
        empty.

    Returns
    -------
    str
        The reason, to follow "because"; empty if there is none.
    """
    program = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    try:
        said = subprocess.check_output(
            [os.path.join(folder, program), "-c", ASK], stderr=subprocess.STDOUT
        )
    except (OSError, subprocess.CalledProcessError):
        return "its Python does not start"
    version, pip = said.decode().split()
    if tuple(int(part) for part in version.split(".")[:2]) < needed():
        return f"it is of Python {version}"
    if wanted and version != wanted:
        return f"it is of Python {version} and not {wanted}"
    if pip == "False":
        return "it has no pip"
    with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8") as file:
        made = re.search(r"^command = .* -m venv (.+)$", file.read(), re.M)
    if made and not made.group(1).endswith(os.path.abspath(folder)):
        return "it was made for another folder"
    return ""


def create(folder: str) -> None:
    """Make an environment anew, whatever is in its folder.

    Raises
    ------
    SystemExit
        If this Python lacks what it takes, or fails to.
    """
    here = f"Python {dotted(sys.version_info[:3])} ({sys.executable})"
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            f"{here} cannot set up an environment: it has no ensurepip. On Debian and "
            f"Ubuntu: sudo apt-get install python{sys.version_info[0]}."
            f"{sys.version_info[1]}-venv"
        )
    if subprocess.call([sys.executable, "-m", "venv", "--clear", folder]):
        sys.exit(f"{here} could not set up {folder}: see above")


def prepare(folder: str, same: bool = False) -> None:
    """Make an environment, or make it anew if something is wrong with it.

    Parameters
    ----------
    folder : str
        Where it is, or will be.
    same : bool, optional
        Whether it has to be of this very version of Python.

    Raises
    ------
    SystemExit
        If this Python is too old or lacks what it takes, or if the folder holds
        something else.
    """
    version = sys.version_info[:3]
    there = os.path.exists(os.path.join(folder, "pyvenv.cfg"))
    if not there and os.path.isdir(folder) and os.listdir(folder):
        sys.exit(
            f"{folder} is not a virtual environment (it has no pyvenv.cfg): move it "
            "away, or name another folder with VENV=…"
        )
    wrong = what_is_wrong(folder, dotted(version) if same else "") if there else ""
    if there and not wrong:
        return
    if version < needed():
        sys.exit(
            f"hpocourse needs Python {dotted(needed())} or newer, and "
            f"{sys.executable} is Python {dotted(version)}: name a newer one, for "
            "example: make book PYTHON=python3.12"
        )
    if version[:2] > newest():
        sys.stderr.write(
            f"Python {dotted(version)} is newer than those that are tried, up to "
            f"{dotted(newest())}: if packages cannot be installed, "
            f"make book PYTHON=python{dotted(newest())}\n"
        )
    if wrong:
        sys.stderr.write(f"{folder} is made anew: {wrong}.\n")
    create(folder)


def main(arguments: list) -> int:
    """Run the command line."""
    folders = [each for each in arguments if each != "--same"]
    if len(folders) != 1:
        sys.exit("usage: python tools/environment.py FOLDER [--same]")
    prepare(folders[0], same="--same" in arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
