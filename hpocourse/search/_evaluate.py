"""One trial evaluated, wherever that is: in this process or in a worker."""

import math
import warnings
from dataclasses import dataclass, replace
from functools import lru_cache
from numbers import Real

import cloudpickle
import optuna
from optuna.exceptions import ExperimentalWarning, TrialPruned
from optuna.trial import Trial, TrialState


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Attributes
    ----------
    state : optuna.trial.TrialState
        COMPLETE, PRUNED or FAIL.
    value : float or None
        The objective's value, where it is complete.
    reason : str or None
        Why it failed, where it did.
    stop : bool
        Whether its objective called ``trial.study.stop()`` in a worker.
    """

    state: TrialState
    value: float | None = None
    reason: str | None = None
    stop: bool = False


@dataclass(frozen=True)
class Task:
    """What a worker needs to evaluate trials; travels to it once.

    Attributes
    ----------
    objective : callable
        The objective.
    language : str
        The language to speak.
    study_name : str or None
        The study, where workers share its storage.
    storage : str or tuple of (str, int) or None
        The storage's address, or the host and port of its proxy.
    sampler : optuna.samplers.BaseSampler or None
        The sampler, where the objective suggests its own parameters.
    pruner : optuna.pruners.BasePruner or None
        The pruner, where workers share the storage.
    """

    objective: object
    language: str
    study_name: str | None = None
    storage: object = None
    sampler: object = None
    pruner: object = None


def evaluate(objective, *arguments):
    """Call an objective and say what became of it.

    Parameters
    ----------
    objective : callable
        The objective.
    *arguments : object
        The parameters, the trial, or both.

    Returns
    -------
    Outcome
        Its value, or why there is none. Only an interruption passes through.
    """
    try:
        value = objective(*arguments)
    except TrialPruned:
        return Outcome(TrialState.PRUNED)
    except Exception as error:
        return Outcome(TrialState.FAIL, reason=f"{type(error).__name__}: {error}")
    return _judge(value)


def evaluate_together(objective, batch):
    """Call an objective for several trials and say what became of each.

    Parameters
    ----------
    objective : callable
        The objective; takes a list of parameters and returns a list of values.
    batch : list of dict
        The parameters of each trial.

    Returns
    -------
    list of Outcome
        The value of each, or why there is none.
    """
    try:
        values = list(objective(batch))
    except TrialPruned:
        return [Outcome(TrialState.PRUNED)] * len(batch)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return [Outcome(TrialState.FAIL, reason=reason)] * len(batch)
    if len(values) != len(batch):
        reason = (
            f"the objective returned {len(values)} value(s) for a batch of "
            f"{len(batch)}; return one number for each, in their order"
        )
        return [Outcome(TrialState.FAIL, reason=reason)] * len(batch)
    return [_judge(value) for value in values]


def _judge(value):
    if getattr(value, "size", None) == 1 and hasattr(value, "item"):
        value = value.item()  # an array of one number
    wrong = _wrong(value)
    if wrong is not None:
        return Outcome(TrialState.FAIL, reason=wrong)
    return Outcome(TrialState.COMPLETE, value=float(value))


def _wrong(value):
    advice = "return one number, the value to optimize"
    if value is None:
        return f"the objective returned nothing; {advice}"
    if not isinstance(value, Real):
        kind = type(value).__name__
        return f"the objective returned {value!r:.60} of type {kind}; {advice}"
    if math.isnan(value):
        return "the objective returned NaN; find the parameters at which it arises"
    return None


def evaluate_remotely(task, parameters=None, trial_id=None):
    """Evaluate one trial in a worker.

    Parameters
    ----------
    task : bytes
        A :class:`Task`, as cloudpickle writes it.
    parameters : dict, optional
        The parameters, where the parent asked for them.
    trial_id : int, optional
        The trial in the shared storage, where the objective wants it.

    Returns
    -------
    Outcome
        What became of it.
    """
    try:
        task = _load(task)
        trial = None if trial_id is None else _trial(task, trial_id)
    except Exception as error:
        return Outcome(
            TrialState.FAIL,
            reason=f"the worker could not begin: {type(error).__name__}: {error}",
        )
    if trial is None:
        return evaluate(task.objective, parameters)
    study = trial.study
    study._stop_flag = False
    study._thread_local.in_optimize_loop = True  # so that study.stop() works
    arguments = [a for a in (parameters, trial) if a is not None]
    outcome = evaluate(task.objective, *arguments)
    return replace(outcome, stop=study._stop_flag)


def _trial(task, trial_id):
    study = _shared_study(task)
    study.get_trials(deepcopy=False)  # the cache of a database must know the trial
    return Trial(study, trial_id)


@lru_cache(maxsize=1)
def _load(task):
    from ..languages import set_language

    task = cloudpickle.loads(task)
    set_language(task.language)
    return task


@lru_cache(maxsize=1)
def _shared_study(task):
    if isinstance(task.storage, tuple):
        host, port = task.storage
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            storage = optuna.storages.GrpcStorageProxy(host=host, port=port)
    else:
        storage = task.storage
    return optuna.load_study(
        study_name=task.study_name,
        storage=storage,
        sampler=task.sampler,
        pruner=task.pruner,
    )
