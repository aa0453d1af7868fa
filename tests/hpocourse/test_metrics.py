import dataclasses
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

import hpocourse
from hpocourse import evaluate_classifier, evaluate_regressor
from hpocourse.languages import LANGUAGES

TEXTS = ["кот", "кот", "пёс", "ёж", "ёж", "ёж"]
CLASSES = {
    "binary": ([0, 0, 1, 1, 1], [0, 1, 1, 1, 0], None),
    "perfect": ([2, 0, 1], [2, 0, 1], None),
    "all wrong": ([0, 1], [1, 0], None),
    "never predicted": ([0, 1, 2, 2], [0, 0, 0, 0], None),
    "never true": ([0, 0, 1, 1], [0, 2, 1, 1], None),
    "one class": ([3, 3, 3], [3, 3, 3], None),
    "one sample": ([1], [0], None),
    "words": (TEXTS, TEXTS[::-1], None),
    "ordered labels": ([0, 1, 1, 2], [0, 1, 2, 2], [2, 1, 0]),
    "label that never occurs": ([0, 1, 1], [0, 1, 0], range(3)),
    "booleans": ([True, False, True], [True, True, False], None),
    "negative labels": ([-1, 1, 1, -1], [1, 1, -1, -1], None),
    "whole floats": ([0.0, 1.0, 1.0], [0.0, 1.0, 0.0], None),
    "each label once": (list(range(60)), list(range(60)), None),
}
VALUES = {
    "plain": ([3, -0.5, 2, 7], [2.5, 0.0, 2, 8]),
    "perfect": ([1, 2, 3], [1, 2, 3]),
    "worse than the mean": ([1, 2, 3], [3, 2, 1]),
    "constant": ([2, 2, 2], [1, 2, 3]),
    "float32": (np.float32([0.1, 0.2]), np.float32([0.2, 0.4])),
}


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("case", CLASSES)
def test_classification_agrees_with_scikit_learn(case):
    y_true, y_pred, labels = CLASSES[case]
    report = evaluate_classifier(y_true, y_pred, labels=labels)
    if labels is None:
        labels = sorted(set(y_true) | set(y_pred))
    how = {"labels": list(labels), "average": "macro", "zero_division": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            "accuracy": sk.accuracy_score(y_true, y_pred),
            "precision": sk.precision_score(y_true, y_pred, **how),
            "recall": sk.recall_score(y_true, y_pred, **how),
            "f1": sk.f1_score(y_true, y_pred, **how),
        }
        counts = sk.confusion_matrix(y_true, y_pred, labels=list(labels))
    assert report.frame["value"].to_dict() == pytest.approx(expected)
    assert {key: getattr(report, key) for key in expected} == pytest.approx(expected)
    np.testing.assert_array_equal(report.confusion, counts)
    assert report.confusion.index.tolist() == list(labels)
    assert report.n_samples == len(y_true)


def test_classification_by_hand():
    report = evaluate_classifier([0, 0, 0, 1], [0, 0, 1, 1])
    assert report.accuracy == 3 / 4
    assert report.precision == (1 + 1 / 2) / 2
    assert report.recall == pytest.approx((2 / 3 + 1) / 2)
    assert report.confusion.loc[0, 1] == 1  # true 0, predicted 1
    assert report.confusion.loc[1, 0] == 0


@pytest.mark.parametrize("case", VALUES)
def test_regression_agrees_with_scikit_learn(case):
    y_true, y_pred = VALUES[case]
    report = evaluate_regressor(y_true, y_pred)
    expected = {
        "r2": sk.r2_score(y_true, y_pred),
        "mae": sk.mean_absolute_error(y_true, y_pred),
        "mse": sk.mean_squared_error(y_true, y_pred),
        "rmse": sk.root_mean_squared_error(y_true, y_pred),
    }
    assert report.frame["value"].to_dict() == pytest.approx(expected)


