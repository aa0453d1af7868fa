"""Methods side by side: same problem, same budget, same seeds."""

import time
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from optuna.trial import TrialState
from tqdm import tqdm

from .._validation import check_integer, check_seed
from ..languages import get_language, set_language
from ..languages import gettext as _
from ._checks import METHODS, check_choice, check_search
from ._claims import LOST, ordinal
from ._comparison import Comparison
from ._run import run
from ._storage import open_storage

#: Trials after which every method has loaded what it needs: gp fits from its 11th.
WARM_UP = 12

_warm = set()


def compare(
    objective,
    space,
    *,
    methods,
    n_trials,
    seeds,
    direction="maximize",
    storage=None,
    workers=1,
    progress=True,
):
    """Run several methods on the same problem, each with the same seeds.

    Each search runs one trial at a time, so that it is exact; `workers` searches
    run at once. With a `storage` an interrupted comparison goes on where it was.

    Parameters
    ----------
    objective : callable
        What to optimize; gets a dict of parameters.
    space : dict of str to optuna.distributions.BaseDistribution
        The parameters and where to search them.
    methods : list of str, or dict of str to object
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
        What each method found, seed by seed.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong.
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
    methods = _check_methods(methods)
    seeds = _check_seeds(seeds)
    open_storage(storage)  # what cannot be kept is said before anything runs
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
    searches = [(name, seed) for name in methods for seed in seeds]
    results = Parallel(n_jobs=workers, return_as="generator")(
        delayed(one)(name, methods[name], seed) for name, seed in searches
    )
    bar = tqdm(results, desc=_("Comparison"), total=len(searches), disable=not progress)
    return Comparison(pd.concat(list(bar), ignore_index=True), direction)


class _Timed:
    """An objective that notes its own seconds, and those between its calls."""

    def __init__(self, objective):
        self._objective = objective
        self._ended = time.perf_counter()

    def __call__(self, parameters, trial):
        began = time.perf_counter()
        optimizer = began - self._ended
        try:
            return self._objective(parameters)
        finally:
            objective = time.perf_counter() - began
            trial.set_user_attr("seconds", [optimizer, objective])
            self._ended = time.perf_counter()


def _run_one(
    objective, space, name, method, seed, *, n_trials, direction, storage, language
):
    set_language(language)
    sampler = method(seed) if callable(method) else method
    if name not in _warm:  # what a library loads at first use is not its price
        _warm.add(name)
        values = count()
        run(
            lambda parameters: next(values),
            space,
            method=method(seed) if callable(method) else method,
            n_trials=WARM_UP,
            progress=False,
        )
    study = run(
        _Timed(objective),
        space,
        method=sampler,
        n_trials=n_trials,
        seed=seed,
        direction=direction,
        storage=storage,
        study_name=f"{name}-{seed}",
        pass_trial=True,
        progress=False,
    )
    return _frame(study, name, seed, n_trials)


def _frame(study, name, seed, n_trials):
    trials = [t for t in study.trials if LOST not in t.system_attrs]
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


def _check_methods(methods):
    if isinstance(methods, str) or not hasattr(methods, "__iter__"):
        raise TypeError(
            f"methods must be a list of names or a dict, got {methods!r:.60}; for one "
            "method write a list of one"
        )
    if not isinstance(methods, dict):
        names = list(methods)
        for name in names:
            check_choice(name, "each method", METHODS)
        if len(set(names)) < len(names):
            raise ValueError(f"methods must differ, got {names}")
        methods = {name: name for name in names}
    if not methods:
        raise ValueError("methods is empty; name at least one method")
    for name, method in methods.items():
        if not callable(method):
            check_choice(method, f"methods[{name!r}]", METHODS)
    return methods


def _check_seeds(seeds):
    if not hasattr(seeds, "__iter__"):
        seeds = range(check_integer(seeds, "seeds", minimum=1))
    seeds = [check_seed(seed) for seed in seeds]
    if not seeds:
        raise ValueError("seeds is empty; give at least one, or how many")
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must differ, got {seeds}")
    return seeds
