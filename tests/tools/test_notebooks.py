"""Notebooks are found in reading order; what counts as their code."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools.notebooks import code_hash, find_notebooks, folder_of, write

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
    with pytest.raises(ValueError, match=r"move it under one of book/.*\bbook/pt\b"):
        folder_of(tmp_path / "a.ipynb")


def test_new_setup_cell_calls_for_no_execution():
    notebook = new_notebook(
        cells=[new_code_cell("v1", id="setup"), new_code_cell("x", id="code")]
    )
    before = code_hash(notebook)
    notebook.cells[0].source = "v2"
    assert code_hash(notebook) == before
    notebook.cells[1].source = "y"
    assert code_hash(notebook) != before
