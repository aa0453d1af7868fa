"""The interactive figure: plotly draws it, or the site where plotly is missing."""

import json
import sys
from types import ModuleType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from hpocourse import make_arithmetic
from hpocourse.languages import LANGUAGES
from tools.notebooks import ROOT, code_cells, read

every_language = pytest.mark.parametrize("language", [x.folder for x in LANGUAGES])
MIME = "application/vnd.plotly.v1+json"
TITLES = ["one", "two", "three", "four"]


def cells(language):
    path = ROOT / "book" / language / "arithmetic-network.ipynb"
    return {cell.id: cell for cell in code_cells(read(path))}


def run_cells(language, display=None):
    """Run the figure's cells on the data that the chapter has by then."""
    arithmetic = make_arithmetic(10_000)
    frame = pd.DataFrame(arithmetic.X_train, columns=arithmetic.feature_names)
    frame["result"] = arithmetic.y_train
    names = {
        "np": np,
        "pd": pd,
        "plt": plt,
        "display": display,
        "frame": frame,
        "operations": list(arithmetic.feature_names[2:]),
        "panel_titles": TITLES,
    }
    with plt.style.context("hpocourse.course"):
        for name in ("interactive-counts", "interactive"):
            exec(cells(language)[name].source, names)


def faults(figure):
    """Return what is wrong with a figure of 1500 examples of each operation."""
    found = []
    if len(figure["data"]) != 3 * 4:
        found.append(f"{len(figure['data'])} lines")
    for trace in figure["data"]:
        if sum(trace["y"]) != 1500:
            found.append(f"{trace['name']}, {trace['xaxis']}: {sum(trace['y'])}")
        if f"{trace['xaxis'][0]}axis{trace['xaxis'][1:]}" not in figure["layout"]:
            found.append(f"no axis {trace['xaxis']}")
    if (size := len(json.dumps(figure))) > 8_000:
        found.append(f"{size} bytes")
    return found


@every_language
def test_without_plotly_a_figure_is_put_out_for_the_site(language, monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    shown = []
    run_cells(language, lambda bundle, raw: shown.append(bundle))
    (bundle,) = shown
    assert set(bundle) == {MIME, "text/plain"}
    assert "Colab" in bundle["text/plain"]
    assert faults(bundle[MIME]) == []
    # What is stored is this figure, with the words of the language.
    (output,) = cells(language)["interactive"].outputs
    stored = output["data"][MIME]
    assert [each["y"] for each in stored["data"]] == [
        each["y"] for each in bundle[MIME]["data"]
    ]
    assert stored["layout"] == bundle[MIME]["layout"]
    assert "Colab" in output["data"]["text/plain"]


@every_language
def test_with_plotly_it_draws_the_same(language, monkeypatch, capsys):
    shown = []

    class Figure:
        def __init__(self, figure):
            self.figure = figure

        def show(self):
            shown.append(self.figure)

    objects = ModuleType("plotly.graph_objects")
    objects.Figure = Figure
    monkeypatch.setitem(sys.modules, "plotly", ModuleType("plotly"))
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", objects)
    run_cells(language)
    assert capsys.readouterr().out == ""
    (figure,) = shown
    assert faults(figure) == []
    # No divisor lies near zero.
    divisors = next(
        each
        for each in figure["data"]
        if (each["xaxis"], each["legendgroup"]) == ("x2", "divide")
    )
    middles = divisors["x0"] + divisors["dx"] * np.arange(len(divisors["y"]))
    empty = [m for m, count in zip(middles, divisors["y"], strict=True) if not count]
    assert empty == [-0.25, 0.25]


def test_faults_of_figures_are_found():
    trace = {"name": "add", "xaxis": "x4", "y": [1, 2]}
    figure = {"data": [trace], "layout": {"title": "x" * 9_000}}
    assert len(faults(figure)) == 4


#: Characters of an output that a notebook may store, pictures left out.
LARGEST = 60_000


def too_large(notebook):
    """Return the cells of which an output, pictures left out, is too large to store."""
    return [
        cell.id
        for cell in code_cells(notebook)
        for output in cell.outputs
        for kind, data in output.get("data", {}).items()
        if not kind.startswith("image/") and len(json.dumps(data)) > LARGEST
    ]


@every_language
def test_no_notebook_stores_the_library(language):
    for path in sorted((ROOT / "book" / language).glob("*.ipynb")):
        assert too_large(read(path)) == [], path.name


def test_a_stored_library_is_found():
    path = ROOT / "book" / "pt" / "arithmetic-network.ipynb"
    notebook = read(path)
    cell = next(cell for cell in code_cells(notebook) if cell.id == "interactive")
    cell.outputs[0].data = {"text/html": "x" * 4_700_000}
    assert too_large(notebook) == ["interactive"]
