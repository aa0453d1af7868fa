"""The setup cell: one template, filled with what the repository states once."""

import re
import tomllib
from pathlib import Path

from hpocourse.languages import get_language
from tools.notebooks import ROOT
from tools.wording import wording

__all__ = ["repository", "setup_source", "version"]

# A mere folder called hpocourse, as a clone leaves behind, has no origin. What
# pip would say of its own newer version stays out of the page.
SETUP = """\
# {comment}
from importlib.util import find_spec

if getattr(find_spec("hpocourse"), "origin", None) is None:
    release = "{address}/releases/download/v{version}"
    wheel = f"{{release}}/hpocourse-{version}-py3-none-any.whl"
    %pip install -qq "hpocourse[course] @ {{wheel}}"

import hpocourse

hpocourse.set_language("{language}")"""


def repository(root: Path = ROOT) -> str:
    """Return the address of the repository, stated once in ``pyproject.toml``."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return project["urls"]["Repository"]


def version(root: Path = ROOT) -> str:
    """Return the version, stated once in ``hpocourse/__init__.py``."""
    source = (root / "hpocourse" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    if found is None:
        raise ValueError('hpocourse/__init__.py lacks a line __version__ = "…"')
    return found[1]


def setup_source(language: str, root: Path = ROOT) -> str:
    """Return the source that a notebook's setup cell must have."""
    folder = get_language(language).folder
    return SETUP.format(
        comment=wording(folder).setup_comment,
        address=repository(root),
        version=version(root),
        language=folder,
    )
