"""The command that the kinds of copies share."""

import subprocess

import pytest

from hpocourse.languages import LANGUAGES, Language
from tools import copies
from tools.notebooks import ROOT


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs the command where the build ends so or so."""

    def run_with(built, *arguments):
        monkeypatch.setattr(copies, "build", lambda folders: built)
        monkeypatch.setattr("sys.argv", ["copies", *arguments])
        made = []

        def make(languages):
            for language in languages:
                made.append(language.folder)
                yield ROOT / "README.md", "2 pages, "

        return copies.run("tools.some", "Make some.", make), made

    return run_with


def test_each_language_is_made_and_told(run, capsys):
    assert run(True, "ru", "pt") == (0, ["ru", "pt"])
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert first.startswith("README.md  (2 pages, 0.0 MB)")


def test_nothing_is_made_of_a_book_with_faults(run, capsys):
    assert run(False, "es") == (1, [])
    assert capsys.readouterr().out == ""


def test_every_language_of_the_registry_is_made_where_none_is_named(run, monkeypatch):
    assert run(True) == (0, [each.folder for each in LANGUAGES])
    fourth = Language("xx", "xx", "xx", "Xish")
    monkeypatch.setattr(copies, "LANGUAGES", (*LANGUAGES, fourth))
    assert run(True)[1][-1] == "xx"


@pytest.mark.parametrize("kind", ["offline", "pdf", "epub"])
def test_make_names_no_language_of_its_own(kind):
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    command = done.stdout.rstrip().splitlines()[-1]
    assert command.split()[-2:] == ["-m", f"tools.{kind}"]


def test_a_language_that_is_not_there_is_told(run, capsys):
    with pytest.raises(SystemExit):
        run(True, "xx")
    assert "unknown language 'xx'; use one of 'pt'" in capsys.readouterr().err
