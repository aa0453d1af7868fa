"""What a check can end in: right, wrong, not attempted, or the answer raised.

What is not right is an exception, so that a grader sees it. In a notebook it shows
its text alone: a traceback would lead into this package, not to the fault.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..languages import N_
from ..languages import gettext as _
from ..languages import gettext as translate


@dataclass(repr=False)
class Passed:
    """An answer that is right, as far as visible checks can tell."""

    task: str

    def __repr__(self) -> str:
        """Return what a notebook shows."""
        text = _("✓ {task}: the visible checks passed. Graded ones use other data.")
        return text.format(task=self.task)


@dataclass(repr=False)
class Hint:
    """One of a task's hints."""

    number: int
    hints: tuple[str, ...]

    def __repr__(self) -> str:
        """Return what a notebook shows."""
        head = _("Hint {number} of {all}:")
        head = head.format(number=self.number, all=len(self.hints))
        return f"{head} {translate(self.hints[self.number - 1])}"


class FailedCheck(AssertionError):
    """An answer that is not right; says which task, what was seen and why."""

    task = ""
    headline = N_("not right yet.")

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(line for line in lines if line))

    def __str__(self) -> str:
        """Return the whole text."""
        text = f"✗ {self.task}: {translate(self.headline)}"
        return f"{text}\n{self.args[0]}" if self.args[0] else text

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback."""
        return [str(self)]


class WrongAnswer(FailedCheck):
    """The answer differs from what was asked for."""


class NotAttempted(FailedCheck):
    """The place of the answer still holds what stood there."""

    headline = N_("not attempted yet: write your code in the place of `...`.")


class AnswerRaised(FailedCheck):
    """The student's code raised an exception."""

    headline = N_("your code raised an exception.")


class UnknownTask(FailedCheck):
    """The version of the package that is installed has no such task."""

    headline = N_("there is no such task in this version.")
