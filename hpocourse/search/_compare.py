"""Methods side by side: same problem, same budget, same seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import Trial, TrialState
from tqdm import tqdm

from .._validation import check_axes, check_choice, check_integer, check_seed
from ..languages import get_language, set_language
from ..languages import gettext as _
from ..palette import METHOD_COLORS
from ._run import DIRECTIONS, check_search, run
from ._samplers import METHODS
from ._samplers.ordinal import make_sampler, ordinal
from ._storage import is_lost, lent, open_storage, owned

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Trials after which every method has loaded what it needs: gp fits from its 11th.
WARM_UP = 12
RESAMPLES = 1000
CONFIDENCE = 0.95

Objective = Callable[[dict[str, Any]], float]
Space = dict[str, BaseDistribution]
Methods = dict[str, str | Callable[[int], BaseSampler]]

_warm: set[str] = set()


def compare(
    objective: Objective,
    space: Space,
    *,
    methods: Iterable[str] | Methods,
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
    """
    if space is None:
        raise ValueError(
            "compare needs the space, so that every method searches the same; pass a "
            "dict of distributions"
        )
    check_search(
        objective,
        space,
        n_trials=n_trials,
        seed=0,
        direction=direction,
        workers=workers,
    )
    chosen = _check_methods(methods)
    seeds = _check_seeds(seeds)
    if storage is not None and "://" not in str(storage):
        # Processes that joblib keeps may stand in another folder by now.
        storage = Path(storage).expanduser().absolute()
    one = partial(
        _run_one,
        objective,
        space,
        n_trials=n_trials,
        direction=direction,
        storage=storage,
        language=get_language().folder,
    )
    searches = [(name, seed) for name in chosen for seed in seeds]
    frames: list[pd.DataFrame] = []
    with owned(open_storage(storage)):
        results = Parallel(n_jobs=workers, return_as="generator")(
            delayed(one)(name, chosen[name], seed) for name, seed in searches
        )
        try:
            frames.extend(
                tqdm(
                    results,
                    desc=_("Comparison"),
                    total=len(searches),
                    disable=not progress,
                )
            )
        except BaseException as error:
            if frames:
                with suppress(Exception):  # some kinds take no attributes
                    error.comparison = Comparison(  # type: ignore[attr-defined]
                        pd.concat(frames, ignore_index=True), direction
                    )
            raise
    return Comparison(pd.concat(frames, ignore_index=True), direction)


class _Timed:
    """An objective that notes its own seconds, and those between its calls."""

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._ended = time.perf_counter()

    def __call__(self, parameters: dict[str, Any], trial: Trial) -> float:
        began = time.perf_counter()
        optimizer = began - self._ended
        try:
            return self._objective(parameters)
        finally:
            objective = time.perf_counter() - began
            trial.set_user_attr("seconds", [optimizer, objective])
            self._ended = time.perf_counter()


def _run_one(
    objective: Objective,
    space: Space,
    name: str,
    method: str | Callable[[int], BaseSampler],
    seed: int,
    *,
    n_trials: int,
    direction: str,
    storage: str | Path | None,
    language: str,
) -> pd.DataFrame:
    set_language(language)

    def sampler() -> BaseSampler:
        return make_sampler(method(seed) if callable(method) else method, space, seed)

    if name not in _warm:  # what a library loads at first use is not its price
        _warm.add(name)
        values = count()
        run(
            lambda parameters: next(values),
            space,
            method=sampler(),
            n_trials=WARM_UP,
            progress=False,
        )
    opened = open_storage(storage)
    with lent(opened):
        study = run(
            _Timed(objective),
            space,
            method=sampler(),
            n_trials=n_trials,
            direction=direction,
            storage=opened,
            study_name=f"{name}-{seed}",
            pass_trial=True,
            progress=False,
        )
    return _frame(study, name, seed, n_trials)


def _frame(study: Study, name: str, seed: int, n_trials: int) -> pd.DataFrame:
    trials = [t for t in study.trials if not is_lost(t)]
    trials = sorted(trials, key=ordinal)[:n_trials]  # a storage may hold more
    complete = [trial.state == TrialState.COMPLETE for trial in trials]
    values = np.array(
        [t.value if ok else np.nan for t, ok in zip(trials, complete, strict=True)]
    )
    better = np.fmax if study.direction.name == "MAXIMIZE" else np.fmin
    seconds = [trial.user_attrs["seconds"] for trial in trials]
    return pd.DataFrame(
        {
            "method": name,
            "seed": seed,
            "trial": range(1, len(trials) + 1),
            "value": values,
            "best": better.accumulate(values),
            "optimizer_seconds": [optimizer for optimizer, _ in seconds],
            "objective_seconds": [objective for _, objective in seconds],
        }
    )


def _check_methods(methods: Any) -> Methods:
    if isinstance(methods, str) or not hasattr(methods, "__iter__"):
        raise TypeError(
            f"methods must be a list of names or a dict, got {methods!r:.60}; for one "
            "method write a list of one"
        )
    is_dict = isinstance(methods, dict)
    pairs = [*methods.items()] if is_dict else [(name, name) for name in methods]
    if not pairs:
        raise ValueError("methods is empty; name at least one method")
    for name, method in pairs:
        shown = f"methods[{name!r}]" if is_dict else "each method"
        if isinstance(method, (type, BaseSampler)):
            raise TypeError(
                f"{shown} must be the name of a method or a function of the seed, got "
                f"{method!r:.60}; write {{'name': lambda seed: TPESampler(seed=seed)}}"
            )
        if not (is_dict and callable(method)):
            check_choice(method, shown, METHODS)
    if len({name for name, method in pairs}) < len(pairs):
        raise ValueError(f"methods must differ, got {[name for name, _ in pairs]}")
    return dict(pairs)


