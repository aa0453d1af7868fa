"""From the native result of a library to an Optuna study.

Libraries are told by the names of classes, so that none is imported for it.
"""

import math
from datetime import datetime, timedelta

import numpy as np
import optuna
from optuna.trial import TrialState

from ._checks import DIRECTIONS, check_choice
from ._rows import Range, Row, distribution, trial
from ._storage import quiet
from ._trials import read_hyperopt, read_keras_tuner

SUPPORTED = (
    "GridSearchCV, RandomizedSearchCV, HalvingGridSearchCV and HalvingRandomSearchCV "
    "of scikit-learn, Trials of hyperopt (with space=), BayesianOptimization of "
    "bayes_opt, and the tuners of keras_tuner"
)


def as_study(result, *, space=None, direction=None):
    """Turn the result of another library into an Optuna study in memory.

    Trials keep their order, values, parameters and states. Ranges and choices
    are those that the library was given, where it kept them, widened to hold
    every value that occurred; otherwise those of the values. Lists of numbers
    become ranges. Values that are neither numbers, words, booleans nor None
    (an ``SVC()``, a tuple) become their text; a class or a function its name.

    *scikit-learn*: ``fold_scores`` (with ``return_train_score``, also
    ``fold_train_scores``), ``fit_seconds`` and ``score_seconds`` (means over
    folds) are user attributes. The library records how long fits took, not
    when: trials stand end to end, the last ending now. A failed fit
    (``error_score=nan``) is a failed trial. In a halving search a trial is a
    candidate: its score at each number of resources is an intermediate value,
    one that was dropped is pruned, and ``n_resources`` says where it ended.

    *hyperopt*: parameters have the names of the labels, and the values that
    labels have in `space`, choices decoded. An option that itself holds
    hyperparameters is called by its only constant (``{"model": "svc", "C":
    hp...}`` is ``svc``), or else by its text with labels for values.

    *bayes_opt*: keeps no times; every trial has the time of this call. A
    constraint that was broken makes the trial infeasible.

    *keras_tuner*: ``executions`` (of how many trainings the value is the mean),
    the other metrics and what the tuner adds (``tuner/epochs``) are user
    attributes. When a trial began is known only to a tuner that was not silent.

    Parameters
    ----------
    result : object
        A fitted search of scikit-learn, a ``hyperopt.Trials``, a
        ``BayesianOptimization`` or a Keras tuner.
    space : object, optional
        The space given to ``fmin``; needed for ``hyperopt.Trials``, and only
        there.
    direction : {"maximize", "minimize"}, optional
        By default that of the library. With the other one, values change their
        sign: ``"maximize"`` for a loss that was ``-accuracy``, ``"minimize"``
        for scikit-learn's ``neg_mean_squared_error``.

    Returns
    -------
    optuna.Study
        The study, in memory.

    Raises
    ------
    TypeError
        If `result` is of no supported class, or `space` is missing or unused.
    ValueError
        If the search has not run, has several metrics, or does not fit `space`.

    Examples
    --------
    >>> from hpocourse.search import as_study
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.svm import SVC
    >>> search = GridSearchCV(SVC(), {"C": [0.01, 0.1, 1.0]}, cv=3)
    >>> study = as_study(search.fit(*load_iris(return_X_y=True)))
    >>> study.best_params
    {'C': 1.0}
    """
    if direction is not None:
        check_choice(direction, "direction", DIRECTIONS)
    rows, declared, native = _read(result, space)
    direction = direction or native
    sign = 1 if direction == native else -1
    names = list(dict.fromkeys(name for row in rows for name in row.params))
    distributions = {}
    for name in names:
        values = [row.params[name] for row in rows if name in row.params]
        distributions[name] = distribution(declared.get(name), values)
    with quiet():
        study = optuna.create_study(
            direction=direction, study_name=type(result).__name__
        )
        study.add_trials([trial(row, distributions, sign) for row in rows])
    return study


def _read(result, space):
    """Return rows, what is known of each parameter, and the native direction."""
    classes = {(c.__module__.split(".")[0], c.__name__) for c in type(result).__mro__}
    read = next((READERS[key] for key in READERS if key in classes), None)
    if read is None:
        advice = ""
        if ("optuna", "Study") in classes:
            advice = "; it is a study already"
        elif isinstance(result, dict):
            advice = "; if fmin returned it, give what fmin got as trials="
        raise TypeError(
            f"cannot turn {result!r:.60} of type {type(result).__name__} into a "
            f"study{advice}; supported: {SUPPORTED}"
        )
    if read is not read_hyperopt:
        if space is not None:
            raise TypeError(
                f"space is for hyperopt.Trials only, {type(result).__name__} keeps "
                "its own; leave it out"
            )
        return read(result)
    if space is None:
        raise TypeError(
            "hyperopt.Trials hold indices instead of choices; give the space that "
            "fmin got: as_study(trials, space=space)"
        )
    return read(result, space)


