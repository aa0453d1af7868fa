"""The template for a table of one's own, run on tables that the book does not use."""

import re

import matplotlib
import numpy as np
import optuna
import pandas as pd
import pytest

from hpocourse.search import open_storage
from tools.notebooks import ROOT, code_cells, is_setup, read

TRIALS = 4


def cells_of(language):
    """Return an edition's code cells but the setup cell."""
    cells = code_cells(read(ROOT / "book" / language / "capstone.ipynb"))
    return [cell for cell in cells if not is_setup(cell)]


def run(language, folder, until=None, **settings):
    """Run an edition's cells with other settings, and return all that they bind."""
    matplotlib.use("agg")
    names = {"__name__": "capstone"}
    settings = {"results_folder": str(folder), "n_trials": TRIALS, **settings}
    for cell in cells_of(language):
        source = cell.source
        if cell.id == "settings":
            for name, value in settings.items():
                line = re.compile(rf"^{name} = [^#\n]*", re.MULTILINE)
                source, found = line.subn(lambda _, n=name, v=value: f"{n} = {v!r} ",
                                          source)  # fmt: skip
                assert found == 1, name
        exec(compile(source, cell.id, "exec"), names)
        if cell.id == until:
            break
    return names


@pytest.fixture
def orders(tmp_path):
    """Classes from numbers, words and gaps, written with semicolons and commas."""
    generator = np.random.default_rng(1)
    n = 160
    weight = generator.normal(10, 3, n).round(2)
    city = generator.choice(["Lima", "Quito", "Cusco"], n, p=[0.6, 0.35, 0.05])
    late = (weight + 3 * (city == "Quito") + generator.normal(0, 2, n)) > 11.5
    table = pd.DataFrame(
        {
            "code": [f"P{number:04}" for number in range(n)],
            "weight": np.where(generator.random(n) < 0.2, np.nan, weight),
            "city": np.where(generator.random(n) < 0.1, None, city),
            "urgent": generator.random(n) < 0.3,
            "empty": np.nan,
            "arrival": np.where(late, "tarde", "a tiempo"),
        }
    )
    table.loc[:4, "arrival"] = np.nan
    table = pd.concat([table, table.tail(3)])
    path = tmp_path / "orders.csv"
    table.to_csv(path, sep=";", decimal=",", index=False)
    return {
        "source": str(path),
        "csv_options": {"sep": ";", "decimal": ","},
        "target": "arrival",
    }


@pytest.mark.slow
def test_classes_words_gaps_and_an_interruption(orders, tmp_path, capsys):
    first = run("es", tmp_path, "search", leave_out=["code"], **orders)
    began = {
        name: [trial.datetime_start for trial in study.trials]
        for name, study in first["studies"].items()
    }
    settings = {"leave_out": ["code"], "smallest_gain": 0.03, **orders}
    names = run("es", tmp_path, n_trials=TRIALS + 2, **settings)
    assert names["kind"] == "classification"
    assert list(names["X"]) == ["weight", "city", "urgent"]
    assert names["words"] == ["city", "urgent"]
    assert len(names["X_train_valid"]) + len(names["X_test"]) == 155
    assert not set(names["X_train_valid"].index) & set(names["X_test"].index)
    assert names["errors"]["constant"] > names["errors"]["linear"]
    for fold, (_, validation) in enumerate(names["objectives"]["linear"].folds):
        share = (names["y_train_valid"].iloc[validation] == "tarde").mean()
        assert 0.25 < share < 0.75, fold

    # The search went on: its first trials are those of before.
    storage = open_storage(tmp_path / f"search-{names['fingerprint']}.log")
    for name, times in began.items():
        study = optuna.load_study(study_name=name, storage=storage)
        assert [trial.datetime_start for trial in study.trials][:TRIALS] == times
        assert len(study.trials) == TRIALS + 2
    assert "columns__numbers__impute__strategy" in names["chosen"]
    kept = names["models"]["default"].get_params()
    assert kept["model__max_iter"] == 100

    report = (tmp_path / "report.md").read_text("utf-8")
    for part in (
        "se predice arrival (clasificación)",
        "filas: 155; columnas: 3",
        "dejadas fuera: ['code']",
        "semilla 0",
        "fracción de errores",
        "antes: 0.03",
        "con 6 intentos de cada método",
        "`model__learning_rate`: 0.01 – 0.5, escala logarítmica",
        "`columns__numbers__impute__strategy`: ('mean', 'median')",
        "en 20 particiones nuevas",
        "vieron: 1",
        f"**Recomendado: `{names['recommended']}`**",
        "scikit-learn ",
        "Energía: no medida; ",
        names["fingerprint"],
    ):
        assert part in " ".join(report.split()), part
    gain = r"^- .* → .*: -?[\d.]+ ± [\d.]+"
    assert len(re.findall(gain + "$", report, re.M)) == 2  # on the test
    counts = re.findall(gain + r"; (\d+)/(\d+)/(\d+)$", report, re.M)
    assert [sum(map(int, each)) for each in counts] == [20, 20, 20]
    assert len(re.findall("^## ", report, re.M)) == 4
    shown = capsys.readouterr().out
    assert "sin la variable objetivo: 5\nrepetidas: 3\n" in shown

    # Another model that sees the same test is counted.
    assert names["n_openings"] == 1
    names["chosen"]["model__max_iter"] += 1
    (cell,) = (cell for cell in cells_of("es") if cell.id == "openings")
    names["fingerprint"] = "another space"  # it is the test that counts
    for _ in range(2):
        exec(cell.source, names)
        assert names["n_openings"] == 2


