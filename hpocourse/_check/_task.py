"""What a task of an exercise notebook is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One task that is checked.

    Attributes
    ----------
    check : callable
        Takes an answer, a generator to draw data with, and the numbers of the task
        that can vary, by name; raises what is wrong with the answer.
    hints : callable
        Returns the hints, in the current language.
    """

    check: Callable[..., None]
    hints: Callable[[], tuple[str, ...]]
