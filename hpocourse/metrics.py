"""Reports that put a model's errors on its data into numbers and pictures.

scikit-learn computes; the reports hold the results, show themselves in the
reader's language, and draw. Their data keep stable English names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from sklearn import metrics as sk

from ._html import table
from ._validation import check_axes, check_labels, check_targets
from .languages import gettext as _
from .languages import ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

__all__ = [
    "ClassificationReport",
    "RegressionReport",
    "evaluate_classifier",
    "evaluate_regressor",
]

#: Fewest and most, in the heatmap of a confusion matrix.
HEATMAP_COLORS = ("#6e7b87", "#0457b0")
GRID_COLOR = "#76767640"


class _Report:
    """What both reports share: a frame, a line of text and a table."""

    n_samples: int
    _keys: ClassVar[tuple[str, ...]] = ()

    @staticmethod
    def _names() -> dict[str, str]:
        """Return the translated name of each metric."""
        raise NotImplementedError

    @property
    def frame(self) -> pd.DataFrame:
        """The metrics as a table with one column, ``value``, a row for each.

        Side by side: ``pd.DataFrame({"a": a.frame["value"], "b": ...})``.
        """
        values = {key: getattr(self, key) for key in self._keys}
        index = pd.Index(values, name="metric")
        return pd.DataFrame({"value": list(values.values())}, index=index)

    def __repr__(self) -> str:
        """Show the metrics in one line, the same in every language."""
        values = ", ".join(f"{key}={getattr(self, key):.4f}" for key in self._keys)
        return f"{type(self).__name__}({values}, n_samples={self.n_samples})"

    def _repr_html_(self) -> str:
        """Show the metrics as a table in the reader's language."""
        names = self._names()
        rows = [(names[key], f"{getattr(self, key):.4f}") for key in self._keys]
        return table(self._caption(), (_("Metric"), _("Value")), rows)

    def _caption(self) -> str:
        n = self.n_samples
        return ngettext("{n} sample", "{n} samples", n).format(n=n)


