"""Notebooks are found in reading order; the setup cell has one template."""

import re
import subprocess
import sys

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.v4 import new_code_cell, new_notebook

from hpocourse.languages import LANGUAGES
from tools.notebooks import (
    code_hash,
    find_notebooks,
    folder_of,
    repository,
    setup_source,
    version,
    write,
)

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: Português
    chapters:
      - file: book/pt/index
        sections: [{file: book/pt/b}, {file: book/pt/a}]
"""


def test_reading_order(tmp_path):
    for name in ("pt/a", "pt/b", "pt/index", "pt/draft", "es/a", "pt/.x/c"):
        path = tmp_path / "book" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, new_notebook())
    (tmp_path / "book/pt/.x").rename(tmp_path / "book/pt/.ipynb_checkpoints")
    assert [path.stem for path in find_notebooks("pt-BR", tmp_path)] == [
        *("a", "b", "draft", "index")
    ]
    (tmp_path / "_toc.yml").write_text(TOC, "utf-8")
    paths = [
        path.relative_to(tmp_path / "book") for path in find_notebooks(None, tmp_path)
    ]
    assert [path.with_suffix("").as_posix() for path in paths] == [
        *("pt/index", "pt/b", "pt/a", "pt/draft", "es/a")
    ]


def test_notebook_outside_of_the_languages(tmp_path):
    with pytest.raises(ValueError, match="move it under one of book/es, book/pt"):
        folder_of(tmp_path / "a.ipynb")


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


def test_new_setup_cell_calls_for_no_execution():
    notebook = new_notebook(
        cells=[new_code_cell("v1", id="setup"), new_code_cell("x", id="code")]
    )
    before = code_hash(notebook)
    notebook.cells[0].source = "v2"
    assert code_hash(notebook) == before
    notebook.cells[1].source = "y"
    assert code_hash(notebook) != before
