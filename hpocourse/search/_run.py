"""One search, whatever its method, storage and number of workers."""

import optuna
from optuna.storages import InMemoryStorage
from tqdm import tqdm

from ..languages import gettext as _
from ._checks import (
    check_batch,
    check_choices,
    check_options,
    check_same_study,
    check_search,
)
from ._claims import Claims
from ._loop import Loop
from ._seeding import GridSampler, make_sampler
from ._storage import open_storage, quiet
from ._workers import open_workers


def run(
    objective,
    space=None,
    *,
    method="tpe",
    n_trials,
    seed=0,
    direction="maximize",
    storage=None,
    study_name=None,
    workers=1,
    executor=None,
    batch=None,
    pruner=None,
    timeout=None,
    pass_trial=False,
    progress=True,
    callbacks=(),
):
    """Search for the parameters at which an objective is best.

    With a `storage`, calling it again goes on where the study stands: after an
    interruption, on another day, or on several machines at once. A search that
    runs one trial at a time proposes after an interruption exactly what it would
    have proposed without; with several workers the results come back in an order
    that changes from run to run, so nothing of the kind is promised.

    Parameters
    ----------
    objective : callable
        What to optimize; returns one number. It gets a dict of parameters, or an
        Optuna trial if there is no `space`. A trial in which it raises or returns
        no number fails, with the reason in its user attribute ``failure``, and
        counts.
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
        ``.db`` (SQLite), a database's address, or a storage. By default memory.
    study_name : str, optional
        The study's name; by default that of the file.
    workers : int, default=1
        How many trials to run at once, each in a process of its own with its
        share of the cores. One that dies costs its trial, which is repeated once.
    executor : concurrent.futures.Executor, optional
        Where to run them instead, `workers` at once: a Dask client's
        ``get_executor()``. It must be on this machine if the objective takes the
        trial and the storage is no database.
    batch : int, optional
        How many trials to evaluate in one call of the objective, which then gets a
        list of dicts and returns a list of numbers: for networks trained together
        by :func:`hpocourse.networks.fit_population`. Needs a `space`, and goes with
        neither `workers`, `executor` nor `pass_trial`.
    pruner : optuna.pruners.BasePruner, optional
        What ``trial.should_prune()`` asks; Optuna's median pruner by default.
    timeout : float, optional
        Seconds after which no new trial begins.
    pass_trial : bool, default=False
        Whether the objective also gets the trial: ``objective(parameters, trial)``.
    progress : bool, default=True
        Whether to show a bar with the best value so far.
    callbacks : iterable of callable, default=()
        Called after each trial with the study and the trial, as Optuna does;
        ``study.stop()`` ends the search.

    Returns
    -------
    optuna.Study
        The study.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong, or the storage holds another study.
    OSError
        If the storage does not open or cannot be written to.
    SearchError
        If the first five trials all fail, or all there are; with the last reason.

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
    check_search(
        objective,
        space,
        n_trials=n_trials,
        seed=seed,
        direction=direction,
        workers=workers,
    )
    check_options(
        pruner=pruner, timeout=timeout, executor=executor, callbacks=callbacks
    )
    callbacks = tuple(callbacks)
    if storage is not None and not isinstance(storage, InMemoryStorage):
        check_choices(space)
    alone = space is not None and workers == 1 and executor is None and not pass_trial
    check_batch(batch, alone)
    sampler = make_sampler(method, space, seed)
    if isinstance(sampler, GridSampler):
        n_trials = min(n_trials, len(sampler))
    study = _open_study(storage, study_name, direction, sampler, pruner)
    check_same_study(study, space, direction)
    loop = Loop(study, space, n_trials, timeout, callbacks)
    takes_trial = pass_trial or space is None
    with (
        open_workers(
            objective,
            study,
            workers=workers,
            executor=executor,
            batch=batch,
            shares_storage=takes_trial,
        ) as place,
        Claims(study, n_trials) as claims,
        _bar(study, n_trials, progress) as bar,
    ):
        loop.run(place, claims, bar, takes_trial)
    return study


def _open_study(storage, name, direction, sampler, pruner):
    opened = open_storage(storage)
    if name is None and storage is not None:
        if isinstance(storage, optuna.storages.BaseStorage) or "://" in str(storage):
            raise ValueError(
                "a storage that can hold many studies needs study_name, so that the "
                "next call finds this one; pass study_name='…'"
            )
        name = str(storage).replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    try:
        with quiet():
            return optuna.create_study(
                storage=opened,
                study_name=name,
                direction=direction,
                sampler=sampler,
                pruner=pruner,
                load_if_exists=True,
            )
    except OSError as error:
        raise OSError(f"cannot keep a study in {storage}: {error}") from error


def _bar(study, n_trials, progress):
    done = sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))
    return tqdm(
        desc=_("Search"),
        total=n_trials,
        initial=min(done, n_trials),
        disable=not progress,
    )