@dataclass(frozen=True, eq=False, repr=False)
class ClassificationReport(_Report):
    """How well predicted labels match; made by :func:`evaluate_classifier`.

    Attributes
    ----------
    accuracy : float
        Share of labels predicted rightly.
    precision, recall, f1 : float
        Means over the classes, each class with the same weight.
    labels : tuple
        All labels, in the order of the confusion matrix.
    n_samples : int
        Number of labels compared.
    """

    accuracy: float
    precision: float
    recall: float
    f1: float
    labels: tuple
    n_samples: int
    _counts: np.ndarray = field(repr=False)

    _keys: ClassVar = ("accuracy", "precision", "recall", "f1")

    @property
    def confusion(self) -> pd.DataFrame:
        """Counts as a table: a row for each true label, a column for each predicted."""
        return pd.DataFrame(
            self._counts.copy(),
            index=pd.Index(self.labels, name="true"),
            columns=pd.Index(self.labels, name="predicted"),
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the confusion matrix, labeled in the reader's language.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes with the heatmap.

        Raises
        ------
        TypeError
            If `ax` is no Axes of Matplotlib.
        """
        import matplotlib as mpl
        import seaborn as sns

        ax = check_axes(ax, figsize=(6.4, 5.8))
        # White digits read on every color from slate to blue, whatever the
        # page's background; cells of zeros let that background through.
        colors = sns.blend_palette(HEATMAP_COLORS, as_cmap=True)
        colors = colors.with_extremes(under="none")
        before = len(ax.texts)  # the axes may hold texts of others
        sns.heatmap(
            self.confusion,
            cmap=colors,
            vmin=0.5,
            annot=True,
            fmt="d",
            square=True,
            cbar=False,
            linewidths=0.5,
            linecolor=GRID_COLOR,
            ax=ax,
        )
        for text, count in zip(ax.texts[before:], self._counts.flat, strict=True):
            text.set_color("white" if count else mpl.rcParams["text.color"])
        ax.set(
            title=_("Confusion matrix"),
            xlabel=_("Predicted class"),
            ylabel=_("True class"),
        )
        ax.grid(False)
        ax.tick_params(length=0)
        ax.tick_params(axis="y", rotation=0)
        return ax

    @staticmethod
    def _names() -> dict[str, str]:
        return {
            "accuracy": _("Accuracy"),
            "precision": _("Precision (macro)"),
            "recall": _("Recall (macro)"),
            "f1": _("F1 (macro)"),
        }

    def _caption(self) -> str:
        n = len(self.labels)
        classes = ngettext("{n} class", "{n} classes", n).format(n=n)
        return f"{super()._caption()}, {classes}"


@dataclass(frozen=True, eq=False, repr=False)
class RegressionReport(_Report):
    """How close predicted values are; made by :func:`evaluate_regressor`.

    Attributes
    ----------
    r2 : float
        Coefficient of determination: 1 is perfect, 0 is no better than the
        mean; NaN for a single value.
    mae, mse, rmse : float
        Mean absolute error, mean squared error and its root.
    n_samples : int
        Number of values compared.
    """

    r2: float
    mae: float
    mse: float
    rmse: float
    n_samples: int
    _y_true: np.ndarray = field(repr=False)
    _y_pred: np.ndarray = field(repr=False)

    _keys: ClassVar = ("r2", "mae", "mse", "rmse")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw predicted against true values, labeled in the reader's language.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes with the points and the line of perfect predictions.

        Raises
        ------
        TypeError
            If `ax` is no Axes of Matplotlib.
        """
        ax = check_axes(ax, figsize=(6.4, 5.6))
        ax.scatter(self._y_true, self._y_pred, s=16, alpha=0.8, linewidths=0)
        both = np.concatenate([self._y_true, self._y_pred])
        ends = [both.min(), both.max()]
        ax.plot(ends, ends, color="C1", label=_("perfect prediction"))
        ax.set(
            title=_("Predicted and true values"),
            xlabel=_("True value"),
            ylabel=_("Predicted value"),
        )
        ax.legend(loc="upper left")
        return ax

    @staticmethod
    def _names() -> dict[str, str]:
        return {
            "r2": _("R² (coefficient of determination)"),
            "mae": _("Mean absolute error (MAE)"),
            "mse": _("Mean squared error (MSE)"),
            "rmse": _("Root mean squared error (RMSE)"),
        }


def evaluate_classifier(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: ArrayLike | None = None
) -> ClassificationReport:
    """Compare predicted labels with the true ones.

    Precision, recall and F1 are means over the classes, each with the same
    weight (``average="macro"``). Where one is undefined, as the precision of a
    class that is never predicted, it counts as 0 and nothing warns.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        The true labels.
    y_pred : array-like of shape (n_samples,)
        The predicted labels, not probabilities.
    labels : array-like, optional
        All labels, in the order wanted. By default those that occur, sorted. A
        label given here that never occurs counts in the means, as 0.

    Returns
    -------
    ClassificationReport
        The metrics, from 0 to 1, and the confusion matrix.

    Raises
    ------
    TypeError
        If something else than labels of one kind is given.
    ValueError
        If lengths differ, values are missing or no labels, or `labels` lacks one.

    References
    ----------
    Sokolova, M., Lapalme, G. (2009). A systematic analysis of performance measures
    for classification tasks. *Information Processing & Management* 45(4), 427-437.

    Examples
    --------
    >>> from hpocourse import evaluate_classifier
    >>> report = evaluate_classifier([0, 0, 1, 1], [0, 1, 1, 1])
    >>> report
    ClassificationReport(accuracy=0.7500, precision=0.8333, recall=0.7500, \
f1=0.7333, n_samples=4)
    >>> report.confusion
    predicted  0  1
    true
    0          1  1
    1          0  2
    """
    y_true, y_pred, labels = check_labels(y_true, y_pred, labels)
    precision, recall, f1, _support = sk.precision_recall_fscore_support(
        y_true, y_pred, labels=labels, average="macro", zero_division=0
    )
    if len(labels) > 1:
        counts = sk.confusion_matrix(y_true, y_pred, labels=labels)
    else:  # scikit-learn counts these too, and warns
        counts = np.array([[len(y_true)]])
    return ClassificationReport(
        accuracy=float(sk.accuracy_score(y_true, y_pred)),
        precision=float(precision),
        recall=float(recall),
        f1=float(f1),
        labels=tuple(labels.tolist()),
        n_samples=len(y_true),
        _counts=counts,
    )


def evaluate_regressor(y_true: ArrayLike, y_pred: ArrayLike) -> RegressionReport:
    """Compare predicted values with the true ones.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        The true values.
    y_pred : array-like of shape (n_samples,)
        The predicted values.

    Returns
    -------
    RegressionReport
        R²; mean absolute error and root mean squared error, in the unit of the
        values; mean squared error, in its square.

    Raises
    ------
    TypeError
        If something else than numbers is given.
    ValueError
        If lengths differ, values are missing, or there is more than one column.

    Examples
    --------
    >>> from hpocourse import evaluate_regressor
    >>> evaluate_regressor([3, -0.5, 2, 7], [2.5, 0, 2, 8])
    RegressionReport(r2=0.9486, mae=0.5000, mse=0.3750, rmse=0.6124, n_samples=4)
    """
    y_true, y_pred = check_targets(y_true, y_pred)
    return RegressionReport(
        r2=float(sk.r2_score(y_true, y_pred)) if len(y_true) > 1 else float("nan"),
        mae=float(sk.mean_absolute_error(y_true, y_pred)),
        mse=float(sk.mean_squared_error(y_true, y_pred)),
        rmse=float(sk.root_mean_squared_error(y_true, y_pred)),
        n_samples=len(y_true),
        _y_true=y_true,
        _y_pred=y_pred,
    )
