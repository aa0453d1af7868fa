"""What Colab and VS Code save comes back whole."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.notebooks import UnreadableError, code_hash, write
from tools.restore import restore

INTRINSIC = "application/vnd.google.colaboratory.intrinsic+json"


@pytest.fixture
def path(tmp_path):
    """A notebook of the book, executed."""
    table = new_output("execute_result", {"text/html": "<b>1</b>"}, execution_count=2)
    about = {"mystnb": {"figure": {"caption": "Uma legenda"}}, "tags": ["timing"]}
    cells = [
        new_markdown_cell("# Título", id="title"),
        new_code_cell("1", id="setup", execution_count=1),
        new_code_cell("2", id="b", execution_count=2, outputs=[table], metadata=about),
    ]
    notebook = new_notebook(
        cells=cells,
        metadata={
            "hpocourse": {"language": "pt", "description": "Uma frase"},
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
    )
    notebook.metadata["hpocourse"]["executed"] = code_hash(notebook)
    path = tmp_path / "a.ipynb"
    write(path, notebook)
    return path


def colab(data):
    """What Colab makes of a notebook that it opens and saves."""
    data["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU"}
    for cell in data["cells"]:
        cell["metadata"] |= {"id": cell["id"], "colab": {"height": 81}}
        for output in cell.get("outputs", []):
            cell["metadata"]["outputId"] = "8c1d"
            output["data"][INTRINSIC] = {"type": "dataframe"}


def old_colab(data):
    """The same in format 4.0, where ids stand in the metadata alone."""
    colab(data)
    data["nbformat_minor"] = 0
    for cell in data["cells"]:
        del cell["id"]


def vscode(data):
    """What VS Code makes of it."""
    data["metadata"]["kernelspec"] = {
        "display_name": ".venv (3.12)", "language": "python", "name": "python3"
    }  # fmt: skip
    data["metadata"]["language_info"] |= {
        "version": "3.12.3",
        "nbconvert_exporter": "p",
    }
    data["metadata"]["vscode"] = {"interpreter": {"hash": "1f"}}
    for cell in data["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}


def old_format(data):
    """Format 4.4 with ids, as some programs leave it."""
    data["nbformat_minor"] = 4


def save(path, *changes):
    data = json.loads(path.read_text("utf-8"))
    for change in changes:
        change(data)
    path.write_text(json.dumps(data), "utf-8")


@pytest.mark.parametrize("editor", [colab, old_colab, vscode, old_format])
def test_saved_elsewhere_comes_back_byte_by_byte(path, editor):
    before = path.read_bytes()
    save(path, editor)
    assert path.read_bytes() != before
    assert write(path, restore(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize("editor", [colab, old_colab, vscode])
def test_what_was_written_elsewhere_is_kept(path, editor):
    def edit(data):
        data["cells"][0]["source"] = ["# Outro título"]
        data["cells"][2]["source"] = ["3"]

    save(path, edit, editor)
    notebook = restore(path)
    assert [cell.source for cell in notebook.cells] == ["# Outro título", "1", "3"]
    assert notebook.cells[2].metadata["tags"] == ["timing"]
    assert notebook.metadata["hpocourse"]["description"] == "Uma frase"


@pytest.mark.parametrize(
    "executed",
    [
        lambda cell: cell.update(execution_count=7),
        lambda cell: cell["metadata"].update(executionInfo={"elapsed": 3}),
    ],
    ids=["count", "time"],
)
def test_outputs_made_elsewhere_are_made_again(path, executed):
    save(path, colab, lambda data: executed(data["cells"][2]))
    assert "executed" not in restore(path).metadata["hpocourse"]


def test_cells_without_ids_are_named(path):
    def lose(data):
        del data["cells"][0]["metadata"]["id"]
        data["cells"][2]["metadata"]["id"] = "no id"

    save(path, old_colab, lose)
    before = path.read_bytes()
    with pytest.raises(UnreadableError, match=r"lost their ids: 1 \('# Título'\), 3"):
        restore(path)
    assert path.read_bytes() == before


def test_what_is_no_notebook_is_named(path):
    save(path, lambda data: data["cells"][2].pop("outputs"))
    with pytest.raises(UnreadableError, match="is not a valid notebook: 'outputs'"):
        restore(path)
