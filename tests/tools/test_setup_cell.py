"""The setup cell's template: what it asks, installs and says."""

import re
import subprocess
import sys

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from hpocourse.languages import LANGUAGES
from tools.setup_cell import repository, setup_source, version


@pytest.mark.parametrize("language", [each.folder for each in LANGUAGES])
def test_setup_cell(language):
    source = setup_source(language)
    compile(TransformerManager().transform_cell(source), "setup", "exec")
    assert f"{repository()}/releases/download/v{version()}" in source
    assert f"hpocourse-{version()}-py3-none-any.whl" in source
    assert source.endswith(f'hpocourse.set_language("{language}")')
    assert setup_source(language.upper()) == source


@pytest.mark.parametrize("kind", ["nothing", "folder", "clone", "package"])
def test_folder_called_hpocourse_is_not_the_package(tmp_path, kind):
    """A clone in the working folder holds the package one level further down."""
    found = re.search(r"^if (.+):$", setup_source("pt"), re.MULTILINE)
    package = tmp_path / "hpocourse"
    if kind != "nothing":
        package.mkdir()
    if kind == "clone":
        package = package / "hpocourse"
        package.mkdir()
    if kind in {"clone", "package"}:
        (package / "__init__.py").touch()
    # -I -S: without the package that is installed here.
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from importlib.util import find_spec
print({found[1]})
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True
    )
    assert done.stdout == f"{kind != 'package'}\n", done.stderr
