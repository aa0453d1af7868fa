"""What a task of an exercise notebook is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import combinations
from typing import Any

import numpy as np

from ..languages import N_
from ..languages import gettext as translate
from ._answer import Call, same

__all__ = ["N_", "TASKS", "Task", "Variant", "faults", "task"]

# The arguments of a call; the right value, and after it that of each fault.
Drawn = tuple[tuple[Any, ...], list[Any]]


@dataclass(frozen=True)
class Variant:
    """How one task varies in a private variant of the exercises.

    Attributes
    ----------
    name : str
        The number's name, in the check and between braces below.
    values : tuple or range
        What it can be; never the course's own, so that a copied solution fails.
    change : str
        The sentence that the task gets, marked with `N_`.
    edits : dict of str to str
        What the solution has, and what it has in the variant.
    """

    name: str
    values: tuple[float, ...] | range
    change: str
    edits: dict[str, str]


@dataclass(frozen=True)
class Task:
    """One task that is checked.

    Attributes
    ----------
    check : callable
        Takes an answer, a generator to draw data with, and the number of the task
        that can vary, by name; raises what is wrong with the answer.
    hints : tuple of str
        The hints in turn, marked with `N_`.
    variant : Variant or None
        How it varies, if it does.
    """

    check: Callable[..., None]
    hints: tuple[str, ...]
    variant: Variant | None


TASKS: dict[str, Task] = {}  # by name; a chapter's, once its module is imported


def task(
    name: str, *hints: str, variant: Variant | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a task of the check that follows.

    Parameters
    ----------
    name : str
        The task, as its notebook names it.
    *hints, variant
        As :class:`Task` has them.
    """

    def add(check: Callable[..., None]) -> Callable[..., None]:
        TASKS[name] = Task(check, hints, variant)
        return check

    return add


def faults(
    *diagnoses: str,
) -> Callable[[Callable[..., Drawn | None]], Callable[..., None]]:
    """Make a check of the function that follows, which draws the data.

    It takes a generator and the number that varies, by name. It is asked again where
    it returns None, and where its data do not tell each fault from all the others and
    from what is right.

    Parameters
    ----------
    *diagnoses : str
        Of each fault, in the order of the values, what is wrong; marked with `N_`.
    """

    def make(draw: Callable[..., Drawn | None]) -> Callable[..., None]:
        @wraps(draw)
        def check(answer: Any, rng: np.random.Generator, **number: float) -> None:
            rounds = 0
            while rounds < 3:
                drawn = draw(rng, **number)
                if drawn is None or any(
                    same(*two) for two in combinations(drawn[1], 2)
                ):
                    continue
                rounds += 1
                arguments, (right, *wrongs) = drawn
                whys = map(translate, diagnoses)
                Call(answer, *arguments).judge(right, *zip(wrongs, whys, strict=True))

        return check

    return make
