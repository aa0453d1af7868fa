"""What a check can end in: right, wrong, not attempted, or the answer raised.

What is not right is an exception, so that a grader sees it. In a notebook it shows
its text alone: a traceback would lead into this package, not to the fault.
"""

from __future__ import annotations

from ..languages import gettext as _


class Passed:
    """An answer that is right, as far as visible checks can tell."""

    def __init__(self, task: str) -> None:
        self.task = task

    def __repr__(self) -> str:
        """Return what a notebook shows."""
        text = _("✓ {task}: the visible checks passed. Graded ones use other data.")
        return text.format(task=self.task)


class Hint:
    """One of a task's hints."""

    def __init__(self, number: int, hints: tuple[str, ...]) -> None:
        self.number, self.hints = number, hints

    def __repr__(self) -> str:
        """Return what a notebook shows."""
        head = _("Hint {number} of {all}:").format(
            number=self.number, all=len(self.hints)
        )
        return f"{head} {self.hints[self.number - 1]}"


class FailedCheck(AssertionError):
    """An answer that is not right; says which task, what was seen and why."""

    task = ""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(line for line in lines if line))

    def headline(self) -> str:
        """Return the first line, without the task."""
        return _("not right yet.")

    def __str__(self) -> str:
        """Return the whole text."""
        text = f"✗ {self.task}: {self.headline()}"
        return f"{text}\n{self.args[0]}" if self.args[0] else text

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback."""
        return [str(self)]


class WrongAnswer(FailedCheck):
    """The answer differs from what was asked for."""


class NotAttempted(FailedCheck):
    """The place of the answer still holds what stood there."""

    def headline(self) -> str:
        """Return the first line, without the task."""
        return _("not attempted yet: write your code in the place of `...`.")


class AnswerRaised(FailedCheck):
    """The student's code raised an exception."""

    def headline(self) -> str:
        """Return the first line, without the task."""
        return _("your code raised an exception.")


class UnknownTask(FailedCheck):
    """The version of the package that is installed has no such task."""

    def headline(self) -> str:
        """Return the first line, without the task."""
        return _("there is no such task in this version.")
