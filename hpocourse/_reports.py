"""The reports of :mod:`hpocourse.metrics`, in the reader's language when shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from ._html import table
from ._validation import check_axes
from .languages import gettext as _
from .languages import ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Fewest and most, in the heatmap of a confusion matrix.
HEATMAP_COLORS = ("#c3ccd4", "#3b8ae2")
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
        # Black digits read on every color from slate to blue, whatever the
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
            text.set_color("black" if count else mpl.rcParams["text.color"])
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
