"""One search, whatever its method, storage and number of workers."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import optuna
from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial
from tqdm import tqdm

from .. import _validation as check
from ..languages import gettext as _
from . import _optuna as borrowed
from ._loop import Claims, Loop
from ._samplers import make_sampler
from ._samplers.ordinal import GridSampler
from ._storage import check_kept, check_same_study, name_of, open_storage, owned, quiet
from ._workers import open_workers

_last: Study | None = None


def run(
    objective: Callable[..., Any],
    space: dict[str, BaseDistribution] | None = None,
    *,
    method: str | BaseSampler = "tpe",
    n_trials: int,
    seed: int = 0,
    direction: str = "maximize",
    storage: str | Path | BaseStorage | None = None,
    study_name: str | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    pruner: BasePruner | None = None,
    timeout: float | None = None,
    pass_trial: bool = False,
    progress: bool = True,
    callbacks: Iterable[Callable[[Study, FrozenTrial], None]] = (),
) -> Study:
    """Search for the parameters at which an objective is best.

    With a `storage`, calling it again goes on where the study stands: after an
    interruption, on another day, or, with a database, on several machines at once. A
    search that runs one trial at a time proposes after an interruption exactly what
    it would have proposed without; with several workers the results come back in an
    order that changes from run to run, so nothing of the kind is promised.

    Parameters
    ----------
    objective : callable
        What to optimize; returns one number. It gets a dict of parameters, or an
        Optuna trial if there is no `space`. A trial in which it raises or returns
        no number fails, and counts: the reason stands in its user attribute
        ``failure``, the place in ``traceback``.
    space : dict of str to optuna.distributions.BaseDistribution, optional
        The parameters and where to search them.
    method : str or optuna.samplers.BaseSampler, default="tpe"
        ``"grid"`` (which ends at its last point), ``"random"``, ``"qmc"``
        (scrambled Sobol), ``"tpe"`` and ``"gp"`` (Optuna's), ``"hyperopt"``
        (hyperopt's TPE), ``"bayes"`` (bayesian-optimization's Gaussian process),
        or any sampler of Optuna, which is used as it is: it alone decides whether
        a resumed search repeats.
    n_trials : int
        How many trials the study shall have in the end, those of earlier calls
        included; a study that has them is returned as it is.
    seed : int, default=0
        The seed.
    direction : {"maximize", "minimize"}, default="maximize"
        What is better.
    storage : str, pathlib.Path or optuna.storages.BaseStorage, optional
        Where to keep the study: a path ending in ``.log`` (Optuna's journal) or
        ``.db`` (SQLite), a database's address, or a storage. By default memory. A
        file belongs to one search at a time; a PostgreSQL database may be shared. A
        trial counts as lost after 60 seconds without a sign of life, or after what
        an ``RDBStorage`` was given as its ``grace_period``.
    study_name : str, optional
        The study's name; by default that of the file.
    workers : int, default=1
        How many trials to run at once, each in a process of its own with its
        share of the cores. One that dies costs its trial, which is repeated once.
    executor : concurrent.futures.Executor, optional
        Where to run them instead, `workers` at once: a Dask client's
        ``get_executor()``. It must be on this machine if the objective takes the
        trial and the storage is no database.
    pruner : optuna.pruners.BasePruner, optional
        What ``trial.should_prune()`` asks; Optuna's median pruner by default.
    timeout : float, optional
        Seconds after which no new trial begins.
    pass_trial : bool, default=False
        Whether the objective also gets the trial: ``objective(parameters, trial)``.
    progress : bool, default=True
        Whether to show a bar with the best value so far and the number of failures.
    callbacks : iterable of callable, default=()
        Called after each trial with the study and the trial, as Optuna does;
        ``study.stop()`` ends the search.

    Returns
    -------
    optuna.Study
        The study. What interrupts the search carries it as its attribute ``study``,
        and :func:`last_study` returns it.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the storage holds another study.
    OSError
        If the storage does not open, cannot be written to, or is a file that another
        search is at.
    ImportError
        If `method` is ``"gp"`` and PyTorch is not installed.
    SearchError
        If the first five trials all fail, or all there are; with the last reason.

    Warns
    -----
    RuntimeWarning
        If trials failed: how many, and the commonest reason.

    References
    ----------
    Bergstra, Bardenet, Bengio and Kégl: *Algorithms for Hyper-Parameter
    Optimization*, NeurIPS 2011 (``"tpe"``, ``"hyperopt"``). Srinivas, Krause, Kakade
    and Seeger: *Gaussian Process Optimization in the Bandit Setting*, ICML 2010
    (``"bayes"``). Ament, Daulton, Eriksson, Balandat and Bakshy: *Unexpected
    Improvements to Expected Improvement for Bayesian Optimization*, NeurIPS 2023
    (``"gp"``). Owen: *Randomly Permuted (t, m, s)-Nets and (t, s)-Sequences*, 1995
    (``"qmc"``).

    Examples
    --------
    >>> from optuna.distributions import FloatDistribution
    >>> from hpocourse import search
    >>> study = search.run(
    ...     lambda parameters: -((parameters["x"] - 2) ** 2),
    ...     {"x": FloatDistribution(-10, 10)},
    ...     n_trials=30,
    ...     progress=False,
    ... )
    >>> len(study.trials), abs(study.best_params["x"] - 2) < 0.5
    (30, True)
    """
    global _last
    check_search(objective, space, n_trials, seed, direction, workers)
    what = "one of optuna.pruners, such as MedianPruner()"
    check.check_type(pruner, "pruner", BasePruner | None, what)
    what = "a concurrent.futures.Executor, of a Dask client client.get_executor()"
    check.check_type(executor, "executor", Executor | None, what)
    if timeout is not None:
        check.check_positive(timeout, "timeout")
    callbacks = tuple(callbacks)
    for callback in callbacks:
        check.check_type(callback, "each of callbacks", Callable, "a function")
    check_kept(space, storage)
    sampler = make_sampler(method, space, seed)
    opened = open_storage(storage)
    with owned(borrowed.file_of(opened)):
        with quiet():
            study = optuna.create_study(
                storage=opened,
                study_name=name_of(study_name, storage),
                direction=direction,  # type: ignore[arg-type]
                sampler=sampler,
                pruner=pruner,
                load_if_exists=True,
            )
        check_same_study(study, space, direction)
        _last = study
        if isinstance(sampler, GridSampler):
            n_trials = min(n_trials, len(sampler.course(study)))
        done = sum(t.state.is_finished() for t in study.get_trials(deepcopy=False))
        bar = {"total": n_trials, "initial": min(done, n_trials)}
        takes = pass_trial or space is None  # the trial
        try:
            with (
                open_workers(objective, study, workers, executor, takes) as submit,
                Claims(study, n_trials) as claims,
                tqdm(desc=_("Search"), **bar) if progress else nullcontext() as shown,
            ):
                loop = Loop(study, space, claims, submit, workers, callbacks, shown)
                reasons = loop.run(timeout)
        except BaseException as error:
            with suppress(Exception):  # some kinds take no attributes
                error.study = study  # type: ignore[attr-defined]
            raise
    more = "study.trials[k].user_attrs['traceback'] says where"
    warn_of_failures(reasons, more)
    return study


def last_study() -> Study:
    """Return the study of the last search of this process.

    Where :func:`run` was interrupted it has not returned a study; this one holds
    the trials that it had finished.

    Returns
    -------
    optuna.Study
        The study.

    Raises
    ------
    LookupError
        If this process has not searched yet.
    """
    if _last is None:
        raise LookupError("there was no search in this process yet; call run first")
    return _last


def check_search(
    objective: Any, space: Any, n_trials: Any, seed: Any, direction: Any, workers: Any
) -> None:
    """Raise at the first argument that every search has and that is wrong."""
    what = "a function, not what it returns"
    check.check_type(objective, "objective", Callable, what)
    check.check_space(space)
    check.check_integer(n_trials, "n_trials", minimum=1)
    check.check_seed(seed)
    check.check_choice(direction, "direction", ("maximize", "minimize"))
    check.check_integer(workers, "workers", minimum=1)


def check_seeds(seeds: Any) -> list[int]:
    """Return seeds as a list; a number stands for as many, from 0."""
    if not hasattr(seeds, "__iter__"):
        seeds = range(check.check_integer(seeds, "seeds", minimum=1))
    seeds = [check.check_seed(seed) for seed in seeds]
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must differ, and be at least one, got {seeds}")
    return seeds


def warn_of_failures(reasons: Counter[str], more: str) -> None:
    """Warn the caller's caller of trials that failed, if any; `more` says where."""
    for reason, count in reasons.most_common(1):
        warnings.warn(
            f"{reasons.total()} trials failed, {count} of them with {reason:.200}; "
            f"{more}",
            RuntimeWarning,
            stacklevel=3,
        )
