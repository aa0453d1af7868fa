"""Usual faults in the answers, and right answers that look different."""

import numpy as np


def left(*spent, least=0):
    def trials_left(states, total):
        return max(total - sum(map(states.count, spent)), least)

    return trials_left


def network(**changes):
    def suggest(trial):
        params = {
            "optimizer": trial.suggest_categorical("optimizer", ["sgd", "adam"]),
            "hidden_size": trial.suggest_int("hidden_size", 16, 256, log=True),
            "lr": trial.suggest_float("lr", 1e-4, 1, log=True),
        }
        if "dropout" not in changes:
            params["dropout"] = trial.suggest_float("dropout", 0, 0.5)
        if params["optimizer"] == "sgd":
            params["momentum"] = trial.suggest_float("momentum", 0, 0.95)
        for name, change in changes.items():
            params[name] = change(trial)
        return params

    return suggest


def at_step(finished):
    return np.median(finished, axis=0)


def paid(best=np.maximum.accumulate, bars=at_step, sign=1, startup=5, own=1):
    def steps_paid(finished, values):
        if len(finished) < startup:
            return len(values)
        below = sign * best(np.array(values)) < sign * bars(np.array(finished))
        return below.argmax() + own if below.any() else len(values)

    return steps_paid


FAULTS = {
    "optuna/1": [
        (left("COMPLETE", "PRUNED", least=-99), "Less than none"),
        (left("COMPLETE"), "pruned trial has spent"),
        (left("COMPLETE", "PRUNED", "FAIL"), "failed trial has spent nothing"),
        (left("COMPLETE", "PRUNED", "RUNNING"), "is to be repeated"),
        (lambda states, total: max(total - len(states), 0), "Not every state"),
        (lambda states, total: total, "counts new trials"),
    ],
    "optuna/2": [
        (
            network(lr=lambda trial: trial.suggest_float("lr", 1e-4, 1)),
            "lr: is the doubt about",
        ),
        (
            network(hidden_size=lambda t: t.suggest_int("hidden_size", 16, 256)),
            "hidden_size: is the doubt about",
        ),
        (
            network(dropout=lambda t: t.suggest_float("dropout", 0.1, 0.5, log=True)),
            "dropout: compare the kind and the bounds",
        ),
        (
            network(
                hidden_size=lambda t: t.suggest_float("hidden_size", 16, 256, log=True)
            ),
            "hidden_size: compare the kind",
        ),
        (network(lr=lambda t: t.suggest_float("lr", 1e-4, 1e-1)), "lr: compare"),
        (network(dropout=lambda trial: 0.2), "dropout is not asked for"),
        (
            network(momentum=lambda t: t.suggest_float("momentum", 0, 0.95)),
            "no momentum to ask for",
        ),
        (network(momentum=lambda trial: None), "all that the trial gave"),
        (lambda trial: [*network()(trial).values()], "all that the trial gave"),
    ],
    "optuna/3": [
        (paid(own=0), "has been paid for"),
        (paid(best=lambda values: values), "not the last one"),
        (paid(bars=lambda f: f.mean(axis=0)), "not their mean"),
        (paid(bars=lambda f: np.median(f[:, -1])), "not at their end"),
        (paid(best=np.minimum.accumulate, sign=-1), "below the median is pruned"),
        (
            paid(bars=lambda f: np.median(np.maximum.accumulate(f, axis=1), axis=0)),
            "at that very step",
        ),
        (paid(startup=0), "fewer than 5"),
    ],
}

ALIKE = [
    ("optuna/1", float),
    ("optuna/1", np.array),
    ("optuna/2", lambda params: dict(reversed(params.items()))),
    ("optuna/3", np.int64),
]
