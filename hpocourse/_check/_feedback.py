"""The two functions that students call, and the tasks that they know."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

from .. import __version__
from ..languages import gettext as _
from ..languages import gettext as translate
from . import chapters
from ._outcomes import FailedCheck, NotAttempted, Shown, UnknownTask
from ._task import TASKS, Task

# The chapters that have exercises: each has a module named after it.
CHAPTERS = sorted(
    each.name.replace("_", "-") for each in iter_modules(chapters.__path__)
)

_given: Counter[str] = Counter()  # how many hints of each task were asked for


def find_tasks(chapter: str) -> dict[str, Task]:
    """Return the tasks of a chapter by name; none of a chapter without exercises."""
    if chapter in CHAPTERS:
        import_module(f"{chapters.__name__}.{chapter.replace('-', '_')}")
    return {name: TASKS[name] for name in TASKS if name.startswith(f"{chapter}/")}


def _find(name: str) -> Task:
    """Return a task by its name; what is unknown belongs to another version."""
    tasks = find_tasks(str(name).partition("/")[0])
    if name in tasks:
        return tasks[name]
    text = _(
        "hpocourse {version} is installed, and knows: {known}. If the notebook is of "
        "another version, open it again from the course's page, restart, and run "
        "its first cell."
    )
    known = ", ".join(tasks or CHAPTERS)
    error = UnknownTask(text.format(version=__version__, known=known))
    error.task = str(name)
    raise error


def check(
    task: str, answer: Any, *, seed: int | None = None, **numbers: float
) -> Shown:
    """Check an answer to an exercise, and say what is wrong with it.

    Parameters
    ----------
    task : str
        The task, as its notebook names it: ``"grid-search/1"``.
    answer : object
        The answer: a function, itself and not what it returns, or a value.
    seed : int, optional
        Gives the same data at each call; they are drawn anew without it.
    **numbers : float
        The number that a variant of the exercise changes, as its notebook names it.

    Returns
    -------
    Shown
        Says that the visible checks passed. Graded ones use other data.

    Raises
    ------
    AssertionError
        If the answer is wrong, is not attempted, or raises: in the notebook's
        language it says which, and why. Also if the installed version has no such
        task.
    TypeError
        If the task has no such number.
    """
    found = _find(task)
    known = found.variant.name if found.variant else "none"
    if unknown := [name for name in numbers if name != known]:
        raise TypeError(f"{task} has no number {unknown[0]!r} to vary; it has: {known}")
    try:
        if answer is None or answer is ...:
            raise NotAttempted()
        found.check(answer, np.random.default_rng(seed), **numbers)
    except FailedCheck as error:
        error.task = task
        more = _("A hint: {call}").format(call=f'hpocourse.hint("{task}")')
        error.args = (f"{error.args[0]}\n{more}".lstrip(),)
        raise
    text = _("✓ {task}: the visible checks passed. Graded ones use other data.")
    return Shown(text.format(task=task))


def hint(task: str) -> Shown:
    """Give the next hint for an exercise; after the last, the first again.

    Parameters
    ----------
    task : str
        The task, as its notebook names it: ``"grid-search/1"``.

    Returns
    -------
    Shown
        One of up to three hints.

    Raises
    ------
    AssertionError
        If the installed version has no such task.
    """
    hints = _find(task).hints
    number = _given[task] % len(hints) + 1
    _given[task] += 1
    head = _("Hint {number} of {all}:").format(number=number, all=len(hints))
    return Shown(f"{head} {translate(hints[number - 1])}")
