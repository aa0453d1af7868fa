import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import optuna
import pytest
from matplotlib.colors import to_rgb
from optuna.exceptions import ExperimentalWarning
from optuna.visualization import matplotlib as native
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

from hpocourse import use_language
from hpocourse.languages import ENGLISH, LANGUAGES
from hpocourse.search import plots

BACKGROUNDS = {"white": "#ffffff", "dark": "#121212"}
DRAW = {
    "history": plots.plot_history,
    "importances": plots.plot_importances,
    "slice": plots.plot_slice,
    "contour": plots.plot_contour,
    "parallel": plots.plot_parallel_coordinate,
}


def _make(objective, n_trials=16, direction="maximize"):
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(direction=direction, sampler=sampler, study_name="svm")
    study.optimize(objective, n_trials=n_trials, catch=ValueError)
    return study


def _objective(trial):
    C = trial.suggest_float("C", 1e-3, 1e3, log=True)
    kernel = trial.suggest_categorical("kernel", ["rbf", "linear"])
    share = trial.suggest_float("share", 0, 1)
    trial.suggest_categorical("shrinking", [True])
    if trial.number == 3:
        raise optuna.TrialPruned
    if trial.number == 4:
        raise ValueError
    return -(np.log10(C) ** 2) - share - (kernel == "rbf")


def _conditional(trial):
    if trial.suggest_categorical("kernel", ["rbf", "linear"]) == "linear":
        return trial.suggest_float("C", 1, 2)
    return trial.suggest_float("C", 1, 2) * trial.suggest_float("gamma", 1, 2)


@pytest.fixture(scope="module")
def study():
    return _make(_objective)


@pytest.fixture(scope="module")
def conditional():
    return _make(_conditional)


@pytest.fixture(autouse=True)
def course_style():
    """Use the course's style, and see every warning as an error."""
    with plt.style.context("hpocourse.course"), warnings.catch_warnings():
        warnings.simplefilter("error")
        # Python 3.13 speaks up when a database of an earlier test is collected.
        warnings.simplefilter("ignore", ResourceWarning)
        yield


def _figure(axes):
    return np.ravel(axes)[0].figure


def _texts(figure):
    figure.draw_without_rendering()  # the texts are laid out all the same
    return {
        text.get_text()
        for text in figure.findobj(mpl.text.Text)
        if text.get_text().strip()
    }


@pytest.mark.parametrize("name", DRAW)
def test_nothing_of_the_style_changes(study, name):
    settings, ggplot = dict(mpl.rcParams), dict(plt.style.library["ggplot"])
    figure = _figure(DRAW[name](study))
    assert dict(mpl.rcParams) == settings
    assert dict(plt.style.library["ggplot"]) == ggplot != {}
    assert to_rgb(figure.axes[0].xaxis.label.get_color()) == to_rgb("#767676")
    assert figure.patch.get_alpha() in (None, 0)
    assert figure.patch.get_facecolor()[3] == 0
    assert figure.get_figwidth() == 6.4


def test_optuna_alone_changes_the_style(study):
    settings = dict(mpl.rcParams)
    with pytest.warns(ExperimentalWarning):
        native.plot_optimization_history(study)
    assert dict(mpl.rcParams) != settings


def _contrast(one, two):
    def luminance(color):
        parts = [
            c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4 for c in color
        ]
        return np.dot(parts, [0.2126, 0.7152, 0.0722])

    low, high = sorted(map(luminance, (to_rgb(one), to_rgb(two))))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("background", BACKGROUNDS.values(), ids=BACKGROUNDS)
def test_colors_read_on_both_backgrounds(background):
    for place in np.linspace(0, 1, 21):
        assert _contrast(plots.COLORS(place)[:3], background) >= 3
    worst = min(_contrast(plt.get_cmap("Blues")(p)[:3], "white") for p in (0, 1))
    assert worst < 1.1  # Optuna's own


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAW)
def test_pictures_differ_with_the_language(study, name):
    texts = {}
    options = {"params": ["C", "share"]} if name == "contour" else {}
    for language in (ENGLISH, *LANGUAGES):
        with use_language(language):
            texts[language.folder] = _texts(_figure(DRAW[name](study, **options)))
    assert len({frozenset(value) for value in texts.values()}) == len(texts)
    english = texts.pop(ENGLISH.folder)
    known = {"Trial", "Objective value", "best so far", "Importance"}
    for text in english & known:
        assert not any(text in other for other in texts.values())
    for own in ("Plot", "Objective Value", "Best Value", "Hyperparameter Imp"):
        assert not any(own in text for text in english)


def test_history(study):
    ax = plots.plot_history(study, target_name="R²")
    assert ax.get_title(loc="left") == "History of the search"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Trial", "R²")
    (legend,) = ax.figure.legends
    assert [t.get_text() for t in legend.get_texts()] == ["R²", "best so far"]
    complete = [t for t in study.trials if t.state.name == "COMPLETE"]
    points = ax.collections[0].get_offsets()
    np.testing.assert_allclose(points, [(t.number, t.value) for t in complete])
    (best,) = ax.lines
    assert max(best.get_ydata()) == study.best_value


def test_name_of_the_values_is_the_metric(study):
    def label(study, **options):
        return plots.plot_slice(study, params=["share"], **options).get_ylabel()

    assert label(study) == "Objective value"
    named = _make(_objective)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        named.set_metric_names(["accuracy"])
    assert label(named) == "accuracy"
    assert label(named, target_name="F1") == "F1"


