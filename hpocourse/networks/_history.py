"""What a training leaves behind, epoch by epoch."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..languages import gettext as _


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
        How long it took; in a population, its share.
    """

    metric: str
    train_loss: tuple
    train_metric: tuple
    valid_loss: tuple
    valid_metric: tuple
    state: str
    seconds: float

    @property
    def best_epoch(self):
        """The epoch with the lowest validation loss, counted from 1; 0 if none."""
        return int(np.argmin(self.valid_loss)) + 1 if self.valid_loss else 0

    @property
    def score(self):
        """The validation metric of the best epoch; NaN if there is none."""
        if not self.valid_metric:
            return float("nan")
        return self.valid_metric[self.best_epoch - 1]

    @property
    def frame(self):
        """The epochs as a table, a row for each."""
        columns = {
            "train_loss": self.train_loss,
            f"train_{self.metric}": self.train_metric,
            "valid_loss": self.valid_loss,
            f"valid_{self.metric}": self.valid_metric,
        }
        index = pd.RangeIndex(1, len(self.train_loss) + 1, name="epoch")
        return pd.DataFrame(columns, index=index, dtype=float)

    def plot(self, ax=None):
        """Draw the losses, labeled in the reader's language.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes with both curves and the best epoch.
        """
        from ..metrics import _axes

        ax = _axes(ax, figsize=(6.4, 4.2))
        epochs = self.frame.index
        ax.plot(epochs, self.train_loss, marker=".", label=_("training"))
        ax.plot(epochs, self.valid_loss, marker=".", label=_("validation"))
        if self.best_epoch:
            ax.axvline(
                self.best_epoch, color="C2", linestyle="--", label=_("best epoch")
            )
        ax.set(title=_("Loss by epoch"), xlabel=_("Epoch"), ylabel=_("Loss"))
        ax.legend()
        return ax

    def __repr__(self):
        """Show the outcome in one line, the same in every language."""
        return (
            f"History({self.state} after {len(self.valid_loss)} epochs, "
            f"best_epoch={self.best_epoch}, valid_{self.metric}={self.score:.4f})"
        )


class Recorder:
    """Collects one training's epochs and says when it ends.

    Parameters
    ----------
    metric : str
        As in :class:`History`.
    epochs : int
        How many epochs there are at most.
    patience : int or None
        After how many epochs without a lower validation loss it stops.
    prune : callable, optional
        Called after each epoch with its number and its validation metric; says
        whether to end.
    """

    def __init__(self, metric, epochs, patience, prune=None):
        self.metric, self.epochs, self.patience = metric, epochs, patience
        self.prune = prune
        self.rows, self.state, self.seconds = [], None, 0.0
        self.best = (0, np.inf)

    def add(self, row, seconds):
        """Take in an epoch; return whether it is the best so far.

        Parameters
        ----------
        row : tuple of float
            Training loss and metric, validation loss and metric.
        seconds : float
            How long it took.

        Returns
        -------
        bool
            Whether its validation loss is the lowest so far.
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

    def history(self):
        """Return the epochs.

        Returns
        -------
        History
            What was recorded.
        """
        columns = tuple(zip(*self.rows, strict=True)) or ((),) * 4
        return History(self.metric, *columns, self.state, self.seconds)