@pytest.mark.slow
def test_numbers_alone(tmp_path, capsys):
    generator = np.random.default_rng(2)
    area, age = generator.uniform(30, 200, 120), generator.integers(0, 60, 120)
    price = 900 * area - 500 * age + generator.normal(0, 4_000, 120)
    path = tmp_path / "flats.csv"
    pd.DataFrame({"area": area, "age": age, "price": price}).to_csv(path, index=False)
    names = run("ru", tmp_path, source=str(path), target="price")
    assert names["kind"] == "regression"
    assert names["words"] == []
    assert names["recommended"] == "linear"  # the price is linear in both
    assert names["decimals"] == 0
    assert set(names["space"]) == set(names["numeric"])
    report = " ".join((tmp_path / "report.md").read_text("utf-8").split())
    assert "целевой столбец: price (регрессия)" in report
    assert "средняя абсолютная ошибка" in report
    assert "**Рекомендуется `linear`**" in report
    # Whole numbers without a fraction: errors of thousands need no decimals.
    assert re.search(r"linear: \d{4} ± \d{3,4}", report)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": "arrived"}, "no tiene {'arrived'}; tiene las columnas ['code'"),
        ({"leave_out": ["colour"]}, "no tiene {'colour'}"),
        ({"csv_options": {"sep": "|"}}, "tiene las columnas ['code;weight"),
        (
            {"target": "code"},
            "code tiene 160 valores distintos, el más raro en 1 filas",
        ),
        ({"target": "weight", "csv_options": {"sep": ";"}}, "'decimal': ','"),
        ({"task": "regression"}, "'regression', números"),
        ({"task": "clasificación"}, "task = 'clasificación': arrival tiene"),
    ],
    ids=["target", "leave_out", "separator", "names", "decimal comma", "words", "task"],
)
def test_wrong_settings_are_named(orders, tmp_path, settings, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        run("es", tmp_path, "task", **{**orders, **settings})


def test_likely_names_are_pointed_out(orders, tmp_path, capsys):
    run("pt", tmp_path, "columns", **orders)
    assert "code: muitos valores diferentes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        ([0, 1, 1], "classification"),
        ([1.0, 2.0, 3.0], "classification"),
        ([0.5, 1.0, 1.5], "regression"),
        (list(range(11)), "regression"),
    ],
)
def test_task_is_guessed(tmp_path, values, kind):
    guess = run("pt", tmp_path, "task")["guess_task"]
    assert guess(pd.Series(values)) == kind