def test_regression_by_hand():
    report = evaluate_regressor([0, 0, 6], [1, 0, 4])
    assert report.mae == 1
    assert report.mse == pytest.approx(5 / 3)
    assert report.rmse == pytest.approx((5 / 3) ** 0.5)
    assert report.r2 == pytest.approx(1 - 5 / 24)


def test_one_value_has_no_r2():
    report = evaluate_regressor([1.0], [1.5])
    assert np.isnan(report.r2)
    assert report.mae == 0.5
    assert "r2=nan" in repr(report)


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series, pd.Categorical])
def test_kinds_of_arrays(kind):
    report = evaluate_classifier(kind(["a", "b", "b"]), kind(["a", "b", "a"]))
    assert report.accuracy == pytest.approx(2 / 3)
    assert report.labels == ("a", "b")
    if kind is not pd.Categorical:
        assert evaluate_regressor(kind([1.0, 2.0]), kind([1.0, 3.0])).mae == 0.5


def test_tensors():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([0, 1, 1])
    assert evaluate_classifier(tensor, tensor).accuracy == 1
    assert evaluate_regressor(tensor.float(), tensor.float()).mae == 0


def test_reports_are_frozen():
    report = evaluate_classifier([0, 1], [0, 1])
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.accuracy = 1.0
    for table in (report.confusion, report.frame):
        table.iloc[0, 0] = 99
    assert report.confusion.iloc[0, 0] == 1
    assert report.frame.iloc[0, 0] == 1


def test_regression_report_keeps_its_own_values():
    y = np.array([1.0, 2.0])
    report = evaluate_regressor(y, y)
    y[:] = 7
    points = report.plot().collections[0].get_offsets()
    np.testing.assert_array_equal(points, [[1, 1], [2, 2]])


def test_frames_stand_side_by_side():
    one, other = evaluate_regressor([1, 2], [1, 2]), evaluate_regressor([1, 2], [2, 1])
    both = pd.DataFrame({"one": one.frame["value"], "other": other.frame["value"]})
    assert both.index.tolist() == ["r2", "mae", "mse", "rmse"]
    assert both.index.name == "metric"
    assert both.loc["mae"].tolist() == [0, 1]


def _reports():
    return evaluate_classifier([0, 1], [0, 1]), evaluate_regressor([1, 2], [1, 2])


def test_data_and_repr_are_the_same_in_every_language():
    def content():
        classes, values = _reports()
        frames = classes.frame, values.frame, classes.confusion
        return repr(classes), repr(values), *(frame.to_csv() for frame in frames)

    english = content()
    assert english[0] == (
        "ClassificationReport(accuracy=1.0000, precision=1.0000, recall=1.0000, "
        "f1=1.0000, n_samples=2)"
    )
    for language in LANGUAGES:
        with hpocourse.use_language(language):
            assert content() == english


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["2 samples, 2 classes", "Accuracy", "Recall (macro)", "(MAE)"]),
        ("pt", ["2 amostras, 2 classes", "Acurácia", "Revocação (macro)", "Raiz do"]),
        ("es", ["2 muestras, 2 clases", "Exactitud", "Exhaustividad (macro)", "Raíz"]),
        ("ru", ["2 объекта, 2 класса", "Доля верных", "Полнота (макро)", "Корень"]),
    ],
)
def test_tables_speak_the_language(language, texts):
    with hpocourse.use_language(language):
        html = "".join(report._repr_html_() for report in _reports())
    for text in texts:
        assert text in html


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("pt", ("Matriz de confusão", "classe prevista", "classe verdadeira")),
        ("es", ("Matriz de confusión", "clase predicha", "clase verdadera")),
        ("ru", ("Матрица ошибок", "предсказанный класс", "истинный класс")),
    ],
)
def test_confusion_matrix_is_drawn(language, labels):
    report = evaluate_classifier([0, 0, 1, 1, 2], [0, 1, 1, 1, 2])
    with hpocourse.use_language(language), plt.style.context("hpocourse.course"):
        ax = report.plot()
    assert (ax.get_title("left"), ax.get_xlabel(), ax.get_ylabel()) == labels
    texts = [text.get_text() for text in ax.texts]
    assert texts == [str(count) for count in report.confusion.to_numpy().ravel()]
    ticks = [
        [tick.get_text() for tick in axis.get_ticklabels()]
        for axis in (ax.xaxis, ax.yaxis)
    ]
    assert ticks == [["0", "1", "2"], ["0", "1", "2"]]


