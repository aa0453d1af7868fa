"""From the native result of a library to an Optuna study.

Libraries are told by the names of classes, so that none is imported for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import optuna
from optuna import Study
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState, create_trial

from .._validation import check_choice
from ._optuna import hyperopt_documents
from ._run import DIRECTIONS
from ._samplers.ordinal import find_clash
from ._storage import quiet

#: The user attribute with the score of each fold.
FOLDS = "fold_scores"


@dataclass
class _Row:
    """One trial as its library recorded it; it failed if its value is no number."""

    params: dict[str, Any]
    value: float | None
    attrs: dict[str, Any] = field(default_factory=dict)
    constraints: dict[str, float] | None = None


#: Rows, what each parameter's values were listed to be, and the native direction.
Read = tuple[list[_Row], dict[str, list[Any]], str]


def as_study(result: Any, *, space: Any = None, direction: str | None = None) -> Study:
    """Turn the result of another library into an Optuna study in memory.

    Trials keep their order, values and parameters; those that failed fail here. Ranges
    hold the values that occurred and those that were listed. Lists of numbers become
    ranges if all are whole or none is written so: of 1 and 0.5, the 1 may mean one
    feature and the 0.5 half of them. Values that are neither numbers, words, booleans
    nor None (an ``SVC()``, a tuple) become their text, and so do choices that Python
    holds for equal (1 and 1.0); a class or a function its name. All trials have the
    time of this call; what a library says of durations stands in user attributes.

    *scikit-learn*: user attributes are ``fold_scores``, ``fit_seconds`` and
    ``score_seconds`` (means over folds, in seconds). A failed fit
    (``error_score=nan``) is a failed trial.

    *hyperopt*: parameters have the names of the labels, and the values that
    labels have in `space`, choices decoded. An option that itself holds
    hyperparameters is called by its place, ``"option 0"``. User attributes are
    ``seconds`` and what else the objective returned. Trials that have not ended are
    left out.

    *bayes_opt*: a constraint that was broken makes the trial infeasible.

    Parameters
    ----------
    result : object
        A fitted search of scikit-learn, a ``hyperopt.Trials`` or a
        ``BayesianOptimization``.
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
    kind = type(result).__name__
    classes = {(c.__module__.split(".")[0], c.__name__) for c in type(result).__mro__}
    read = next((READERS[each] for each in READERS if each in classes), None)
    if read is None:
        hint = "; if fmin returned it, give its Trials" if kind == "dict" else ""
        raise TypeError(
            f"cannot turn {result!r:.60} of type {kind} into a study{hint}; supported: "
            "GridSearchCV and RandomizedSearchCV of scikit-learn, Trials of hyperopt, "
            "and BayesianOptimization of bayes_opt"
        )
    if (space is None) == (read is _hyperopt):
        raise TypeError(
            "space must be that of fmin for hyperopt.Trials, which do not know it, and "
            f"left out for all others, got {space!r:.60} with a {kind}"
        )
    rows, listed, native = read(result) if space is None else _hyperopt(result, space)
    direction = direction or native
    sign = 1 if direction == native else -1
    kinds, convert = {}, {}
    for name in dict.fromkeys(name for row in rows for name in row.params):
        values = [row.params[name] for row in rows if name in row.params]
        kinds[name], convert[name] = _distribution(listed.get(name, []), values)
    with quiet():
        study = optuna.create_study(
            direction=direction,  # type: ignore[arg-type]
            study_name=kind,
        )
    for row in rows:
        params = {name: convert[name](value) for name, value in row.params.items()}
        study.add_trial(_trial(row, params, kinds, sign))
    return study


def _trial(row: _Row, params: dict, kinds: dict, sign: int) -> FrozenTrial:
    """Return a row as a trial of Optuna; failed if its value is missing or NaN."""
    attrs = {
        name: [sign * float(each) for each in value] if name == FOLDS else value
        for name, value in row.attrs.items()
    }
    failed = row.value is None or math.isnan(row.value)
    if failed:
        attrs.setdefault("failure", f"the value is {row.value}")
    return create_trial(
        state=TrialState.FAIL if failed else TrialState.COMPLETE,
        value=None if failed else sign * float(row.value),  # type: ignore[arg-type]
        params=params,
        distributions={name: kinds[name] for name in params},
        user_attrs=attrs,
        constraints=row.constraints,
    )