def _sklearn(search):
    name = type(search).__name__
    if not hasattr(search, "cv_results_"):
        raise ValueError(f"the {name} has not been fitted; call fit first")
    results, prefix = search.cv_results_, "mean_test_"
    metrics = [key.removeprefix(prefix) for key in results if key.startswith(prefix)]
    if len(metrics) > 1:
        raise ValueError(
            f"the {name} has several metrics ({', '.join(metrics)}), and a study has "
            "one value; search with one metric as scoring"
        )
    rows = [
        _candidate(results, i, search.n_splits_, metrics[0])
        for i in range(len(results["params"]))
    ]
    if "n_resources" in results:
        rows = _merge_iterations(rows, results["iter"], results["n_resources"])
    complete = datetime.now()
    for row in reversed(rows):
        row.complete = complete
        row.start = complete = complete - timedelta(seconds=row.seconds)
    return rows, _sklearn_space(search), "maximize"


def _candidate(results, i, n_splits, metric):
    value = results[f"mean_test_{metric}"][i]
    fit, score = (results[f"mean_{part}_time"][i] for part in ("fit", "score"))
    attrs = {"fit_seconds": float(fit), "score_seconds": float(score)}
    if np.isnan(value):
        attrs["failure"] = "a fold failed or its score is nan"
    scores = {
        f"fold_{kind}scores": [
            results[f"split{k}_{part}_{metric}"][i] for k in range(n_splits)
        ]
        for kind, part in (("", "test"), ("train_", "train"))
        if f"split0_{part}_{metric}" in results
    }
    seconds = n_splits * float(fit + score)
    return Row(results["params"][i], value, attrs=attrs, scores=scores, seconds=seconds)


def _merge_iterations(rows, iterations, resources):
    """Return one row for each candidate of a halving search."""
    candidates = {}
    for row, iteration, n_resources in zip(rows, iterations, resources, strict=True):
        # A candidate keeps its dict of parameters from iteration to iteration.
        first = candidates.setdefault(id(row.params), row)
        first.steps[int(n_resources)] = float(row.value)
        first.value, first.scores = row.value, row.scores
        first.attrs = row.attrs | {"n_resources": int(n_resources)}
        first.seconds += row.seconds if row is not first else 0
        last = iteration == iterations[-1]
        first.state = TrialState.COMPLETE if last else TrialState.PRUNED
    return list(candidates.values())


def _sklearn_space(search):
    spaces = getattr(search, "param_grid", getattr(search, "param_distributions", {}))
    declared = {}
    for space in [spaces] if isinstance(spaces, dict) else spaces:
        for name, values in space.items():
            if hasattr(values, "support"):  # a distribution of SciPy
                low, high = values.support()
                declared[name] = Range(
                    low if math.isfinite(low) else math.inf,
                    high if math.isfinite(high) else -math.inf,
                    log=getattr(values, "dist", values).name
                    in ("loguniform", "reciprocal"),
                )
            elif hasattr(values, "__len__") and declared.get(name) is None:
                declared[name] = list(values)
            elif isinstance(declared.get(name), list):
                declared[name] += list(values)
    return declared


def _bayes_opt(optimizer):
    if not optimizer.res:
        raise ValueError(
            "the BayesianOptimization has evaluated nothing; call maximize first"
        )
    declared = {
        name: list(known.categories)
        if hasattr(known, "categories")
        else Range(*np.ravel(known.bounds))
        for name, known in optimizer.space.params_config.items()
    }
    rows = []
    for point in optimizer.res:
        row = Row(point["params"], point["target"])
        if "allowed" in point:
            row.attrs["constraint"] = np.ravel(point["constraint"]).tolist()
            row.constraints = {"constraint": 0.0 if point["allowed"] else 1.0}
        rows.append(row)
    return rows, declared, "maximize"


#: How to read each class, by the name of its library and its own.
READERS = {
    ("sklearn", "BaseSearchCV"): _sklearn,
    ("hyperopt", "Trials"): read_hyperopt,
    ("bayes_opt", "BayesianOptimization"): _bayes_opt,
    ("keras_tuner", "BaseTuner"): read_keras_tuner,
}
