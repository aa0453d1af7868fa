"""What several methods found, seed by seed: tables, pictures, differences."""

from dataclasses import dataclass
from itertools import cycle

import numpy as np
import pandas as pd

from ..languages import gettext as _
from ..palette import METHOD_COLORS
from ._checks import DIRECTIONS, check_choice

#: The names of `run`'s methods in the course's palette.
PALETTE = {"qmc": "quasi-random", "bayes": "bayes_opt"}
#: For methods that are not the course's own.
SPARE = tuple(dict.fromkeys(METHOD_COLORS.values()))
RESAMPLES = 1000
CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What several methods found, seed by seed; :func:`compare` makes it.

    Attributes
    ----------
    frame : pandas.DataFrame
        A row for each trial: ``method``, ``seed``, ``trial`` (from 1), ``value``,
        ``best`` (the best value so far), ``optimizer_seconds`` and
        ``objective_seconds``. The value of a failed trial is NaN.
    direction : str
        What is better: ``"maximize"`` or ``"minimize"``.
    """

    frame: pd.DataFrame
    direction: str = "maximize"

    def __post_init__(self):
        """Check the direction."""
        check_choice(self.direction, "direction", DIRECTIONS)

    def __repr__(self):
        """Show the sizes, the same in every language."""
        sizes = [self.frame[name].nunique() for name in ("method", "seed", "trial")]
        return "Comparison({} methods, {} seeds, {} trials)".format(*sizes)

    def _repr_html_(self):
        """Show what each method found in the end, over the seeds."""
        final = self._final()
        table = pd.DataFrame(
            {
                _("Best value, mean"): final.mean(),
                _("Standard deviation"): final.std(),
                _("Seeds"): final.count(),
            }
        ).rename_axis(_("Method"))
        return table.to_html(float_format="{:.6g}".format)

    def plot_best(self, ax=None):
        """Draw the best value so far, its mean over the seeds, trial by trial.

        The bands are 95 % bootstrap intervals of the mean over the seeds.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes.
        """
        ax = _axes(ax)
        colors = self._colors()
        for method, runs in self.frame.groupby("method", sort=False):
            best = runs.pivot(index="seed", columns="trial", values="best")
            best = best.dropna(axis="columns")  # from where every seed has a value
            low, high = _interval_of_mean(best.to_numpy())
            color = colors[method]
            ax.plot(best.columns, best.mean(), label=method, color=color)
            ax.fill_between(best.columns, low, high, color=color, alpha=0.2, lw=0)
        ax.set(
            title=_("Best value so far, mean of the seeds"),
            xlabel=_("Trial"),
            ylabel=_("Best value"),
        )
        ax.legend()
        return ax

    def plot_final(self, ax=None):
        """Draw what each seed found in the end, and the mean of each method.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes.
        """
        import seaborn as sns

        ax = _axes(ax)
        final = self._final()
        colors = self._colors()
        sns.stripplot(final, palette=colors, alpha=0.6, orient="h", jitter=False, ax=ax)
        ax.plot(final.mean(), range(len(colors)), "|", color="C7", ms=22, mew=2.5)
        ax.set(
            title=_("What each seed found, and the mean"),
            xlabel=_("Best value"),
            ylabel=_("Method"),
        )
        return ax

    def plot_cost(self, ax=None):
        """Draw what a search costs its optimizer against what it finds.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes; the seconds are on a logarithmic scale.
        """
        ax = _axes(ax)
        seconds = self.frame.groupby(["method", "seed"])["optimizer_seconds"].sum()
        final, colors = self._final(), self._colors()
        for method in final:
            cost, quality = seconds[method].mean(), final[method].mean()
            error = final[method].sem()
            ax.errorbar(cost, quality, error, fmt="o", color=colors[method])
            ax.annotate(
                method, (cost, quality), textcoords="offset points", xytext=(8, 4)
            )
        ax.set(
            title=_("Price and quality of each method"),
            xlabel=_("Seconds in the optimizer, a whole search"),
            ylabel=_("Best value, mean of the seeds"),
            xscale="log",
        )
        ax.margins(x=0.25)
        return ax

    def differences(self, reference):
        """Compare each method with one of them, seed by seed.

        The difference of a seed is what the method found less what the reference
        found, with the sign turned where less is better: positive is better. The
        intervals are Student's for paired differences, at a level that by
        Bonferroni's correction holds for all methods together; the p-values are
        corrected by Holm's procedure.

        Parameters
        ----------
        reference : str
            The method to compare with.

        Returns
        -------
        pandas.DataFrame
            A row for each other method: ``difference`` (the mean), ``low`` and
            ``high`` (the interval), ``p``, ``seeds``.

        Raises
        ------
        ValueError
            If the reference is no method of this comparison, or there are fewer
            than two seeds.
        """
        from scipy import stats

        final = self._final()
        check_choice(reference, "reference", tuple(final))
        sign = 1 if self.direction == "maximize" else -1
        others = [method for method in final if method != reference]
        rows = {}
        for method in others:
            pairs = sign * (final[method] - final[reference]).dropna()
            if len(pairs) < 2:
                raise ValueError(
                    f"a difference needs at least two seeds that both methods "
                    f"finished, got {len(pairs)} for {method!r} and {reference!r}"
                )
            if pairs.std() == 0:  # equal in every seed, or by the same amount
                low = high = pairs.mean()
                p = 1.0 if pairs.mean() == 0 else 0.0
            else:
                test = stats.ttest_1samp(pairs, 0)
                level = 1 - (1 - CONFIDENCE) / len(others)
                low, high = test.confidence_interval(level)
                p = test.pvalue
            rows[method] = [pairs.mean(), low, high, p, len(pairs)]
        columns = ["difference", "low", "high", "p", "seeds"]
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        frame["p"] = _holm(frame["p"])
        return frame.rename_axis("method")

    def _final(self):
        """Return the last best value: a row for each seed, a column for a method."""
        last = self.frame.sort_values("trial").groupby(["method", "seed"], sort=False)
        final = last["best"].last().unstack("method")
        return final[list(dict.fromkeys(self.frame["method"]))]

    def _colors(self):
        """Return a color for each method: the course's, or one that is left."""
        methods = dict.fromkeys(self.frame["method"])
        known = {m: METHOD_COLORS.get(PALETTE.get(m, m)) for m in methods}
        left = cycle(color for color in SPARE if color not in known.values())
        return {method: color or next(left) for method, color in known.items()}


def _interval_of_mean(values):
    """Bootstrap the mean over the rows; the same draws in every call."""
    rng = np.random.default_rng(0)
    rows = rng.integers(len(values), size=(RESAMPLES, len(values)))
    tail = (1 - CONFIDENCE) / 2
    return np.quantile(values[rows].mean(axis=1), [tail, 1 - tail], axis=0)


def _holm(p):
    order = np.argsort(p)
    factors = np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.maximum.accumulate(np.minimum(p.iloc[order] * factors, 1))
    return corrected


def _axes(ax):
    import matplotlib.pyplot as plt

    return plt.subplots()[1] if ax is None else ax
