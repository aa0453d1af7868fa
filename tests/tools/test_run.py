"""Notebooks are executed in place, and a second time changes nothing."""

import io
import threading
from base64 import b64decode

import pytest
from jupyter_client.channels import HBChannel
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from tools import run as command
from tools.notebooks import code_hash, read, write
from tools.run import is_stale, run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    # What run() sets for its kernels must not outlive the test.
    for name in (*command.ENVIRONMENT, "PYTHONPATH"):
        monkeypatch.setenv(name, "")
    folder = tmp_path / "book" / "pt"
    folder.mkdir(parents=True)
    return folder


def save(path, *sources, tags=()):
    cells = [new_markdown_cell("# Título", id="title")]
    cells += [
        new_code_cell(source, id=f"cell-{i}", metadata={"tags": list(tags)})
        for i, source in enumerate(sources)
    ]
    write(path, new_notebook(cells=cells, metadata={"widgets": {}, "colab": {}}))
    return path


def test_second_run_changes_nothing_but_timings(folder, capsys):
    same = save(folder / "same.ipynb", "print('a')\nprint('b')", "import os\n{'x': 1}")
    timing = save(
        folder / "timing.ipynb", "import time\ntime.perf_counter()", tags=["timing"]
    )
    assert run([same, timing]) == 0
    notebook = read(same)
    assert notebook.metadata["hpocourse"]["executed"] == code_hash(notebook)
    assert set(notebook.metadata) == {"hpocourse", "kernelspec", "language_info"}
    assert notebook.metadata["language_info"] == {"name": "python"}
    first, second = notebook.cells[1:]
    assert (first.execution_count, second.execution_count) == (1, 2)
    assert len(first.outputs) == 1  # one stream, however it arrived
    assert first.outputs[0].text == "a\nb\n"
    assert "execution" not in first.metadata

    kept, times = same.read_bytes(), timing.read_bytes()
    capsys.readouterr()
    assert run([same, timing]) == 0
    assert "No notebook's code changed" in capsys.readouterr().out
    assert run([same, timing], everything=True) == 0
    assert same.read_bytes() == kept
    assert timing.read_bytes() != times

    changed = read(same)
    changed.cells[1].source = "print('c')"
    assert is_stale(changed)


def test_figures_are_drawn_for_sharp_screens(folder):
    path = save(
        folder / "drawn.ipynb",
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(2, 1), dpi=100)\n"
        "plt.imshow([[1, 2], [3, 4]])\nplt.show()",
    )
    assert run([path]) == 0
    (output,) = read(path).cells[1].outputs
    shown = output.metadata["image/png"]
    with Image.open(io.BytesIO(b64decode(output.data["image/png"]))) as image:
        assert image.mode == "P"
        assert (image.width // 2, image.height // 2) == (shown.width, shown.height)
    assert shown.width > 50
    drawing = output.data["image/svg+xml"]
    assert f'width="{shown.width}" height="{shown.height}"' in drawing
    assert output.data["text/plain"] == "<Figure size 200x100 with 1 Axes>"


def test_failing_notebook_is_left_untouched(folder, monkeypatch, capsys):
    bad = save(folder / "bad.ipynb", "x = 0\nx", "print('before')\n1 / x")
    good = save(
        folder / "good.ipynb",
        "from pathlib import Path\nPath('left.txt').write_text('x')",
        "import os\nos.environ['OMP_NUM_THREADS']",
    )
    before = read(bad).cells
    monkeypatch.setattr(command, "SLOW", 0.0)
    assert run([bad, good]) == 1
    assert read(bad).cells == before
    said = capsys.readouterr()
    assert "bad.ipynb: cell cell-1: ZeroDivisionError: division by zero" in said.err
    assert "1 / x" in said.err
    assert "left.txt was left behind" in said.err
    assert "(over 0 s)" in said.out
    # The other notebook is kept, and has seen the environment of the book.
    assert read(good).cells[2].outputs[0].data["text/plain"] == "'1'"


def test_notebook_without_ids_stops_the_run(folder, capsys):
    good = save(folder / "good.ipynb", "1 + 1")
    bad = folder / "bad.ipynb"
    bad.write_text(good.read_text("utf-8").replace('"id": "cell-0",', ""), "utf-8")
    before = bad.read_bytes()
    assert run([bad, good]) == 1
    assert "bad.ipynb: these cells have lost their ids: 2 ('1 + 1')" in (
        capsys.readouterr().err
    )
    assert bad.read_bytes() == before
    assert is_stale(read(good))  # not executed, and in the one format all the same


def test_unknown_notebook(capsys):
    with pytest.raises(SystemExit):
        command.main(["nowhere.ipynb"])
    assert "no such notebook: nowhere.ipynb" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("source", ["1", "1 / 0", "import os\nos._exit(1)"])
def test_no_client_asks_a_kernel_that_has_ended_for_signs_of_life(folder, source):
    # The port may be another kernel's by then, which writes the question into a cell.
    run([save(folder / "ended.ipynb", source)])
    assert [t for t in threading.enumerate() if isinstance(t, HBChannel)] == []
