"""What a training leaves behind, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._validation import check_axes
from ..languages import gettext as _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ._network import MLP


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """The epochs of one training; made by :func:`fit`.

    Attributes
    ----------
    metric : {"accuracy", "mae"}
        What is measured beside the loss.
    train_loss, train_metric : tuple of float
        Means over each epoch's batches, while the weights change.
    valid_loss, valid_metric : tuple of float
        After each epoch, on the validation set.
    state : {"finished", "stopped", "pruned", "diverged"}
        How it ended: all epochs, out of patience, by the caller's decision, or
        with a loss that is no number; the epochs before that one are kept.
    seconds : float
        How long it took, in seconds of wall time; in a population, its share.
    """

    metric: str
    train_loss: tuple[float, ...]
    train_metric: tuple[float, ...]
    valid_loss: tuple[float, ...]
    valid_metric: tuple[float, ...]
    state: str
    seconds: float

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss, counted from 1; 0 if none."""
        return int(np.argmin(self.valid_loss)) + 1 if self.valid_loss else 0

    @property
    def score(self) -> float:
        """The validation metric of the best epoch; NaN if there is none."""
        if not self.valid_metric:
            return float("nan")
        return self.valid_metric[self.best_epoch - 1]

    @property
    def frame(self) -> pd.DataFrame:
        """The epochs as a table, a row for each."""
        parts = ("train_loss", "train_metric", "valid_loss", "valid_metric")
        names = [part.replace("metric", self.metric) for part in parts]
        rows = zip(*(getattr(self, part) for part in parts), strict=True)
        frame = pd.DataFrame(rows, columns=names, dtype=float)
        return frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="epoch"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the losses, labeled in the reader's language.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes with both curves and the best epoch.

        Raises
        ------
        TypeError
            If `ax` is no Axes of Matplotlib.
        """
        ax = check_axes(ax, figsize=(6.4, 4.2))
        epochs = self.frame.index
        ax.plot(epochs, self.train_loss, marker=".", label=_("training"))
        ax.plot(epochs, self.valid_loss, marker=".", label=_("validation"))
        if self.best_epoch:
            ax.axvline(self.best_epoch, color="C2", ls="--", label=_("best epoch"))
        ax.set(title=_("Loss by epoch"), xlabel=_("Epoch"), ylabel=_("Loss"))
        ax.legend()
        return ax

    def __repr__(self) -> str:
        """Show the outcome in one line, the same in every language."""
        return (
            f"History({self.state} after {len(self.valid_loss)} epochs, "
            f"best_epoch={self.best_epoch}, valid_{self.metric}={self.score:.4f})"
        )


@dataclass(frozen=True, eq=False)
class Result:
    """What one configuration achieved; made by :func:`fit_population`.

    Attributes
    ----------
    config : dict
        The configuration as it was given.
    histories : tuple of History
        The epochs: of the one training, or of the training on each fold.
    models : tuple of MLP
        The networks, with the weights of their best epochs.
    """

    config: dict[str, Any]
    histories: tuple[History, ...]
    models: tuple[MLP, ...]

    @property
    def score(self) -> float:
        """The validation metric of the best epoch, its mean over the folds."""
        return float(np.mean([history.score for history in self.histories]))

    @property
    def state(self) -> str:
        """How it ended; with folds, the worst that befell one of them."""
        order = ("diverged", "pruned", "stopped", "finished")
        return min((history.state for history in self.histories), key=order.index)

    @property
    def seconds(self) -> float:
        """How long it took: its share of wall time, summed over the folds."""
        return sum(history.seconds for history in self.histories)

    def __repr__(self) -> str:
        """Show the outcome in one line, the same in every language."""
        score = f"valid_{self.histories[0].metric}={self.score:.4f}"
        return f"Result({self.config}, {self.state}, {score})"


class Recorder:
    """Collects one training's epochs and says when it ends.

    Its arguments are those of :func:`fit`, and the name of the metric.
    """

    def __init__(self, metric, epochs, patience, prune=None):
        self.metric, self.epochs, self.patience = metric, epochs, patience
        self.prune, self.rows, self.state, self.seconds = prune, [], None, 0.0
        self.best = (0, np.inf)

    def add(self, row, seconds):
        """Take in an epoch; return whether its validation loss is the lowest so far.

        A row holds training loss and metric, validation loss and metric.
        """
        self.seconds += seconds
        if not np.isfinite([row[0], row[2]]).all():
            self.state = "diverged"
            return False
        self.rows.append(row)
        epoch = len(self.rows)
        better = row[2] < self.best[1]
        if better:
            self.best = (epoch, row[2])
        if epoch == self.epochs:
            self.state = "finished"
        elif self.patience is not None and epoch - self.best[0] >= self.patience:
            self.state = "stopped"
        if self.prune and self.prune(epoch, row[3]) and self.state is None:
            self.state = "pruned"
        return better

    def history(self) -> History:
        """Return what was recorded."""
        a, b, c, d = tuple(zip(*self.rows, strict=True)) or ((),) * 4
        return History(self.metric, a, b, c, d, str(self.state), self.seconds)
