"""Cells whose text another processor changes are found, and named once accepted."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import prove as command
from tools.differs import read_accepted
from tools.notebooks import code_cells, find_notebooks, read, write
from tools.prove import GUISES, Guise, prove
from tools.reproducible import environment

STORED = Guise("as stored")
SEED = Guise("hash seed 1", {"PYTHONHASHSEED": "1"})
UNSET = Guise("no threads set", {"OMP_NUM_THREADS": None})
SEEN = "import os\nos.environ.get('{}')"


def save(folder, **cells):
    """Write a chapter, each cell given by its source and the text stored of it."""
    notebook = new_notebook()
    for count, (name, (source, text)) in enumerate(cells.items(), start=1):
        output = new_output(
            "execute_result", {"text/plain": text}, execution_count=count
        )
        notebook.cells.append(
            new_code_cell(
                source, id=name, outputs=[output] if text else [], execution_count=count
            )
        )
    path = folder / "chapter.ipynb"
    write(path, notebook)
    return path


def test_trees_whose_keys_come_in_another_order_are_the_same(tmp_path, capsys):
    path = save(tmp_path, tree=("show({'b': 1, 'a': 2})", ""))
    notebook = read(path)
    notebook.cells[-1].source = (
        "from IPython.display import display\n"
        "display({'application/json': {'b': 1, 'a': 2}}, raw=True)"
    )
    notebook.cells[-1].outputs = [
        new_output("display_data", {"application/json": {"a": 2, "b": 1}})
    ]
    write(path, notebook)
    assert prove([path], (STORED,), {}) == 0
    notebook.cells[-1].outputs[0].data["application/json"]["a"] = 3
    write(path, notebook)
    assert prove([path], (STORED,), {}) == 1
    assert "chapter:tree differs" in capsys.readouterr().out


@pytest.fixture
def chapter(tmp_path):
    return save(
        tmp_path,
        same=("1 + 1", "2"),
        seed=(SEEN.format("PYTHONHASHSEED"), "'0'"),
        threads=("os.environ.get('OMP_NUM_THREADS', 'own')", "'1'"),
    )


def test_cell_that_differs_is_found(chapter, capsys):
    before = chapter.read_bytes()
    assert prove([chapter], (STORED, SEED, UNSET), {}) == 1
    said = capsys.readouterr().out
    assert "chapter:seed differs\n  under hash seed 1:\n    -'0'\n    +'1'\n" in said
    assert (
        "chapter:threads differs\n  under no threads set:\n    -'1'\n    +'own'\n"
        in said
    )
    assert "chapter:same" not in said
    assert "as stored" not in said
    assert "1 notebooks under 3 guises: 0 failures, 2 cells differ, 0 of them" in said
    assert "book/differs.yml" in said
    assert chapter.read_bytes() == before


def test_nothing_differs(chapter, capsys):
    assert prove([chapter], (STORED,), {}) == 0
    assert "0 cells differ" in capsys.readouterr().out


def test_accepted_cell_passes_with_its_reason(chapter, capsys):
    reasons = {"chapter:seed": "the seed itself", "other:cell": "elsewhere"}
    assert prove([chapter], (STORED, SEED), reasons) == 0
    said = capsys.readouterr().out
    assert "chapter:seed differs (accepted: the seed itself)" in said
    assert "1 cells differ, 1 of them accepted" in said
    assert "other:cell" not in said  # its chapter was not executed


@pytest.mark.slow
def test_stale_entries_are_named(chapter, capsys):
    assert prove([chapter], (STORED,), {"chapter:seed": "the seed itself"}) == 0
    assert "chapter:seed is accepted but did not differ" in capsys.readouterr().out
    assert prove([chapter], (STORED,), {"chapter:gone": "it was renamed"}) == 1
    assert "chapter:gone is accepted but does not exist" in capsys.readouterr().out


@pytest.mark.slow
def test_a_failure_is_never_accepted(tmp_path, capsys):
    path = save(
        tmp_path,
        holds=("import os\nassert os.environ['PYTHONHASHSEED'] == '0', 'less'", ""),
        after=("3", "4"),
    )
    assert prove([path], (STORED, SEED), {"chapter:holds": "no", "chapter:after": "no"})
    said = capsys.readouterr().out
    assert "chapter: cell holds: AssertionError: less" in said
    assert "under hash seed 1" in said
    # What was not executed is not compared.
    assert "chapter:after differs (accepted: no)\n  under as stored:" in said


@pytest.mark.slow
def test_a_kernel_that_dies_is_a_failure(tmp_path, capsys):
    path = save(tmp_path, dies=("import os\nos._exit(1)", "1"))
    assert prove([path], (STORED,), {}) == 1
    assert "chapter: the kernel died" in capsys.readouterr().out


def test_ignored_output_is_not_compared(chapter):
    notebook = read(chapter)
    (seed,) = (cell for cell in code_cells(notebook) if cell.id == "seed")
    seed.metadata["tags"] = ["nbval-ignore-output"]
    write(chapter, notebook)
    assert prove([chapter], (SEED,), {}) == 0


@pytest.mark.slow
def test_guise_that_the_processor_cannot_take(chapter, monkeypatch, capsys):
    guise = Guise("the next processor", {"PYTHONHASHSEED": "1"}, "avx4096")
    assert prove([chapter], (STORED, guise), {}) == 0
    said = capsys.readouterr().out
    assert "not possible here: the next processor (the processor lacks avx4096)" in said
    assert "under 1 guises" in said
    monkeypatch.setattr(command, "processor_flags", lambda: {"avx2", "avx4096"})
    assert prove([chapter], (STORED, guise), {}) == 1


def test_guises_change_what_is_pinned():
    pinned = environment("x86_64", "2.4.6")
    assert GUISES[0].changes == {}
    for guise in GUISES[1:]:
        assert set(guise.changes) <= set(pinned), guise.name
        assert all(pinned[name] != to for name, to in guise.changes.items())
    assert len({guise.name for guise in GUISES}) == len(GUISES) >= 6


def test_every_accepted_cell_exists_and_has_a_reason():
    cells = {
        f"{path.stem}:{cell.id}"
        for path in find_notebooks("pt")
        for cell in code_cells(read(path))
    }
    assert set(read_accepted()) <= cells


def test_what_only_other_settings_change_is_compared_all_the_same(tmp_path):
    path = tmp_path / "differs.yml"
    path.write_text("a:one: why\na:two: {pinned: other kernels}\n", "utf-8")
    assert read_accepted(path) == {"a:one": "why", "a:two": "other kernels"}
    assert read_accepted(path, pinned=False) == {"a:one": "why"}


@pytest.mark.parametrize(
    "entry",
    [
        "chapter:cell:",
        "chapter:cell: 3",
        "cell: why",
        "chapter:cell: {pinned: }",
        "chapter:cell: {elsewhere: why}",
    ],
)
def test_accepted_list_with_an_entry_that_says_nothing(tmp_path, entry):
    (tmp_path / "differs.yml").write_text(f"{entry}\n", "utf-8")
    with pytest.raises(ValueError, match="write `chapter:cell-id: the reason"):
        read_accepted(tmp_path / "differs.yml")


def test_command_line(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(command, "prove", lambda paths: asked.append(paths) or 0)
    assert command.main([]) == 0
    assert command.main(["es", "--chapter", "optuna"]) == 0
    assert asked[0] == find_notebooks("pt")
    assert [path.parts[-2:] for path in asked[1]] == [("es", "optuna.ipynb")]
    with pytest.raises(SystemExit):
        command.main(["--chapter", "nowhere"])
    assert "no such chapter: nowhere" in capsys.readouterr().err
