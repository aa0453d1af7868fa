"""Optuna's plots in the reader's language, in the style that is in use.

Optuna computes and draws; here its plots keep ``hpocourse.course`` (or whatever
style is set) instead of switching to another one, and get titles and labels.
All take a study and return Matplotlib's axes.
"""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from optuna import Study
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator
from optuna.trial import FrozenTrial, TrialState
from optuna.visualization import matplotlib as native

from .._validation import check_choice, check_one_objective, check_type
from ..languages import gettext as _
from ._optuna import draw

__all__ = [
    "plot_contour",
    "plot_history",
    "plot_importances",
    "plot_parallel_coordinate",
    "plot_slice",
]

#: From the worst or first to the best or last: reads on white and on dark.
COLORS = LinearSegmentedColormap.from_list("hpocourse", ["#e57300", "#066ed0"])


def plot_history(study: Study, *, target_name: str | None = None) -> Axes:
    """Draw the value of each trial, and the best so far.

    Parameters
    ----------
    study : optuna.Study
        The study.
    target_name : str, optional
        What the values are, for the labels; by default the study's metric name.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    TypeError
        If `study` is none.
    ValueError
        If there is nothing to draw.
    """
    name, _params, _trials = _read(study, None, target_name, at_least=0)
    ax = draw(native.plot_optimization_history, study, target_name=name)
    figure, points, (best,) = ax.figure, ax.collections[0], ax.lines
    points.set_color("C0")
    best.set(color="C1", alpha=1, drawstyle="steps-post")
    ax.get_legend().remove()
    figure.set_layout_engine("constrained")
    labels = [name, _("best so far")]
    figure.legend([points, best], labels, loc="outside lower center", ncols=2)
    ax.set(title=_("History of the search"), xlabel=_("Trial"))
    return ax


def plot_importances(study: Study, *, params: list[str] | None = None) -> Axes:
    """Draw how much of the values' variation each hyperparameter explains.

    The shares are fANOVA's, estimated by a random forest with a fixed seed: on
    20 to 100 trials of known functions they were nearer the truth than those of
    PED-ANOVA, Optuna's default. fANOVA only sees hyperparameters that every
    trial has; where some are conditional, PED-ANOVA is used, which has no
    randomness, and says what tells the best tenth of the trials from the rest.

    Parameters
    ----------
    study : optuna.Study
        The study, with at least two different values.
    params : list of str, optional
        The hyperparameters; by default all that vary.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    TypeError
        If `study` is none, or `params` is no list.
    ValueError
        If there is nothing to draw, or a hyperparameter does not vary.

    References
    ----------
    Hutter, Hoos and Leyton-Brown: *An Efficient Approach for Assessing Hyperparameter
    Importance*, ICML 2014 (fANOVA). Watanabe, Bansal and Hutter: *PED-ANOVA*, IJCAI
    2023.
    """
    _name, params, trials = _read(study, params)
    if len({trial.value for trial in trials}) < 2:
        raise ValueError(
            f"the study {study.study_name!r} has one value only, {trials[0].value}; "
            "what is important shows where values differ: run more trials"
        )
    evaluator: Any = PedAnovaImportanceEvaluator()
    question = "PED-ANOVA"
    if all(set(params) <= trial.params.keys() for trial in trials):
        evaluator, question = FanovaImportanceEvaluator(seed=0), "fANOVA"
    ax = draw(native.plot_param_importances, study, evaluator, params)
    plt.setp(ax.patches, color="C0")
    for text in ax.texts:
        text.set_text(f" {text.get_text()}")
    ax.get_legend().remove()
    ax.margins(x=0.15)
    ax.set_title("", loc="left")  # Optuna's own
    ax.set(title=_("Importance of the hyperparameters"), ylabel="")
    ax.set_xlabel("{} ({})".format(_("Importance"), question))
    return ax


