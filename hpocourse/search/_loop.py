"""The loop that every search runs."""

import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, wait

from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.study._tell import _tell_with_warning
from optuna.trial import Trial, TrialState

from ..languages import gettext as _
from ._claims import LOST, ordinal
from ._evaluate import Outcome

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

    def __reduce__(self):
        """Let it travel between processes, with its study."""
        return type(self), (*self.args, self.study)


class Loop:
    """The loop of a search: take a trial, have it evaluated, tell the study.

    Parameters
    ----------
    study : optuna.Study
        The study.
    space : dict of str to optuna.distributions.BaseDistribution, or None
        The parameters to ask for before the objective is called.
    n_trials : int
        The study's total.
    timeout : float or None
        Seconds after which no new trial begins.
    callbacks : tuple of callable
        Called after each trial with the study and the trial.
    """

    def __init__(self, study, space, n_trials, timeout, callbacks):
        self._study = study
        self._space = space
        self._timeout = timeout
        self._callbacks = callbacks
        self._deaths = Counter()
        self._successes = _count(study, TrialState.COMPLETE, TrialState.PRUNED)
        self._failures = _count(study, TrialState.FAIL)
        self._patience = min(PATIENCE, n_trials)

    def run(self, place, claims, bar, takes_trial):
        """Go on until the study has its total, and nothing is left running.

        Parameters
        ----------
        place : hpocourse.search._workers.Place
            What evaluates the trials.
        claims : hpocourse.search._claims.Claims
            What says which trial is next.
        bar : tqdm.tqdm
            The progress bar.
        takes_trial : bool
            Whether the objective gets the trial.

        Raises
        ------
        SearchError
            If the first trials all fail.
        """
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
                place.work()
                if not any(future.done() for future in running):
                    wait(running, return_when=FIRST_COMPLETED)
                for future in [future for future in running if future.done()]:
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
        # What Study.tell calls, without the deep copy of the trial that it returns.
        _tell_with_warning(study, trial, outcome.value, outcome.state)
        if outcome.stop:
            study._stop_flag = True
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
