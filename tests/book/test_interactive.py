"""The interactive figure appears where plotly is; elsewhere nothing breaks."""

import sys
from types import ModuleType

import pandas as pd
import pytest

from hpocourse import make_arithmetic
from hpocourse.languages import LANGUAGES
from tools.notebooks import ROOT, code_cells, read

every_language = pytest.mark.parametrize("language", [x.folder for x in LANGUAGES])


def run_cell(language):
    """Run the figure's cell on the data that the chapter has by then."""
    path = ROOT / "book" / language / "arithmetic-network.ipynb"
    (cell,) = [cell for cell in code_cells(read(path)) if cell.id == "interactive"]
    arithmetic = make_arithmetic(10_000)
    frame = pd.DataFrame(arithmetic.X_train, columns=arithmetic.feature_names)
    frame["result"] = arithmetic.y_train
    operations = list(arithmetic.feature_names[2:])
    exec(cell.source, {"frame": frame, "operations": operations})


@every_language
def test_without_plotly_a_sentence_stands_in_its_place(language, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "plotly", None)
    run_cell(language)
    assert "Colab" in capsys.readouterr().out


@every_language
def test_with_plotly_each_operation_has_its_points(language, monkeypatch, capsys):
    shown = []

    class Figure:
        def __init__(self, data, x, y, color, hover_data, **margins):
            self.points = data[[x, y, *hover_data]].assign(operation=color)

        def show(self):
            shown.append(self.points)

    express = ModuleType("plotly.express")
    express.scatter = Figure
    monkeypatch.setitem(sys.modules, "plotly", ModuleType("plotly"))
    monkeypatch.setitem(sys.modules, "plotly.express", express)
    run_cell(language)
    assert capsys.readouterr().out == ""
    (points,) = shown
    quotients = points[points["operation"] == "divide"]
    assert (quotients["result"] - quotients["a"] / quotients["b"]).abs().max() < 1e-9
    assert set(points["operation"]) == {"add", "subtract", "multiply", "divide"}
