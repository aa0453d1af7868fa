"""Methods side by side: same problem, same budget, same seeds."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import TrialState
from tqdm import tqdm

from .. import _validation as check
from ..languages import gettext as _
from ._optuna import file_of
from ._run import check_search, check_seeds, run, warn_of_failures
from ._samplers import check_methods, colors_of, label_of
from ._samplers.ordinal import placed
from ._storage import lent, open_storage, owned
from ._workers import end_with

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONFIDENCE = 0.95

Method = str | Callable[[int], BaseSampler]


def compare(
    objective: Callable[[dict[str, Any]], float],
    space: dict[str, BaseDistribution],
    *,
    methods: Iterable[str] | dict[str, Method],
    n_trials: int,
    seeds: int | Iterable[int],
    direction: str = "maximize",
    storage: str | Path | None = None,
    workers: int = 1,
    progress: bool = True,
) -> Comparison:
    """Run several methods on the same problem, each with the same seeds.

    Each search runs one trial at a time, so that it is exact; `workers` searches
    run at once. With a `storage` an interrupted comparison goes on where it was.

    Parameters
    ----------
    objective : callable
        What to optimize; gets a dict of parameters.
    space : dict of str to optuna.distributions.BaseDistribution
        The parameters and where to search them.
    methods : list of str, or dict of str to (str or callable)
        Methods of :func:`run`; in a dict, a name for each, and a method or a
        function that makes a sampler from a seed.
    n_trials : int
        The budget of each search.
    seeds : int or iterable of int
        The seeds; a number stands for as many, from 0.
    direction : {"maximize", "minimize"}, default="maximize"
        What is better.
    storage : str or pathlib.Path, optional
        Where to keep all the studies; memory by default.
    workers : int, default=1
        How many searches at once, each in a process of its own.
    progress : bool, default=True
        Whether to show a bar.

    Returns
    -------
    Comparison
        What each method found, seed by seed. What interrupts it carries those of
        the searches that had ended as its attribute ``comparison``.

    Raises
    ------
    TypeError
        If an argument has the wrong type; a sampler in place of a function of the
        seed is one, for all seeds would share it.
    ValueError
        If a method is unknown, a name or a seed occurs twice, or a number is out of
        bounds.
    OSError
        If the storage does not open, or is a file that another search is at.
    SearchError
        If the first trials of a search all fail.

    Warns
    -----
    RuntimeWarning
        If trials failed: how many, and the commonest reason.
    """
    check.check_type(space, "space", dict, "a dict, for all methods to search the same")
    check_search(objective, space, n_trials, 0, direction, workers)
    each_seed = check_seeds(seeds)
    searches = [
        (name, method, seed)
        for name, method in check_methods(methods, space).items()
        for seed in each_seed
    ]
    if storage is not None and "://" not in str(storage):
        # Processes that joblib keeps may stand in another folder by now.
        storage = Path(storage).expanduser().absolute()

    parent = os.getpid()

    def search(name: str, method: Method, seed: int) -> pd.DataFrame:
        if os.getppid() == parent:  # what joblib has started would go on after it
            end_with(parent)
        opened = open_storage(storage)
        with lent(file_of(opened)), warnings.catch_warnings():
            # Said once, at the end, and by this process: workers tell nobody.
            warnings.filterwarnings("ignore", ".* trials failed", RuntimeWarning)
            study = run(
                objective,
                space,
                method=method(seed) if callable(method) else method,
                n_trials=n_trials,
                seed=seed,
                direction=direction,
                storage=opened,
                study_name=f"{name}-{seed}",
                progress=False,
            )
        # A storage may hold more trials than the budget.
        trials = list(dict(placed(study.trials)).values())[:n_trials]
        told = [t.value if t.state == TrialState.COMPLETE else None for t in trials]
        values = np.array(told, dtype=float)
        best = (np.fmax if direction == "maximize" else np.fmin).accumulate(values)
        place = {"method": name, "seed": seed, "trial": range(1, len(trials) + 1)}
        why = [t.user_attrs.get("failure") for t in trials]
        return pd.DataFrame({**place, "value": values, "best": best, "failure": why})

    frames: list[pd.DataFrame] = []
    with owned(file_of(open_storage(storage))):
        results = Parallel(n_jobs=workers, return_as="generator")(
            delayed(search)(*arguments) for arguments in searches
        )
        bar = {"desc": _("Comparison"), "total": len(searches), "disable": not progress}
        try:
            frames.extend(tqdm(results, **bar))
        except BaseException as error:
            with suppress(Exception):  # none has ended, or it takes no attributes
                error.comparison = Comparison(  # type: ignore[attr-defined]
                    pd.concat(frames, ignore_index=True), direction
                )
            raise
    comparison = Comparison(pd.concat(frames, ignore_index=True), direction)
    reasons = Counter(comparison.frame["failure"].dropna())
    warn_of_failures(reasons, "the comparison's frame says which")
    return comparison


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What several methods found, seed by seed; :func:`compare` makes it.

    Attributes
    ----------
    frame : pandas.DataFrame
        A row for each trial: ``method``, ``seed``, ``trial`` (from 1), ``value``,
        ``best`` (the best value so far) and ``failure``: why it failed, if it did.
        The value of a failed trial is NaN.
    direction : str
        What is better: ``"maximize"`` or ``"minimize"``.
    """

    frame: pd.DataFrame
    direction: str

    @property
    def final(self) -> pd.DataFrame:
        """The best value of each search: a row for each seed, a column for a method."""
        last = self.frame.sort_values("trial").groupby(["method", "seed"], sort=False)
        final = last["best"].last().unstack("method")
        return final[list(dict.fromkeys(self.frame["method"]))]

    def __repr__(self) -> str:
        """Show the sizes, the same in every language."""
        sizes = [self.frame[name].nunique() for name in ("method", "seed", "trial")]
        return "Comparison({} methods, {} seeds, {} trials)".format(*sizes)

    def _repr_html_(self) -> str:
        """Show what each method found in the end, over the seeds."""
        table = self.final.rename(columns=label_of).agg(["mean", "std", "count"]).T
        table.columns = [_("Best value, mean"), _("Standard deviation"), _("Seeds")]
        return table.rename_axis(_("Method")).to_html(float_format="{:.6g}".format)

    def plot_best(self, ax: Axes | None = None) -> Axes:
        """Draw the best value so far, its mean over the seeds, trial by trial.

        The bands are Student's 95 % intervals of the mean over the seeds.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes.

        Raises
        ------
        TypeError
            If `ax` is anything else.
        """
        from scipy import stats

        ax = check.check_axes(ax)
        colors = colors_of(self.frame["method"])
        for method, runs in self.frame.groupby("method", sort=False):
            best = runs.pivot(index="seed", columns="trial", values="best")
            best = best.dropna(axis="columns")  # from where every seed has a value
            mean, color = best.mean(), colors[method]
            half = best.sem() * stats.t.ppf((1 + CONFIDENCE) / 2, len(best) - 1)
            ax.plot(best.columns, mean, label=label_of(method), color=color)
            band = mean - half, mean + half
            ax.fill_between(best.columns, *band, color=color, alpha=0.2, lw=0)
        ax.set(xlabel=_("Trial"), ylabel=_("Best value"))
        ax.set_title(_("Best value so far, mean of the seeds"))
        ax.legend()
        return ax

    def differences(self, reference: str) -> pd.DataFrame:
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

        References
        ----------
        Holm: *A Simple Sequentially Rejective Multiple Test Procedure*, Scandinavian
        Journal of Statistics 6, 1979.
        """
        from scipy import stats

        final = self.final
        check.check_choice(reference, "reference", tuple(final))
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
                low, high, p = pairs.mean(), pairs.mean(), float(pairs.mean() == 0)
            else:
                test = stats.ttest_1samp(pairs, 0)
                level = 1 - (1 - CONFIDENCE) / len(others)
                (low, high), p = test.confidence_interval(level), test.pvalue
            rows[method] = [pairs.mean(), low, high, p, len(pairs)]
        columns = ["difference", "low", "high", "p", "seeds"]
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        order = np.argsort(frame["p"])  # Holm: the smallest p times their number, …
        raised = (frame["p"].iloc[order] * np.arange(len(frame), 0, -1)).clip(upper=1)
        frame["p"] = raised.cummax()
        return frame.rename_axis("method")
