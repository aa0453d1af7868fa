"""The tasks of the chapter on Optuna."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Variant, task


@task(
    "optuna/1",
    N_("Which states stand for a trial that has spent its share of the budget?"),
    N_("`states.count(...)` counts one state."),
)
def _trials_left(answer: Any, rng: np.random.Generator) -> None:
    for most in (20, 0):  # the second time, more was spent than planned
        done, pruned, failed, lost = counts = rng.permutation([4, 3, 2, 1]).tolist()
        names = ("COMPLETE", "PRUNED", "FAIL", "RUNNING")
        states = rng.permutation(np.repeat(names, counts)).tolist()
        total = most or done + pruned - 2
        left = total - done - pruned
        Call(answer, states, total).judge(
            max(left, 0),
            (left, _("Less than none cannot be left.")),
            (max(left + pruned, 0), _("A pruned trial has spent its share, too.")),
            (max(left - failed, 0), _("A failed trial has spent nothing.")),
            (max(left - lost, 0), _("Who never finished is to be repeated.")),
            (max(left - failed - lost, 0), _("Not every state spends the budget.")),
            (total, _("In `optimize`, `n_trials` counts new trials, not all.")),
        )


class _Trial:
    """A trial that notes what it was asked for, and what it gave."""

    def __init__(self, optimizer: str, rng: np.random.Generator) -> None:
        self.optimizer, self.rng = optimizer, rng
        self.asked: dict[str, tuple[Any, ...]] = {}
        self.given: dict[str, Any] = {}

    def __repr__(self) -> str:
        return "trial"

    def __deepcopy__(self, memo: Any) -> _Trial:
        return self  # what is asked of it must be seen

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        self.asked[name] = (*sorted(choices),)
        self.given[name] = self.optimizer if self.optimizer in choices else choices[0]
        return self.given[name]

    def suggest_float(
        self, name: str, low: float, high: float, *, step: Any = None, log: bool = False
    ) -> float:
        self.asked[name] = (low, high, log, "suggest_float")
        self.given[name] = float(self.rng.uniform(low, high))
        return float(self.given[name])

    def suggest_int(
        self, name: str, low: int, high: int, *, step: int = 1, log: bool = False
    ) -> int:
        self.asked[name] = (low, high, log, "suggest_int")
        self.given[name] = int(self.rng.integers(low, high + 1))
        return int(self.given[name])


SPACE: dict[str, tuple[Any, ...]] = {
    "optimizer": ("adam", "sgd"),
    "lr": (1e-4, 1, True, "suggest_float"),
    "dropout": (0, 0.5, False, "suggest_float"),
    "momentum": (0, 0.95, False, "suggest_float"),
}


@task(
    "optuna/2",
    N_("`log=True` gives each order of magnitude the same chance."),
    N_("An `if` is enough for what exists in one branch only."),
    N_("Keep what each `trial.suggest_...` returns under its own name."),
    variant=Variant(
        "largest",
        (64, 128, 512, 1024, 2048),
        N_("`hidden_size` goes to {largest}, not to 256."),
        {"16, 256,": "16, {largest},"},
    ),
)
def _suggest(answer: Any, rng: np.random.Generator, largest: int = 256) -> None:
    space = {**SPACE, "hidden_size": (16, largest, True, "suggest_int")}
    for optimizer in ("sgd", "adam"):
        trial = _Trial(optimizer, rng)
        call = Call(answer, trial)
        for name, wanted in space.items():
            asked = trial.asked.get(name)
            if name == "momentum" and optimizer == "adam":
                if asked:
                    raise call.wrong(_("With Adam, there is no momentum to ask for."))
            elif asked is None:
                raise call.wrong(_("{name} is not asked for.").format(name=name))
            elif asked != wanted:
                text = _("{name}: compare the kind and the bounds with the table.")
                if (asked[:2], asked[3:]) == (wanted[:2], wanted[3:]):
                    text = _("{name}: is the doubt about its order of magnitude?")
                raise call.wrong(text.format(name=name))
        if call.seen != trial.given:
            raise call.wrong(_("A dictionary of all that the trial gave is expected."))


def _paid(best: np.ndarray, bar: np.ndarray) -> int:
    """Return after how many steps the best value is below the bar, or all steps."""
    below = best < bar
    return int(below.argmax()) + 1 if below.any() else len(best)


@task(
    "optuna/3",
    N_("Go step by step, and keep the best value that the trial has seen."),
    N_("At each step, take one number from each finished trial: its value there."),
    variant=Variant(
        "startup",
        (3, 4, 6, 7, 8, 9),
        N_("nothing is pruned with fewer than {startup} finished trials."),
        {"len(finished) < 5": "len(finished) < {startup}"},
    ),
)
def _steps_paid(answer: Any, rng: np.random.Generator, startup: int = 5) -> None:
    diagnoses = (
        _("The step in which it is pruned has been paid for, too."),
        _("What is compared is the best value so far, not the last one."),
        _("The bar is the median of the others, not their mean."),
        _("Compare with the others at the same step, not at their end."),
        _("Higher is better here: whoever is below the median is pruned."),
        _("Of the finished trials, the value at that very step counts."),
    )
    fault = 0
    while fault < len(diagnoses):  # each fault has a round in which it shows
        finished = rng.integers(np.arange(0, 64, 8), 100, size=(startup, 8))
        values = rng.integers(20, 90, size=8)
        best, middle = np.maximum.accumulate(values), np.median(finished, axis=0)
        right = _paid(best, middle)
        wrongs = (
            right - 1,
            _paid(values, middle),
            _paid(best, finished.mean(axis=0)),
            _paid(best, np.full(8, middle[-1])),
            _paid(-np.minimum.accumulate(values), -middle),
            _paid(best, np.median(np.maximum.accumulate(finished, axis=1), axis=0)),
        )
        shown = [each for each in wrongs if each != right]
        if wrongs[fault] != right < 8 and len({*shown}) == len(shown):
            wrong = zip(wrongs, diagnoses, strict=True)
            Call(answer, finished.tolist(), values.tolist()).judge(right, *wrong)
            fault += 1
    few = _("With fewer than {startup} finished trials, nobody is pruned.")
    few = few.format(startup=startup)
    Call(answer, finished[1:].tolist(), [-9] * 8).judge(8, (1, few))