def test_predictions_are_drawn():
    with hpocourse.use_language("ru"), plt.style.context("hpocourse.course"):
        ax = evaluate_regressor([1, 2, 3], [1, 2, 5]).plot()
    assert ax.get_xlabel() == "истинное значение"
    assert ax.get_legend().get_texts()[0].get_text() == "идеальный прогноз"
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[1, 1], [5, 5]])
    assert len(ax.collections[0].get_offsets()) == 3


@pytest.mark.parametrize("index", [0, 1])
def test_plot_draws_where_it_is_told_and_shows_nothing(index, capsys, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("show was called"))
    _, axes = plt.subplots(1, 2)
    assert _reports()[index].plot(ax=axes[1]) is axes[1]
    assert not axes[0].has_data()
    assert len(plt.get_fignums()) == 1
    _reports()[index].plot()
    assert len(plt.get_fignums()) == 2
    assert capsys.readouterr().out == ""
    with pytest.raises(TypeError, match=r"(?s)ax must be one Axes.*ndarray.*subplots"):
        _reports()[index].plot(ax=axes)


def test_a_figure_may_be_drawn_twice_and_hold_other_texts():
    report = evaluate_classifier([0, 1], [0, 1])
    ax = plt.subplots()[1]
    note = ax.text(0, 0, "note", color="C3")
    for _ in range(2):
        report.plot(ax)
    assert note.get_color() == "C3"
    counts = [text for text in ax.texts if text is not note]
    assert [text.get_text() for text in counts] == ["1", "0", "0", "1"] * 2
    assert {text.get_color() for text in counts if text.get_text() == "1"} == {"black"}


@pytest.mark.parametrize("values", [[0, 1, 1], [0.0, 1.0, 1.0], ["a", "b", "b"]])
def test_labels_collected_one_by_one(values):
    array = np.array(values)
    collected = pd.Series(index=range(3), dtype=object)
    for i in range(3):
        collected[i] = array[i]
    for labels in (collected, collected.to_numpy(), list(array), tuple(array)):
        assert evaluate_classifier(values, labels).accuracy == 1
    if values[0] != "a":
        assert evaluate_regressor(values, collected).mae == 0


def test_numbers_and_words_in_one_list_are_refused():
    for mixed in ([1, "a"], ("a", 1), [np.int64(1), np.str_("a")], ["a", True]):
        with pytest.raises(TypeError, match=r"y_true must hold .* got .* and"):
            evaluate_classifier(mixed, mixed)
    with pytest.raises(ValueError, match="y_true holds 1 missing"):
        evaluate_classifier(["a", np.nan], ["a", "b"])


def test_two_columns_to_a_regression():
    with pytest.raises(
        ValueError, match=r"\(2, 2\); evaluate one column .*y_pred\[:, 0"
    ):
        evaluate_regressor([1, 2], [[1, 2], [3, 4]])


PROBABILITIES = np.array([[0.2, 0.8], [0.6, 0.4]])


