"""What the tests of the search share: a small problem and a way to compare runs."""

import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from hpocourse.search._loop import is_lost
from hpocourse.search._samplers.ordinal import ordinal

SPACE = {
    "x": FloatDistribution(-10, 10),
    "size": IntDistribution(1, 64, log=True),
    "kind": CategoricalDistribution(["even", "odd"]),
}


def bowl(parameters):
    """Return a value that is best at x = 2, size = 1, kind = "odd"."""
    penalty = parameters["kind"] == "even"
    return -((parameters["x"] - 2) ** 2) - parameters["size"] / 10 - penalty


def sequence(study):
    """Return what a search tried, without what was lost and then repeated."""
    return [
        (ordinal(trial), trial.params, trial.value)
        for trial in study.trials
        if not is_lost(trial)
    ]


@pytest.fixture(autouse=True)
def _no_silent_threads(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
