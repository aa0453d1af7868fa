"""The trials of hyperopt and of Keras Tuner, and what is known of their spaces."""

import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from optuna.trial import TrialState

from ._rows import Range, Row, plain

#: States of Keras Tuner; the others are failures.
KERAS_STATES = {"COMPLETED": TrialState.COMPLETE, "RUNNING": TrialState.RUNNING}


def read_hyperopt(trials, space):
    """Read the trials of one call of ``fmin``.

    Parameters
    ----------
    trials : hyperopt.Trials
        What ``fmin`` filled.
    space : object
        What ``fmin`` searched.

    Returns
    -------
    tuple
        The rows, what is known of each parameter, and the direction.
    """
    labels, options, whole, ranges = _read_space(space)
    # `Trials.trials` leaves out those whose objective raised.
    rows = [_row(document) for document in trials._dynamic_trials]
    if not rows:
        raise ValueError("the Trials are empty; give them to fmin as trials= first")
    unknown = {name for row in rows for name in row.params} - labels
    if unknown:
        raise ValueError(
            f"the trials have {sorted(unknown)}, which the space lacks (it has "
            f"{sorted(labels)}); give the space of the same fmin call"
        )
    for row in rows:
        for name, value in row.params.items():
            if name in options:
                if value >= len(options[name]):
                    raise ValueError(
                        f"a trial chose option {value} of {name!r}, which has "
                        f"{len(options[name])} in the space; give the space of the "
                        "same fmin call"
                    )
                row.params[name] = options[name][value]
            elif name in whole:
                row.params[name] = int(value)
    return rows, ranges | options, "minimize"


def _row(document):
    result, misc = document["result"], document["misc"]
    state = {0: TrialState.WAITING, 1: TrialState.RUNNING}.get(document["state"])
    attrs = {
        key: plain(value)
        for key, value in result.items()
        if key not in ("loss", "status") and np.isscalar(value)
    }
    if state is None and document["state"] == 2 and result["status"] == "ok":
        state = TrialState.COMPLETE
    elif state is None:
        state, attrs["failure"] = TrialState.FAIL, _reason(result, misc)
    start, complete = (
        time and time.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
        for time in (document["book_time"], document["refresh_time"])
    )
    params = {name: vals[0] for name, vals in misc["vals"].items() if len(vals)}
    return Row(params, result.get("loss"), state, start, complete, attrs)


def _reason(result, misc):
    if "error" not in misc:
        return f"the objective returned status {result['status']!r}"
    kind, message = misc["error"]
    kind = kind.removeprefix("<class '").removesuffix("'>").split(".")[-1]
    return f"{kind}: {message}"


def _read_space(space):
    """Return labels, names of options, labels of integers, and ranges."""
    from hyperopt import pyll

    nodes = pyll.dfs(pyll.as_apply(space))
    labels, options, whole, ranges = set(), {}, set(), {}
    for node in nodes:
        if node.name == "hyperopt_param":
            label = node.arg["label"].obj
            labels.add(label)
            ranges[label] = _range(node.arg["obj"])
        elif node.name == "switch":
            chosen, *choices = node.pos_args
            options[chosen.arg["label"].obj] = _names(choices)
        elif node.name == "int":
            inner = node.pos_args[0]
            inner = inner.pos_args[0] if inner.name == "float" else inner
            if inner.name == "hyperopt_param":
                whole.add(inner.arg["label"].obj)
    return labels, options, whole, ranges


def _range(node):
    """Return the range of a distribution; None where it has no ends."""
    if node.name == "randint":
        ends = [node.arg[end] for end in ("low", "high")]
        ends = [end.eval() for end in ends if hasattr(end, "eval")]
        return Range(0 if len(ends) == 1 else ends[0], ends[-1] - 1, log=False)
    kind = node.name.removeprefix("q")
    if kind not in ("uniform", "loguniform"):
        return Range(log=True) if kind == "lognormal" else None
    low, high = (node.arg[end].eval() for end in ("low", "high"))
    if kind == "loguniform":
        low, high = math.exp(low), math.exp(high)
    if node.name == kind:
        return Range(low, high, kind == "loguniform")
    q = node.arg["q"].eval()
    return Range(round(low / q) * q, round(high / q) * q, kind == "loguniform", q)


def _names(choices):
    names = [_constant(choice) for choice in choices]
    if len(set(names)) < len(names):
        names = [_text(choice) for choice in choices]
    return names


def _constant(choice):
    """Return the only constant of an option that is a dict, else its text."""
    if choice.name == "dict" and choice.named_args:
        nodes = [node for _, node in choice.named_args if node.name == "literal"]
        choice = nodes[0] if len(nodes) == 1 else choice
    return plain(choice.obj) if choice.name == "literal" else _text(choice)


def _text(node):
    """Return an expression as text, with labels for values."""
    if node.name == "literal":
        return str(plain(node.obj))
    if node.name == "hyperopt_param":
        return node.arg["label"].obj
    if node.name in ("int", "float", "switch"):
        return _text(node.pos_args[0])
    parts = [_text(inner) for inner in node.pos_args]
    parts += [f"{name}={_text(inner)}" for name, inner in node.named_args]
    name = {"pos_args": "", "dict": ""}.get(node.name, node.name)
    return f"{name}({', '.join(parts)})"


def read_keras_tuner(tuner):
    """Read the trials of a Keras tuner.

    Parameters
    ----------
    tuner : keras_tuner.Tuner
        The tuner.

    Returns
    -------
    tuple
        The rows, what is known of each parameter, and the direction.
    """
    oracle = tuner.oracle
    if not oracle.start_order:
        raise ValueError(
            f"the {type(tuner).__name__} has run no trial; call its search first"
        )
    if hasattr(oracle.objective, "objectives"):
        names = [objective.name for objective in oracle.objective.objectives]
        raise ValueError(
            f"the {type(tuner).__name__} has several objectives ({', '.join(names)}), "
            "and a study has one value; tune with one"
        )
    starts = getattr(getattr(oracle, "_display", None), "trial_start", {})
    rows, declared = [], {}
    for name in oracle.start_order:
        found = oracle.trials[name]
        space = found.hyperparameters
        active = [known for known in space.space if space.is_active(known)]
        declared = {known.name: _keras_space(known) for known in active} | declared
        rows.append(
            Row(
                {known.name: space.values[known.name] for known in active},
                found.score,
                KERAS_STATES.get(found.status, TrialState.FAIL),
                starts.get(name),
                _written(Path(tuner.project_dir) / f"trial_{name}" / "trial.json"),
                _keras_attrs(tuner, found),
            )
        )
    return rows, declared, f"{oracle.objective.direction}imize"


def _keras_space(known):
    if hasattr(known, "min_value"):
        log = known.sampling == "log"
        return Range(known.min_value, known.max_value, log, known.step)
    return [known.value] if hasattr(known, "value") else list(known.values)


def _keras_attrs(tuner, found):
    added = found.hyperparameters.values.items()
    attrs = {name: value for name, value in added if name.startswith("tuner/")}
    attrs["executions"] = getattr(tuner, "executions_per_trial", 1)
    for name in found.metrics.metrics:
        history = found.metrics.get_history(name)
        if history and name != tuner.oracle.objective.name:
            attrs[name] = float(history[-1].mean())
    if found.message:
        attrs["failure"] = found.message.strip().splitlines()[-1]
    return attrs


def _written(file):
    return datetime.fromtimestamp(file.stat().st_mtime) if file.exists() else None
