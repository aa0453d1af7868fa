"""What a check can end in: right, wrong, not attempted, or the answer raised.

What is not right is an exception, so that a grader sees it. In a notebook it shows
its text alone: a traceback would lead into this package, not to the fault.
"""

from __future__ import annotations

from ..languages import N_
from ..languages import gettext as translate


class Shown(str):
    """A text that a notebook shows as it stands."""

    def __repr__(self) -> str:
        """Return the text, without quotes."""
        return str(self)


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
