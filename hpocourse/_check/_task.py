"""What a task of an exercise notebook is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """One task that is checked.

    Attributes
    ----------
    check : callable
        Takes an answer; raises what is wrong with it.
    hints : callable
        Returns the hints, in the current language.
    """

    check: Callable[[Any], None]
    hints: Callable[[], tuple[str, ...]]