def test_importances_find_what_matters_and_repeat():
    study = _make(
        lambda trial: (
            10 * trial.suggest_float("a", 0, 1) + trial.suggest_float("b", 0, 1)
        )
    )
    widths = []
    for _ in range(2):
        ax = plots.plot_importances(study)
        names = [label.get_text() for label in ax.get_yticklabels()]
        widths.append([bar.get_width() for bar in ax.patches])
    assert widths[0] == widths[1]
    assert dict(zip(names, widths[0], strict=True))["a"] > 0.8
    assert sum(widths[0]) == pytest.approx(1)
    assert ax.get_xlabel() == "Importance (fANOVA)"


def test_importances_of_conditional_parameters(conditional):
    ax = plots.plot_importances(conditional)
    names = {label.get_text() for label in ax.get_yticklabels()}
    assert names == {"kernel", "C", "gamma"}
    assert ax.get_xlabel() == "Importance (PED-ANOVA)"
    ax = plots.plot_importances(conditional, params=["kernel", "C"])
    assert len(ax.patches) == 2


def test_slices_stand_two_a_row(study):
    axes = plots.plot_slice(study)
    assert [ax.get_xlabel() for ax in axes] == ["C", "kernel", "share"]
    axes[0].figure.canvas.draw()
    left, right, below = (ax.get_position() for ax in axes)
    assert left.y0 == pytest.approx(right.y0, abs=0.01)
    assert left.x1 < right.x0
    assert below.y1 < left.y0
    ranges = {ax.collections[0].get_clim() for ax in axes}
    assert ranges == {(0, 15)}  # one color bar for all
    one = plots.plot_slice(study, params=["share"], target_name="R²")
    assert (one.get_xlabel(), one.get_ylabel()) == ("share", "R²")
    assert one.get_title(loc="left") == "One hyperparameter at a time"


def test_contours(study):
    ax = plots.plot_contour(study, params=["C", "share"])
    assert {ax.get_xlabel(), ax.get_ylabel()} == {"C", "share"}
    assert plots.plot_contour(study).shape == (3, 3)


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_parallel_coordinates(direction):
    study = _make(_objective, direction=direction)
    ax = plots.plot_parallel_coordinate(study)
    (lines,) = ax.collections
    values = lines.get_array()
    best = values.argmin() if direction == "minimize" else values.argmax()
    color = lines.cmap(lines.norm(values[best]))[:3]
    assert color == pytest.approx(to_rgb("#066ed0"), abs=0.01)
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["Objective value", "C", "kernel", "share"]


def test_parallel_coordinates_of_conditional_parameters(conditional):
    ax = plots.plot_parallel_coordinate(conditional)
    assert "absent" in _texts(ax.figure)
    assert "None" not in _texts(ax.figure)
    with use_language("pt"):
        assert "ausente" in _texts(plots.plot_parallel_coordinate(conditional).figure)


@pytest.mark.parametrize("name", ["history", "slice", "parallel"])
def test_pictures_fit(study, name):
    """No text leaves the picture, and none of a figure's axes is squeezed."""
    figure = _figure(DRAW[name](study))
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    for ax in figure.axes:
        box = ax.get_tightbbox()
        assert -25 < box.x0 < box.x1 < width + 25  # saved with a tight box
        assert -25 < box.y0 < box.y1 < height + 25


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
def test_studies_without_anything_to_draw(draw):
    empty = _make(_objective, n_trials=0)
    with pytest.raises(ValueError, match="no completed trial to draw; run it"):
        draw(empty)

    def fail(trial):
        raise ValueError

    with pytest.raises(ValueError, match=r"'svm' has no completed trial"):
        draw(_make(fail, n_trials=2))
    two = optuna.create_study(directions=["maximize", "minimize"])
    with pytest.raises(ValueError, match="has 2 objectives, and these plots show one"):
        draw(two)
    with pytest.raises(TypeError, match=r"optuna.Study.* got GridSearchCV"):
        draw(GridSearchCV(SVC(), {}))


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        (["kernle"], ValueError, "'kernle'; did you mean 'kernel'"),
        (["shrinking"], ValueError, "one of C, kernel, share, got 'shrinking'"),
        ("C", TypeError, "params must be a list of names, got 'C' of type str"),
        ([], ValueError, r"needs at least [12] hyperparameters that vary, got \[\]"),
    ],
)
@pytest.mark.parametrize("name", [name for name in DRAW if name != "history"])
def test_wrong_parameters(study, name, params, error, message):
    with pytest.raises(error, match=message):
        DRAW[name](study, params=params)


def test_too_little_to_compare(study):
    with pytest.raises(ValueError, match=r"at least 2 hyperparameters .* got \['C'\]"):
        plots.plot_contour(study, params=["C"])
    constant = _make(lambda trial: trial.suggest_float("x", 0, 1) * 0)
    with pytest.raises(ValueError, match=r"has one value only, 0\.0; .* more trials"):
        plots.plot_importances(constant)


def test_importances_have_one_title_in_every_style():
    with mpl.rc_context({"axes.titlelocation": "center"}):
        ax = plots.plot_importances(_make(_objective))
    assert [ax.get_title(loc) for loc in ("left", "center", "right")] == [
        "",
        "Importance of the hyperparameters",
        "",
    ]
    plt.close("all")


def test_choices_that_are_lists_are_drawn():
    def objective(trial):
        return sum(trial.suggest_categorical("layers", [(16,), (32, 16)]))

    with pytest.warns(UserWarning, match="for persistent storage"):  # Optuna's
        study = _make(objective, n_trials=6)
    for trial in study.get_trials(deepcopy=False):  # as a file gives them back
        trial.params["layers"] = list(trial.params["layers"])
    assert plots._read(study)[1] == ["layers"]
