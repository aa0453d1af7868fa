"""Checks of what a search is given: what was wrong, what was seen, what to do."""

from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Real

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.study import StudyDirection

from .._validation import check_integer, check_seed

METHODS = ("grid", "random", "qmc", "tpe", "gp", "hyperopt", "bayes")
DIRECTIONS = ("maximize", "minimize")


def check_search(objective, space, *, n_trials, seed, direction, workers):
    """Raise at the first argument of a search that is wrong.

    Parameters
    ----------
    objective, space, n_trials, seed, direction, workers : object
        As in :func:`hpocourse.search.run`.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If it has a value that is not allowed.
    """
    if not callable(objective):
        raise TypeError(
            f"objective must be a function, got {objective!r:.60} of type "
            f"{type(objective).__name__}; pass the function itself, without calling it"
        )
    check_space(space)
    check_integer(n_trials, "n_trials", minimum=1)
    check_seed(seed)
    check_integer(workers, "workers", minimum=1)
    check_choice(direction, "direction", DIRECTIONS)


def check_space(space):
    """Raise unless a search space is a dict of Optuna's distributions.

    Parameters
    ----------
    space : dict of str to optuna.distributions.BaseDistribution, or None
        What the caller passed.
    """
    if space is None:
        return
    if not isinstance(space, dict):
        raise TypeError(
            "space must be a dict from names to distributions of Optuna, got "
            f"{space!r:.60} of type {type(space).__name__}"
        )
    if not space:
        raise ValueError(
            "space is empty; name at least one parameter, or leave space out and "
            "let the objective suggest its own"
        )
    for name, distribution in space.items():
        if not isinstance(name, str):
            raise TypeError(f"space must have names for keys, got {name!r:.60}")
        if not isinstance(distribution, BaseDistribution):
            raise TypeError(
                f"space[{name!r}] must be a distribution of Optuna, got "
                f"{distribution!r:.60}; use FloatDistribution(low, high, log=…), "
                "IntDistribution(low, high) or CategoricalDistribution([…]) of "
                "optuna.distributions"
            )


def check_choices(space):
    """Raise unless a storage gives every choice back as it was.

    Parameters
    ----------
    space : dict of str to optuna.distributions.BaseDistribution, or None
        The search space.
    """
    for name, distribution in (space or {}).items():
        for choice in getattr(distribution, "choices", ()):
            if choice is None or isinstance(choice, (bool, int, float, str)):
                continue
            raise ValueError(
                f"space[{name!r}] has the choice {choice!r:.60} of type "
                f"{type(choice).__name__}, which a storage does not keep as it is; "
                "offer numbers of Python (.tolist()) or words, and look up what a "
                "word stands for in the objective"
            )


def check_choice(value, name, known):
    """Raise unless a value is one of those known; name the nearest.

    Parameters
    ----------
    value : object
        What the caller passed.
    name : str
        Name of the argument, for messages.
    known : iterable of str
        What is allowed.
    """
    if isinstance(value, str) and value in known:
        return
    near = get_close_matches(str(value), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}{hint}")


def check_options(*, pruner, timeout, executor, callbacks):
    """Raise at the first option of a search that is wrong.

    Parameters
    ----------
    pruner, timeout, executor, callbacks : object
        As in :func:`hpocourse.search.run`.
    """
    if pruner is not None and not isinstance(pruner, optuna.pruners.BasePruner):
        raise TypeError(
            f"pruner must be one of optuna.pruners, got {pruner!r:.60} of type "
            f"{type(pruner).__name__}; make one, as optuna.pruners.MedianPruner()"
        )
    if timeout is not None:
        if isinstance(timeout, bool) or not isinstance(timeout, Real):
            raise TypeError(f"timeout must be a number of seconds, got {timeout!r:.60}")
        if not timeout > 0:
            raise ValueError(f"timeout must be above 0 seconds, got {timeout}")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise TypeError(
            "executor must be a concurrent.futures.Executor, got "
            f"{executor!r:.60} of type {type(executor).__name__}; of a Dask client, "
            "pass client.get_executor()"
        )
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a list of functions, got {callbacks!r:.60}")
    for callback in callbacks:
        if not callable(callback):
            raise TypeError(
                "callbacks must be functions that take a study and a trial, got "
                f"{callback!r:.60}"
            )


def check_batch(batch, alone):
    """Raise unless trials can be evaluated so many at once.

    Parameters
    ----------
    batch : object
        As in :func:`hpocourse.search.run`.
    alone : bool
        Whether there is a space, and nothing that a batch does not go with.
    """
    if batch is None:
        return
    check_integer(batch, "batch", minimum=1)
    if not alone:
        raise ValueError(
            f"batch={batch} needs a space, and goes with neither workers, executor nor "
            "pass_trial: the objective gets a list of parameters in this process"
        )


def check_same_study(study, space, direction):
    """Raise if a stored study is not the one that the caller means.

    Parameters
    ----------
    study : optuna.Study
        The study that the storage holds.
    space : dict of str to optuna.distributions.BaseDistribution, or None
        The search space.
    direction : str
        The direction.

    Raises
    ------
    ValueError
        If the direction or a parameter differs, with both values.
    """
    stored = study.direction.name.lower()
    if study.direction != StudyDirection[direction.upper()]:
        raise ValueError(
            f"the study {study.study_name!r} is to {stored}, got "
            f"direction={direction!r}; pass direction={stored!r} or another study_name"
        )
    if space is None:
        return
    for trial in study.get_trials(deepcopy=False):
        for name in sorted(trial.distributions.keys() | space.keys()):
            old, new = trial.distributions.get(name), space.get(name)
            unfinished = not trial.state.is_finished() or not trial.distributions
            if old == new or (old is None and (unfinished or _lost(trial))):
                continue
            raise ValueError(
                f"the study {study.study_name!r} has another search space: parameter "
                f"{name!r} is {_shown(old)} there and {_shown(new)} here; go on with "
                "the same space or pass another study_name"
            )


def _lost(trial):
    return trial.state == optuna.trial.TrialState.FAIL


def _shown(distribution):
    return "missing" if distribution is None else str(distribution)


def grid_values(space):
    """Return the values that a grid takes of each parameter.

    Parameters
    ----------
    space : dict of str to optuna.distributions.BaseDistribution
        The search space.

    Returns
    -------
    dict of str to list
        The values.

    Raises
    ------
    ValueError
        If a parameter is continuous and has no steps.
    """
    values = {}
    for name, distribution in space.items():
        if isinstance(distribution, CategoricalDistribution):
            values[name] = list(distribution.choices)
        elif isinstance(distribution, IntDistribution) and not distribution.log:
            low, high, step = distribution.low, distribution.high, distribution.step
            values[name] = list(range(low, high + 1, step))
        elif isinstance(distribution, FloatDistribution) and distribution.step:
            count = round((distribution.high - distribution.low) / distribution.step)
            steps = range(count + 1)
            values[name] = [distribution.low + k * distribution.step for k in steps]
        elif distribution.single():
            values[name] = [distribution.low]
        else:
            raise ValueError(
                f"a grid needs steps, and parameter {name!r} has none: "
                f"{distribution}; give FloatDistribution(low, high, step=…) or list "
                "the values, CategoricalDistribution([0.01, 0.1, 1.0])"
            )
    return values