def _check_seeds(seeds: Any) -> list[int]:
    if not hasattr(seeds, "__iter__"):
        seeds = range(check_integer(seeds, "seeds", minimum=1))
    seeds = [check_seed(seed) for seed in seeds]
    if not seeds:
        raise ValueError("seeds is empty; give at least one, or how many")
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must differ, got {seeds}")
    return seeds


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

    def __post_init__(self) -> None:
        """Check the direction."""
        check_choice(self.direction, "direction", DIRECTIONS)

    def __repr__(self) -> str:
        """Show the sizes, the same in every language."""
        sizes = [self.frame[name].nunique() for name in ("method", "seed", "trial")]
        return "Comparison({} methods, {} seeds, {} trials)".format(*sizes)

    def _repr_html_(self) -> str:
        """Show what each method found in the end, over the seeds."""
        final = self._final().rename(columns=label_of)
        table = pd.DataFrame(
            {
                _("Best value, mean"): final.mean(),
                _("Standard deviation"): final.std(),
                _("Seeds"): final.count(),
            }
        ).rename_axis(_("Method"))
        return table.to_html(float_format="{:.6g}".format)

    def plot_best(self, ax: Axes | None = None) -> Axes:
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

        Raises
        ------
        TypeError
            If `ax` is anything else.
        """
        ax = check_axes(ax)
        colors = self._colors()
        for method, runs in self.frame.groupby("method", sort=False):
            best = runs.pivot(index="seed", columns="trial", values="best")
            best = best.dropna(axis="columns")  # from where every seed has a value
            low, high = _interval_of_mean(best.to_numpy())
            color = colors[method]
            ax.plot(best.columns, best.mean(), label=label_of(method), color=color)
            ax.fill_between(best.columns, low, high, color=color, alpha=0.2, lw=0)
        ax.set(
            title=_("Best value so far, mean of the seeds"),
            xlabel=_("Trial"),
            ylabel=_("Best value"),
        )
        ax.legend()
        return ax

    def plot_final(self, ax: Axes | None = None) -> Axes:
        """Draw what each seed found in the end, and the mean of each method.

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
        import seaborn as sns

        ax = check_axes(ax)
        final = self._final().rename(columns=label_of)
        colors = {label_of(method): color for method, color in self._colors().items()}
        sns.stripplot(final, palette=colors, alpha=0.6, orient="h", jitter=False, ax=ax)
        ax.plot(final.mean(), range(len(colors)), "|", color="C7", ms=22, mew=2.5)
        ax.set(
            title=_("What each seed found, and the mean"),
            xlabel=_("Best value"),
            ylabel=_("Method"),
        )
        return ax

    def plot_cost(self, ax: Axes | None = None) -> Axes:
        """Draw what a search costs its optimizer against what it finds.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            The axes; the seconds are on a logarithmic scale.

        Raises
        ------
        TypeError
            If `ax` is anything else.
        """
        ax = check_axes(ax)
        seconds = self.frame.groupby(["method", "seed"])["optimizer_seconds"].sum()
        final, colors = self._final(), self._colors()
        for method in final:
            cost, quality = seconds[method].mean(), final[method].mean()
            error = final[method].sem()
            ax.errorbar(cost, quality, error, fmt="o", color=colors[method])
            ax.annotate(
                label_of(method), (cost, quality), (8, 4), textcoords="offset points"
            )
        ax.set(
            title=_("Price and quality of each method"),
            xlabel=_("Seconds in the optimizer, a whole search"),
            ylabel=_("Best value, mean of the seeds"),
            xscale="log",
        )
        ax.margins(x=0.25)
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

    def _final(self) -> pd.DataFrame:
        """Return the last best value: a row for each seed, a column for a method."""
        last = self.frame.sort_values("trial").groupby(["method", "seed"], sort=False)
        final = last["best"].last().unstack("method")
        return final[list(dict.fromkeys(self.frame["method"]))]

    def _colors(self) -> dict[str, str]:
        """Return a color for each method: the course's, or one that is left."""
        methods = dict.fromkeys(self.frame["method"])
        known = {method: METHOD_COLORS.get(method) for method in methods}
        spare = [c for c in METHOD_COLORS.values() if c not in known.values()]
        left = cycle(spare or METHOD_COLORS.values())
        return {method: color or next(left) for method, color in known.items()}


def label_of(method: str) -> str:
    """Return the name of a method in the language in use; others keep theirs."""
    return METHODS[method].label() if method in METHODS else method


def _interval_of_mean(values: np.ndarray) -> np.ndarray:
    """Bootstrap the mean over the rows; the same draws in every call."""
    rng = np.random.default_rng(0)
    rows = rng.integers(len(values), size=(RESAMPLES, len(values)))
    tail = (1 - CONFIDENCE) / 2
    return np.quantile(values[rows].mean(axis=1), [tail, 1 - tail], axis=0)


def _holm(p: pd.Series) -> np.ndarray:
    order = np.argsort(p)
    factors = np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.maximum.accumulate(np.minimum(p.iloc[order] * factors, 1))
    return corrected