@pytest.mark.parametrize("evaluate", [evaluate_classifier, evaluate_regressor])
@pytest.mark.parametrize(
    ("y_true", "y_pred", "error", "message"),
    [
        (None, [1], TypeError, "y_true must be a list or an array, got None of type"),
        ("abc", [1], TypeError, "y_true must be a list or an array, got 'abc'"),
        ([1], 1, TypeError, "y_pred must be a list or an array, got 1 of type int"),
        ([1], {1: 1}, TypeError, "y_pred must be .* of type dict"),
        ([1], (n for n in [1]), TypeError, "y_pred must be .* of type generator"),
        ([], [], ValueError, "y_true is empty"),
        ([1], [], ValueError, "y_pred is empty"),
        ([1, 2, 3], [1, 2], ValueError, "same length, got 3 and 2"),
        ([1, np.nan], [1, 1], ValueError, "y_true holds 1 missing .* position 1: nan"),
        ([1, 1], [np.inf, 1], ValueError, "y_pred holds 1 missing .* position 0: inf"),
        ([1, None], [1, 1], ValueError, "y_true holds 1 missing .* position 1: None"),
        ([1, 1], [pd.NA, 1], ValueError, "y_pred holds 1 missing .* position 0: <NA>"),
        ([[0], [1]], [0, 1], ValueError, r"shape \(2, 1\); flatten .*y_true.ravel"),
        ([0, 1], PROBABILITIES, ValueError, r"must have one .*shape \(2, 2\); "),
        ([[1, 2], [3]], [1, 2], ValueError, "y_true cannot become an array"),
        ([0, 1], np.zeros((2, 2, 2)), ValueError, r"got shape \(2, 2, 2\)"),
        (np.array(1), [1], ValueError, r"one dimension, got shape \(\)"),
    ],
)
def test_bad_input_of_both(evaluate, y_true, y_pred, error, message):
    with pytest.raises(error, match=message):
        evaluate(y_true, y_pred)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "labels", "error", "message"),
    [
        ([0, 1], [0.2, 0.9], None, ValueError, "y_pred .* such as 0.2; .*argmax"),
        (
            [0, 1],
            PROBABILITIES,
            None,
            ValueError,
            r"turn .*labels with .argmax\(axis=1",
        ),
        ([0.5, 1], [0, 1], None, ValueError, "y_true .* evaluate_regressor"),
        ([0, 1], ["0", "1"], None, TypeError, "same type, got 0 and '0'"),
        ([0, 1], [0, 2], [0, 1], ValueError, r"y_pred holds \[2\], not .* \[0, 1\]"),
        ([0, 10], [0, 1], range(10), ValueError, r"y_true holds \[10\], not among"),
        ([0, 1], [0, 1], [0, 1, 1], ValueError, r"labels must differ, got \[0, 1, 1\]"),
        ([0, 1], [0, 1], [], ValueError, "labels is empty"),
        ([0, 1], [0, 1], "01", TypeError, "labels must be a list or an array"),
        ([0, 1], [0, 1], ["0", "1"], TypeError, "labels and y_true must hold .* same"),
        ([0, 1], [0, 1], 2, TypeError, "labels must be a list or an array, got 2"),
        (
            np.array([0, "a"], dtype=object),
            [0, 1],
            None,
            TypeError,
            "y_true must hold .* all strings, got int and str",
        ),
        (
            np.array(["2026-01-01"], dtype="datetime64[D]"),
            [1],
            None,
            TypeError,
            "y_true must hold labels .* got date",
        ),
    ],
)
def test_bad_input_of_the_classifier(y_true, y_pred, labels, error, message):
    with pytest.raises(error, match=message):
        evaluate_classifier(y_true, y_pred, labels=labels)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        (["a", "b"], [1, 2], "y_true must hold numbers, got .*'a'.* evaluate_class"),
        ([1, 2], [True, False], "y_pred must hold numbers, got .*True"),
        ([1, 2], [1j, 2], "y_pred must hold numbers, got .*1j"),
    ],
)
def test_bad_input_of_the_regressor(y_true, y_pred, message):
    with pytest.raises(TypeError, match=message):
        evaluate_regressor(y_true, y_pred)