def _sklearn(search: Any) -> Read:
    name, results = type(search).__name__, getattr(search, "cv_results_", None)
    if results is None:
        raise ValueError(f"the {name} has not been fitted; call fit first")
    metrics = [key[10:] for key in results if key.startswith("mean_test_")]
    if len(metrics) > 1:
        raise ValueError(
            f"the {name} has several metrics ({', '.join(metrics)}), and a study has "
            "one value; search with one metric as scoring"
        )
    rows = []
    for i, params in enumerate(results["params"]):
        attrs: dict[str, Any] = {
            f"{part}_seconds": float(results[f"mean_{part}_time"][i])
            for part in ("fit", "score")
        }
        folds = range(search.n_splits_)
        attrs[FOLDS] = [results[f"split{k}_test_{metrics[0]}"][i] for k in folds]
        if np.isnan(value := results[f"mean_test_{metrics[0]}"][i]):
            attrs["failure"] = "a fold failed or its score is nan"
        rows.append(_Row(dict(params), value, attrs))
    spaces = search.get_params(deep=False)
    spaces = spaces.get("param_grid", spaces.get("param_distributions"))
    listed: dict[str, list[Any]] = {}
    for space in [spaces] if isinstance(spaces, dict) else spaces:
        for name, values in space.items():
            if hasattr(values, "__len__"):  # no distribution of SciPy
                listed.setdefault(name, []).extend(values)
    return rows, listed, "maximize"


def _bayes_opt(optimizer: Any) -> Read:
    if not optimizer.res:
        raise ValueError(
            "the BayesianOptimization has evaluated nothing; call maximize first"
        )
    listed = {
        name: list(known.categories)
        for name, known in optimizer.space.params_config.items()
        if hasattr(known, "categories")
    }
    rows = [_Row(dict(point["params"]), point["target"]) for point in optimizer.res]
    for row, point in zip(rows, optimizer.res, strict=True):
        if "allowed" in point:
            row.constraints = {"constraint": 0.0 if point["allowed"] else 1.0}
    return rows, listed, "maximize"


def _hyperopt(trials: Any, space: Any) -> Read:
    from hyperopt import pyll

    labels, options = set(), {}
    for node in pyll.dfs(pyll.as_apply(space)):
        if node.name == "hyperopt_param":
            labels.add(node.arg["label"].obj)
        elif node.name == "switch":
            chosen, *choices = node.pos_args
            options[chosen.arg["label"].obj] = [
                f"option {k}"
                if any(inner.name == "hyperopt_param" for inner in pyll.dfs(choice))
                else _plain(pyll.rec_eval(choice))
                for k, choice in enumerate(choices)
            ]
    ended = (2, 3)  # JOB_STATE_DONE and JOB_STATE_ERROR
    documents = [d for d in hyperopt_documents(trials) if d["state"] in ended]
    if not documents:
        raise ValueError("the Trials are empty; give them to fmin as trials= first")
    rows = [_document(document) for document in documents]
    for row in rows:
        for name, value in row.params.items():
            if name not in labels or value >= len(options.get(name, [])) > 0:
                raise ValueError(
                    f"a trial has {name!r} = {value}, which the space lacks (it has "
                    f"{sorted(labels)}); give the space of the same fmin call"
                )
            row.params[name] = options[name][value] if name in options else value
    return rows, options, "minimize"


def _document(document: dict[str, Any]) -> _Row:
    """Read one trial as hyperopt keeps it."""
    result, misc = document["result"], document["misc"]
    attrs = {
        key: _plain(value)
        for key, value in result.items()
        if key not in ("loss", "status") and np.isscalar(value)
    }
    if "error" in misc:
        attrs["failure"] = ": ".join(misc["error"])
    elif result["status"] != "ok":
        attrs["failure"] = f"the objective returned status {result['status']!r}"
    elapsed = document["refresh_time"] - document["book_time"]
    attrs["seconds"] = elapsed.total_seconds()
    params = {name: vals[0] for name, vals in misc["vals"].items() if len(vals)}
    return _Row(params, None if "failure" in attrs else result["loss"], attrs)


#: How to read each class, by the name of its library and its own.
READERS: dict[tuple[str, str], Callable[..., Read]] = {
    ("sklearn", "GridSearchCV"): _sklearn,
    ("sklearn", "RandomizedSearchCV"): _sklearn,
    ("hyperopt", "Trials"): _hyperopt,
    ("bayes_opt", "BayesianOptimization"): _bayes_opt,
}


def _plain(value: Any) -> Any:
    """Return a value of Python that a category can be: itself, a name or its text."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "__qualname__"):
        return value.__qualname__
    return re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(value).split()))


def _distribution(
    listed: list[Any], values: list[Any]
) -> tuple[BaseDistribution, Callable[[Any], Any]]:
    """Return a range or categories, and what to make of each value."""
    values = [_plain(value) for value in [*listed, *values]]
    kinds = {type(value) for value in values}
    is_finite = kinds <= {int, float} and all(map(math.isfinite, values))
    # A drawn number may be written either way, a listed one means what it is.
    if not is_finite or (len(kinds) > 1 and listed):
        if find_clash(values) is not None:
            choices = list(dict.fromkeys(map(repr, values)))
            return CategoricalDistribution(choices), lambda value: repr(_plain(value))
        choices = list({repr(value): value for value in values}.values())  # one NaN
        return CategoricalDistribution(choices), _plain
    if kinds == {int}:
        return IntDistribution(min(values), max(values)), int
    low, high = float(min(values)), float(max(values))
    return FloatDistribution(low, high), float