def plot_slice(
    study: Study, *, params: list[str] | None = None, target_name: str | None = None
) -> Axes | np.ndarray:
    """Draw the values against one hyperparameter at a time.

    Parameters
    ----------
    study : optuna.Study
        The study.
    params : list of str, optional
        The hyperparameters; by default all that vary.
    target_name : str, optional
        What the values are, for the labels.

    Returns
    -------
    matplotlib.axes.Axes or numpy.ndarray of matplotlib.axes.Axes
        The axes; an array for several hyperparameters.

    Raises
    ------
    TypeError
        If `study` is none, or `params` is no list.
    ValueError
        If there is nothing to draw, or a hyperparameter does not vary.
    """
    name, params, trials = _read(study, params, target_name)
    axes = draw(native.plot_slice, study, params, target_name=name)
    flat, figure = np.ravel(np.asarray(axes)), plt.gcf()
    if len(flat) > 1:  # two a row: wider would be too small on a telephone
        n_rows = (len(flat) + 1) // 2
        figure.set_size_inches(6.4, 0.8 + 2.8 * n_rows)
        grid = figure.add_gridspec(n_rows, 2)
        for i, ax in enumerate(flat):
            ax.set_subplotspec(grid[i // 2, i % 2])
            ax.tick_params(labelleft=i % 2 == 0)
            ax.set_ylabel(name if i % 2 == 0 else "")
    last = max(trial.number for trial in trials)
    for ax in flat:
        ax.collections[0].set(cmap=COLORS, clim=(0, last))
    figure.axes[-1].set_ylabel(_("Trial"))
    return _titled(axes, _("One hyperparameter at a time"))


def plot_contour(
    study: Study, *, params: list[str] | None = None, target_name: str | None = None
) -> Axes | np.ndarray:
    """Draw the values over two hyperparameters at a time, interpolated.

    Darker is better. Colors between the points are a guess.

    Parameters
    ----------
    study : optuna.Study
        The study.
    params : list of str, optional
        Two hyperparameters, or more for all pairs; by default all that vary.
    target_name : str, optional
        What the values are, for the label.

    Returns
    -------
    matplotlib.axes.Axes or numpy.ndarray of matplotlib.axes.Axes
        The axes; a square array for more than two hyperparameters.

    Raises
    ------
    TypeError
        If `study` is none, or `params` is no list.
    ValueError
        If there is nothing to draw, or a hyperparameter does not vary.
    """
    name, params, _trials = _read(study, params, target_name, at_least=2)
    axes = draw(native.plot_contour, study, params, target_name=name)
    if isinstance(axes, np.ndarray):
        axes[0, 0].figure.set_size_inches(6.4, 6.4)
        for i, ax in enumerate(axes.flat):
            ax.label_outer()
            ax.grid(False)
            ax.tick_params(axis="x", rotation=30)
            if i % (len(params) + 1) == 0:  # the diagonal is empty
                ax.tick_params(length=0)
                ax.spines[:].set_visible(False)
    return _titled(axes, _("Two hyperparameters at a time"))


def plot_parallel_coordinate(
    study: Study, *, params: list[str] | None = None, target_name: str | None = None
) -> Axes:
    """Draw each trial as a line through its hyperparameters, colored by its value.

    Parameters
    ----------
    study : optuna.Study
        The study.
    params : list of str, optional
        The hyperparameters; by default all that vary.
    target_name : str, optional
        What the values are, for the labels.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    TypeError
        If `study` is none, or `params` is no list.
    ValueError
        If there is nothing to draw, or a hyperparameter does not vary.
    """
    name, params, trials = _read(study, params, target_name)
    ax = draw(native.plot_parallel_coordinate, study, params, target_name=name)
    (lines,) = ax.collections
    reverse = lines.get_cmap().name.endswith("_r")
    lines.set(cmap=COLORS.reversed() if reverse else COLORS, alpha=0.8, linewidth=1.6)
    names = [label.get_text() for label in ax.get_xticklabels()]
    for axis, param in zip([ax, *ax.figure.axes[2:]], names, strict=True):
        axis.grid(False)
        axis.spines["right"].set_visible(axis is not ax)
        if param in params and not all(param in trial.params for trial in trials):
            # Optuna puts trials without it at the bottom and calls them "None".
            labels = [label.get_text() for label in axis.get_yticklabels()]
            axis.set_yticks(axis.get_yticks(), [_("absent"), *labels[1:]])
    plt.setp(ax.get_xticklabels(), rotation=20, ha="right")
    return _titled(ax, _("Parallel coordinates"))


def _titled(axes: Any, title: str) -> Any:
    if isinstance(axes, np.ndarray):
        axes.flat[0].figure.suptitle(title)
    else:
        axes.set_title(title)
    return axes


def _read(
    study: Study, params: Any = None, target_name: str | None = None, at_least: int = 1
) -> tuple[str, list[str], list[FrozenTrial]]:
    """Return what the values are called, the hyperparameters and the trials to draw."""
    check_type(study, "study", Study, "an optuna.Study")
    advice = "these plots show one; use optuna.visualization with target="
    check_one_objective(study, advice)
    told = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    trials = [t for t in told if t.value is not None and np.isfinite(t.value)]
    if not trials:
        raise ValueError(
            f"the study {study.study_name!r} has no completed trial to draw; run it, "
            "or see why its trials fail"
        )
    if target_name is None:
        target_name = (study.metric_names or [_("Objective value")])[0]
    words = [{name: repr(v) for name, v in trial.params.items()} for trial in trials]
    count = pd.DataFrame(words).nunique()
    vary = list(count.index[count > 1])
    params = vary if params is None else params
    check_type(params, "params", list, "a list of names")
    for name in params:
        check_choice(name, "each of params", vary)
    if len(params) < at_least:
        raise ValueError(
            f"this plot needs at least {at_least} hyperparameters that vary, got "
            f"{params}; those of the study are {vary}"
        )
    return target_name, list(params), trials
