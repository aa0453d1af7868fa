import copy
import json

import nbformat
import pytest

from hpocourse.grading._submission import check_cells, read_cells, rebuild
from hpocourse.grading._uploads import Refused


def data_of(notebook):
    return nbformat.writes(notebook).encode()


@pytest.fixture
def handed_in(released):
    """Return a copy of the released notebook, and a function that finds its cells."""
    notebook = copy.deepcopy(released)
    return notebook, {cell.id: cell for cell in notebook.cells}


def taken(notebook, released):
    cells = read_cells(data_of(notebook))
    check_cells(cells, released)
    return rebuild(cells, released)


def test_answers_are_taken_and_all_else_is_put_back(handed_in, released):
    notebook, cells = handed_in
    cells["answer-1"].source = "def double(x):\n    return x + x"
    cells["check-1"].source = "pass"
    cells["check-2"].metadata["nbgrader"].update(points=99, grade=False, locked=False)
    cells["task-1"].source += "\n\nmy notes"
    notebook.cells.insert(2, nbformat.v4.new_code_cell("helper = 1"))
    made, changed = taken(notebook, released)
    assert changed == ["task-1", "check-1"]
    by_id = {cell.id: cell for cell in made.cells}
    given = {cell.id: cell for cell in released.cells}
    assert by_id["answer-1"].source == "def double(x):\n    return x + x"
    assert by_id["check-1"] == given["check-1"]
    assert by_id["check-2"] == given["check-2"]
    assert by_id["extra-2"].source == "helper = 1"
    nbformat.validate(made)


def test_colab_s_and_vs_code_s_files_are_taken(handed_in, released):
    notebook, cells = handed_in
    cells["answer-1"].source = "double = lambda x: 2 * x"
    data = json.loads(nbformat.writes(notebook))
    data["nbformat_minor"] = 0
    data["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    for cell in data["cells"]:
        del cell["id"]
        cell["metadata"] |= {"id": "Zx1", "colab": {"base_uri": "https://x"}}
        cell["surprise"] = True
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"strange": 1}]
    made, changed = rebuild(read_cells(json.dumps(data).encode()), released)
    assert changed == []
    assert [cell.id for cell in made.cells] == [cell.id for cell in released.cells]
    nbformat.validate(made)


def test_an_instructor_s_notebook_may_have_cells_that_nbgrader_does_not_know(released):
    own = copy.deepcopy(released)
    own.cells.insert(1, nbformat.v4.new_code_cell("import os"))
    made, changed = taken(copy.deepcopy(own), own)
    assert (made.cells[1].source, changed) == ("import os", [])
    assert len(made.cells) == len(own.cells)


def strip(notebook):
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader")


def delete(notebook):
    del notebook.cells[4]


def double(notebook):
    notebook.cells.insert(4, copy.deepcopy(notebook.cells[4]))


def foreign(notebook):
    for cell in notebook.cells:
        if cell.metadata.nbgrader.locked:
            cell.source = f"# Валидация: {cell.id}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (strip, "stripped"),
        (delete, "missing.*check-1"),
        (double, "more than one cell: check-1"),
        (foreign, "another notebook.*Валидация: opening"),
    ],
)
def test_refused_cells(handed_in, released, change, reason):
    notebook, _cells = handed_in
    change(notebook)
    data = json.dumps(notebook).encode()
    with pytest.raises(Refused, match=reason):
        check_cells(read_cells(data), released)


def test_a_deleted_or_doubled_text_is_no_fault(handed_in, released):
    notebook, _cells = handed_in
    notebook.cells[2] = copy.deepcopy(notebook.cells[0])
    cells = read_cells(json.dumps(notebook).encode())
    check_cells(cells, released)
    made, changed = rebuild(cells, released)
    assert changed == []
    assert [cell.id for cell in made.cells[:3]] == ["opening", "imports", "extra-2"]
    assert "nbgrader" not in made.cells[2].metadata


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"cells": [\n{"cell_type": "code", "sou', "at line 2"),
        (b"", "at line 1"),
        (b"\x00\xff\xfe", "no text"),
        (b"[" * 100_000, "damaged"),
        (b'{"nbformat": ' + b"9" * 5000 + b"}", "damaged"),
        (
            b'{"nbformat": 4, "cells": [{"cell_type": "raw", "source": "\\ud800"}]}',
            "cells are damaged",
        ),
        (b"[]", "format 4"),
        (b'{"nbformat": 3, "worksheets": []}', "format 4"),
        (b'{"nbformat": 4}', "cells are damaged"),
        (b'{"nbformat": 4, "cells": [7]}', "cells are damaged"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "cells are damaged"),
        (
            b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", '
            b'"metadata": {"nbgrader": {"grade_id": [1]}}}]}',
            "cells are damaged",
        ),
        (
            b'{"nbformat": 4, "cells": [{"cell_type": "heading", "source": ""}]}',
            "cells are damaged",
        ),
    ],
)
def test_what_is_no_notebook(data, reason):
    with pytest.raises(Refused, match=reason):
        read_cells(data)
