"""From the native result of a library to an Optuna study.

Libraries are told by the names of classes, so that none is imported for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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

SUPPORTED = (
    "GridSearchCV and RandomizedSearchCV of scikit-learn, Trials of hyperopt (with "
    "space=), and BayesianOptimization of bayes_opt"
)


@dataclass
class _Row:
    """One trial as its library recorded it."""

    params: dict[str, Any]
    value: float | None = None
    state: TrialState = TrialState.COMPLETE
    start: datetime | None = None
    complete: datetime | None = None
    attrs: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, list[float]] = field(default_factory=dict)  # share the sign
    constraints: dict[str, float] | None = None
    seconds: float = 0.0


def as_study(result: Any, *, space: Any = None, direction: str | None = None) -> Study:
    """Turn the result of another library into an Optuna study in memory.

    Trials keep their order, values, parameters and states. Ranges hold the values
    that occurred and those that were listed. Lists of numbers become ranges if all are
    whole or none is written so: of 1 and 0.5, the 1 may mean one feature and the 0.5
    half of them. Values that are neither numbers, words, booleans nor None (an
    ``SVC()``, a tuple) become their text, and so do choices that Python holds for equal
    (1 and 1.0); a class or a function its name.

    *scikit-learn*: ``fold_scores`` (with ``return_train_score``, also
    ``fold_train_scores``), ``fit_seconds`` and ``score_seconds`` (means over
    folds, in seconds) are user attributes. The library records how long fits took,
    not when: trials stand end to end, the last ending now. A failed fit
    (``error_score=nan``) is a failed trial.

    *hyperopt*: parameters have the names of the labels, and the values that
    labels have in `space`, choices decoded. An option that itself holds
    hyperparameters is called by its text with labels for values.

    *bayes_opt*: keeps no times; every trial has the time of this call. A
    constraint that was broken makes the trial infeasible.

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
    rows, listed, native = _read(result, space)
    direction = direction or native
    sign = 1 if direction == native else -1
    kinds, convert = {}, {}
    for name in dict.fromkeys(name for row in rows for name in row.params):
        values = [row.params[name] for row in rows if name in row.params]
        kinds[name], convert[name] = _distribution(listed.get(name, []), values)
    trials = []
    for row in rows:
        row.params = {name: convert[name](v) for name, v in row.params.items()}
        trials.append(_trial(row, kinds, sign))
    with quiet():
        study = optuna.create_study(
            direction=direction,  # type: ignore[arg-type]
            study_name=type(result).__name__,
        )
        study.add_trials(trials)
    return study


Read = tuple[list[_Row], dict[str, list[Any]], str]


def _read(result: Any, space: Any) -> Read:
    """Return rows, the choices of each parameter, and the native direction."""
    classes = {(c.__module__.split(".")[0], c.__name__) for c in type(result).__mro__}
    kind = type(result).__name__
    if ("hyperopt", "Trials") in classes:
        if space is None:
            raise TypeError(
                "hyperopt.Trials hold indices instead of choices; give the space that "
                "fmin got: as_study(trials, space=space)"
            )
        return _hyperopt(result, space)
    read = next((READERS[key] for key in READERS if key in classes), None)
    if read is None:
        advice = ""
        if ("optuna", "Study") in classes:
            advice = "; it is a study already"
        elif isinstance(result, dict):
            advice = "; if fmin returned it, give what fmin got as trials="
        raise TypeError(
            f"cannot turn {result!r:.60} of type {kind} into a study{advice}; "
            f"supported: {SUPPORTED}"
        )
    if space is not None:
        raise TypeError(
            f"space is for hyperopt.Trials only, {kind} keeps its own; leave it out"
        )
    return read(result)


def _sklearn(search: Any) -> Read:
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
    complete = datetime.now()
    for row in reversed(rows):
        row.complete = complete
        row.start = complete = complete - timedelta(seconds=row.seconds)
    spaces = search.get_params(deep=False)
    spaces = spaces.get("param_grid", spaces.get("param_distributions"))
    listed: dict[str, list[Any]] = {}
    for space in [spaces] if isinstance(spaces, dict) else spaces:
        for name, values in space.items():
            if hasattr(values, "__len__"):  # no distribution of SciPy
                listed.setdefault(name, []).extend(values)
    return rows, listed, "maximize"


