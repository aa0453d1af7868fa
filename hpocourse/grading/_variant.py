"""How one task of an exercise varies: one number, and what it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Values = tuple[float, ...] | range


@dataclass(frozen=True)
class Variant:
    """How one task varies.

    Attributes
    ----------
    name : str
        The number's name, in ``hpocourse.check`` and between braces below.
    values : tuple or range
        What it can be.
    change : callable
        Returns the sentence that the task gets, in the current language.
    edits : tuple of tuple of str
        Pairs: what the solution has, and what it has in the variant.
    """

    name: str
    values: Values
    change: Callable[[], str]
    edits: tuple[tuple[str, str], ...]


def of(
    name: str, values: Values, change: Callable[[], str], *edits: tuple[str, str]
) -> Variant:
    return Variant(name, values, change, edits)
