"""The address and the version stand in one place; all others follow."""

import shutil
import subprocess

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import address as command
from tools.address import parse, restamp, stragglers
from tools.notebooks import ROOT, read, write
from tools.setup_cell import repository, setup_source, version

FORK = "https://github.com/Somebody/hpo-fork"
README = """\
[![tests](https://github.com/{0}/actions/workflows/test.yml/badge.svg)](…)
[![Colab](https://…)](https://colab.research.google.com/github/{0}/blob/v{1}/a.ipynb)
![version](https://img.shields.io/github/v/release/{0}) <https://{2}>
git clone git@github.com:{0}.git
https://github.com/{0}-data stays.
"""


@pytest.fixture
def checkout(tmp_path):
    for name in ("pyproject.toml", "hpocourse/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    owner, name = parse(repository())
    text = README.format(f"{owner}/{name}", "0.0.9", f"{owner}.github.io/{name}")
    (tmp_path / "README.md").write_text(text, "utf-8")
    (tmp_path / "CITATION.cff").write_text(
        f"repository-code: {repository()}\nversion: 0.0.9\n", "utf-8"
    )
    (tmp_path / "book" / "es").mkdir(parents=True)
    link = f"[código]({repository()}/blob/v0.0.9/x.py)"
    cells = [
        new_code_cell("old", id="setup"),
        new_markdown_cell(link, id="text"),
    ]
    write(tmp_path / "book" / "es" / "a.ipynb", new_notebook(cells=cells))
    return tmp_path


def test_address_is_rewritten_everywhere(checkout):
    changed = restamp(f"{FORK}.git/", checkout)
    names = [path.relative_to(checkout).as_posix() for path in changed]
    assert sorted(names) == [
        "CITATION.cff",
        "README.md",
        "book/es/a.ipynb",
        "pyproject.toml",
    ]
    assert repository(checkout) == FORK
    owner, name = parse(repository())
    # In the address of the pages, GitHub writes the owner in small letters.
    fork = README.format("Somebody/hpo-fork", version(), "somebody.github.io/hpo-fork")
    fork = fork.replace("Somebody/hpo-fork-data", f"{owner}/{name}-data")
    assert (checkout / "README.md").read_text("utf-8") == fork
    setup, text = read(checkout / "book" / "es" / "a.ipynb").cells
    assert setup.source == setup_source("es", checkout)
    assert f"{FORK}/releases/download/v{version()}" in setup.source
    assert text.source == f"[código]({FORK}/blob/v{version()}/x.py)"
    citation = (checkout / "CITATION.cff").read_text("utf-8")
    assert citation == f"repository-code: {FORK}\nversion: {version()}\n"
    assert restamp(None, checkout) == []


def test_a_fork_of_a_fork_changes_the_pages_again(checkout):
    restamp(FORK, checkout)
    restamp("https://github.com/other/course", checkout)
    text = (checkout / "README.md").read_text("utf-8")
    assert "<https://other.github.io/course>" in text
    assert "omebody" not in text


def test_new_version_is_stamped(checkout):
    restamp(None, checkout)
    init = checkout / "hpocourse" / "__init__.py"
    init.write_text(init.read_text("utf-8").replace(version(), "9.8.7"), "utf-8")
    restamp(None, checkout)
    setup, text = read(checkout / "book" / "es" / "a.ipynb").cells
    assert "/v9.8.7" in setup.source
    assert "hpocourse-9.8.7-py3" in setup.source
    assert "/blob/v9.8.7/" in text.source
    assert "version: 9.8.7" in (checkout / "CITATION.cff").read_text("utf-8")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hpocourse",
        "http://github.com/a/b",
        "https://gitlab.com/a/b",
        "https://github.com/a",
        "https://github.com/a/b/tree/main",
        "https://github.com/a b/c",
    ],
)
def test_other_addresses_are_refused(address):
    with pytest.raises(ValueError, match="OWNER/REPOSITORY"):
        parse(address)


def test_refused_address_changes_nothing(checkout, monkeypatch, capsys):
    before = (checkout / "README.md").read_bytes()
    monkeypatch.setattr(command, "restamp", lambda url: restamp(url, checkout))
    with pytest.raises(SystemExit):
        command.main(["https://gitlab.com/a/b"])
    assert "'https://gitlab.com/a/b'" in capsys.readouterr().err
    assert (checkout / "README.md").read_bytes() == before


def test_stragglers_are_found(checkout):
    subprocess.run(["git", "init", "-q"], cwd=checkout, check=True)
    (checkout / "notes.txt").write_text(f"see\n{repository()}/issues\n", "utf-8")
    (checkout / "untracked.txt").write_text(repository(), "utf-8")
    names = ["notes.txt", "README.md", "pyproject.toml", "book/es/a.ipynb"]
    subprocess.run(["git", "add", *names], cwd=checkout, check=True)
    assert stragglers(checkout) == [f"notes.txt:2: {repository()}/issues"]


def test_the_repository_has_no_stragglers():
    assert stragglers() == []