def _candidate(results: Any, i: int, n_splits: int, metric: str) -> _Row:
    value = results[f"mean_test_{metric}"][i]
    fit, score = (results[f"mean_{part}_time"][i] for part in ("fit", "score"))
    attrs: dict[str, Any] = {"fit_seconds": float(fit), "score_seconds": float(score)}
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
    params = dict(results["params"][i])
    return _Row(params, value, attrs=attrs, scores=scores, seconds=seconds)


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
    rows = []
    for point in optimizer.res:
        row = _Row(dict(point["params"]), point["target"])
        if "allowed" in point:
            row.attrs["constraint"] = np.ravel(point["constraint"]).tolist()
            row.constraints = {"constraint": 0.0 if point["allowed"] else 1.0}
        rows.append(row)
    return rows, listed, "maximize"


#: How to read each class, by the name of its library and its own.
READERS: dict[tuple[str, str], Callable[[Any], Read]] = {
    ("sklearn", "GridSearchCV"): _sklearn,
    ("sklearn", "RandomizedSearchCV"): _sklearn,
    ("bayes_opt", "BayesianOptimization"): _bayes_opt,
}


def _hyperopt(trials: Any, space: Any) -> Read:
    from hyperopt import pyll

    labels, options = set(), {}
    for node in pyll.dfs(pyll.as_apply(space)):
        if node.name == "hyperopt_param":
            labels.add(node.arg["label"].obj)
        elif node.name == "switch":
            chosen, *choices = node.pos_args
            options[chosen.arg["label"].obj] = [
                _plain(each.obj) if each.name == "literal" else _text(each)
                for each in choices
            ]
    rows = [_document(document) for document in hyperopt_documents(trials)]
    if not rows:
        raise ValueError("the Trials are empty; give them to fmin as trials= first")
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
    state = {0: TrialState.WAITING, 1: TrialState.RUNNING}.get(document["state"])
    attrs = {
        key: _plain(value)
        for key, value in result.items()
        if key not in ("loss", "status") and np.isscalar(value)
    }
    if state is None and document["state"] == 2 and result["status"] == "ok":
        state = TrialState.COMPLETE
    elif state is None:
        state = TrialState.FAIL
        attrs["failure"] = f"the objective returned status {result['status']!r}"
        if "error" in misc:
            kind, message = misc["error"]
            kind = kind.removeprefix("<class '").removesuffix("'>").split(".")[-1]
            attrs["failure"] = f"{kind}: {message}"
    start, complete = (
        time and time.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
        for time in (document["book_time"], document["refresh_time"])
    )
    params = {name: vals[0] for name, vals in misc["vals"].items() if len(vals)}
    return _Row(params, result.get("loss"), state, start, complete, attrs)


def _text(node: Any) -> str:
    """Return an expression of hyperopt as text, with labels for values."""
    if node.name == "literal":
        return str(_plain(node.obj))
    if node.name == "hyperopt_param":
        return node.arg["label"].obj
    if node.name in ("int", "float", "switch"):
        return _text(node.pos_args[0])
    parts = [_text(inner) for inner in node.pos_args]
    parts += [f"{name}={_text(inner)}" for name, inner in node.named_args]
    name = {"pos_args": "", "dict": ""}.get(node.name, node.name)
    return f"{name}({', '.join(parts)})"


def _trial(row: _Row, kinds: dict[str, BaseDistribution], sign: int) -> FrozenTrial:
    """Return a row as a trial of Optuna; failed if its value is missing or NaN."""
    state, attrs = row.state, dict(row.attrs)
    value = None if row.value is None else sign * float(row.value)
    if state == TrialState.COMPLETE and (value is None or math.isnan(value)):
        state = TrialState.FAIL
        attrs.setdefault("failure", f"the value is {row.value}")
    for name, scores in row.scores.items():
        attrs[name] = [sign * float(score) for score in scores]
    frozen = create_trial(
        state=state,
        value=value if state == TrialState.COMPLETE else None,
        params=row.params,
        distributions={name: kinds[name] for name in row.params},
        user_attrs=attrs,
        constraints=row.constraints,
    )
    if row.start is not None and state is not TrialState.WAITING:
        frozen.datetime_start = row.start
    if row.complete is not None and state.is_finished():
        frozen.datetime_complete = row.complete
        frozen.datetime_start = row.start or row.complete
    return frozen


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
    kind: Any = int if kinds == {int} else float
    make: Any = IntDistribution if kind is int else FloatDistribution
    ends = kind(min(values)), kind(max(values))
    return make(*ends, log=_looks_log(values)), lambda value: kind(_plain(value))


def _looks_log(values: list[float]) -> bool:
    """Tell whether the median stands nearer the middle of a logarithmic axis."""
    low, high, middle = min(values), max(values), float(np.median(values))
    if not 0 < low < high:
        return False
    linear = (middle - low) / (high - low)
    log = math.log(middle / low) / math.log(high / low)
    return abs(log - 0.5) < abs(linear - 0.5)
