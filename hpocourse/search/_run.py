"""One search, whatever its method, storage and number of workers."""

import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, wait

import optuna
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.trial import Trial, TrialState
from tqdm import tqdm

from ..languages import gettext as _
from ._checks import check_options, check_same_study, check_search
from ._claims import LOST, Claims, ordinal
from ._evaluate import Outcome
from ._seeding import GridSampler, make_sampler
from ._storage import open_storage
from ._workers import open_workers

#: After so many trials without a single success a search gives up.
PATIENCE = 5
#: Seconds between two looks at trials that other processes run.
POLL = 0.5


class SearchError(RuntimeError):
    """A search in which every trial failed.

    Attributes
    ----------
    study : optuna.Study
        The study, with the failed trials and their reasons.
    """

    def __init__(self, message, study):
        super().__init__(message)
        self.study = study


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
    callbacks = tuple(callbacks)
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
    sampler = make_sampler(method, space, seed)
    if isinstance(sampler, GridSampler):
        n_trials = min(n_trials, len(sampler))
    study = _open_study(storage, study_name, direction, sampler, pruner)
    check_same_study(study, space, direction)
    search = _Search(study, space, n_trials, timeout, callbacks)
    takes_trial = pass_trial or space is None
    with (
        open_workers(
            objective,
            study,
            workers=workers,
            executor=executor,
            shares_storage=takes_trial,
        ) as place,
        Claims(study, n_trials) as claims,
        _bar(study, n_trials, progress) as bar,
    ):
        search.go(place, claims, bar, takes_trial)
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
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(verbosity, optuna.logging.WARNING))
    try:
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
    finally:
        optuna.logging.set_verbosity(verbosity)


def _bar(study, n_trials, progress):
    done = sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))
    return tqdm(
        desc=_("Search"),
        total=n_trials,
        initial=min(done, n_trials),
        disable=not progress,
    )


class _Search:
    """The loop: take a trial, have it evaluated, tell the study."""

    def __init__(self, study, space, n_trials, timeout, callbacks):
        self._study = study
        self._space = space
        self._timeout = timeout
        self._callbacks = callbacks
        self._deaths = Counter()
        self._successes = _count(study, TrialState.COMPLETE, TrialState.PRUNED)
        self._failures = _count(study, TrialState.FAIL)
        self._patience = min(PATIENCE, n_trials)

    def go(self, place, claims, bar, takes_trial):
        started = time.monotonic()
        study = self._study
        study._stop_flag = False
        study._thread_local.in_optimize_loop = True  # so that study.stop() works
        running = {}
        try:
            while True:
                late = self._timeout and time.monotonic() - started > self._timeout
                over = study._stop_flag or late
                while not over and len(running) < place.size:
                    trial_id = claims.take()
                    if trial_id is None:
                        break
                    trial = Trial(study, trial_id)
                    future = place.submit(
                        self._ask(trial), trial if takes_trial else None
                    )
                    running[future] = trial
                    if future.done():
                        break
                if not running:
                    if over or claims.finished():
                        return
                    time.sleep(POLL)  # another process may yet lose its trial
                    continue
                done, _waiting = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    trial = running.pop(future)
                    outcome = self._outcome(future, trial)
                    place.release(future)
                    if outcome is None:
                        claims.lose(trial._trial_id)
                    else:
                        self._tell(trial, outcome, bar)
                        claims.done(trial._trial_id)
                        self._check_failures(outcome)
        finally:
            study._thread_local.in_optimize_loop = False

    def _ask(self, trial):
        if self._space is None:
            return None
        return {name: _suggest(trial, name, d) for name, d in self._space.items()}

    def _outcome(self, future, trial):
        """Return what became of a trial; ``None`` if it is to be repeated."""
        error = future.exception()
        if error is None:
            return future.result()
        place = ordinal(self._study._storage.get_trial(trial._trial_id))
        self._deaths[place] += 1
        if self._deaths[place] == 1:
            return None
        reason = f"its worker died twice ({type(error).__name__}: {error})"
        return Outcome(TrialState.FAIL, reason=reason)

    def _tell(self, trial, outcome, bar):
        study = self._study
        if outcome.reason is not None:
            study._storage.set_trial_user_attr(
                trial._trial_id, "failure", outcome.reason
            )
        study.tell(trial, outcome.value, state=outcome.state)
        if outcome.state == TrialState.FAIL:
            self._failures += 1
        else:
            self._successes += 1
        if self._callbacks:
            frozen = study._storage.get_trial(trial._trial_id)
            for callback in self._callbacks:
                callback(study, frozen)
        bar.update()
        if not bar.disable and _count(study, TrialState.COMPLETE):
            bar.set_postfix_str(_("best {value:.6g}").format(value=study.best_value))

    def _check_failures(self, outcome):
        if self._successes or self._failures < self._patience:
            return
        raise SearchError(
            f"all of the first {self._failures} trials failed, the last one with "
            f"{outcome.reason}; mend the objective, or the space in which it fails "
            f"(study.trials[k].user_attrs['failure'] of this error's study tells more)",
            self._study,
        )


def _count(study, *states):
    trials = study.get_trials(deepcopy=False, states=states)
    return sum(LOST not in trial.system_attrs for trial in trials)


def _suggest(trial, name, distribution):
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    suggest = (
        trial.suggest_int
        if isinstance(distribution, IntDistribution)
        else trial.suggest_float
    )
    return suggest(
        name,
        distribution.low,
        distribution.high,
        step=distribution.step,
        log=distribution.log,
    )
