"""Ask a student's function, and compare what it returns with what is right."""

from __future__ import annotations

import copy
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FunctionType
from typing import Any

import numpy as np

from ..languages import ENGLISH, get_language
from ..languages import gettext as _
from ._outcomes import AnswerRaised, NotAttempted, WrongAnswer

LONGEST = 200  # characters of a value that are shown


def _stub() -> None: ...


def show(value: Any) -> str:
    """Return a value on one line: large arrays by shape, functions by name."""
    if isinstance(value, FunctionType):
        return value.__name__
    if isinstance(value, np.ndarray) and value.size > 12:
        return f"array(shape={value.shape})"
    if isinstance(value, np.ndarray):
        value = value.tolist()
    with np.printoptions(legacy="1.25"):  # 2.0, not np.float64(2.0)
        text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def decimal(value: float) -> str:
    """Return a number as the current language's prose writes it."""
    text = str(value).replace("-", "−")
    return text if get_language() == ENGLISH else text.replace(".", ",")


def same(seen: Any, right: Any) -> bool:
    """Return whether two values are equal, whatever holds them and up to rounding."""
    if isinstance(seen, str) or isinstance(right, str):
        return isinstance(seen, str) and seen.strip() == right
    try:
        ours = np.squeeze(np.asarray(seen, dtype=float))
        theirs = np.squeeze(np.asarray(right, dtype=float))
    except (TypeError, ValueError):
        return False
    return ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=1e-6)


def same_items(seen: Any, right: Iterable[Any]) -> bool:
    """Return whether two collections hold the same, in whatever order."""
    try:
        return not isinstance(seen, str) and sorted(seen) == sorted(right)
    except (TypeError, ValueError):
        return False


class Call:
    """One call of a student's function.

    Attributes
    ----------
    shown : str
        The call as it would be written.
    seen : object
        What came back.
    """

    def __init__(self, function: Any, *arguments: Any) -> None:
        if not callable(function):
            text = _("Hand the function itself over, without calling it; got {value}.")
            raise WrongAnswer(text.format(value=show(function)))
        name = getattr(function, "__name__", "answer")
        self.shown = f"{name}({', '.join(map(show, arguments))})"
        self.seen = self._ask(function, arguments)

    def _ask(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        try:
            # A copy: what the answer does to it must not reach the right result.
            seen = function(*copy.deepcopy(arguments))
        except NotImplementedError:
            raise NotAttempted() from None
        except (Exception, SystemExit) as error:
            where = _place(error, function)
            text = _("{call} raised {error} in line {line}: {code}").format(
                call=self.shown,
                error=f"{type(error).__name__}: {error}".rstrip(": "),
                line=where.lineno,
                code=where.line or "",
            )
            raise AnswerRaised(text.rstrip(": ")) from error
        if seen is ... or (seen is None and _is_stub(function)):
            raise NotAttempted()
        if seen is None:
            text = _("{call} returned None: is the `return` missing?")
            raise WrongAnswer(text.format(call=self.shown))
        return seen

    def wrong(self, why: str) -> WrongAnswer:
        """Return the exception that says what came back, and why it is wrong."""
        text = _("{call} returned {value}.")
        return WrongAnswer(text.format(call=self.shown, value=show(self.seen)), why)

    def judge(
        self,
        right: Any,
        *wrongs: tuple[Any, str],
        alike: Callable[[Any, Any], bool] = same,
        otherwise: str = "",
    ) -> None:
        """Raise unless the right value came back; say which known fault explains it.

        Parameters
        ----------
        right : object
            The right value.
        *wrongs : tuple of object and str
            Values that known faults lead to, each with its diagnosis.
        alike : callable, optional
            Says whether two values are equal.
        otherwise : str, optional
            What is said of another value; by default, what its form should be.
        """
        if alike(self.seen, right):
            return
        for value, why in wrongs:
            if alike(self.seen, value):
                raise self.wrong(why)
        raise self.wrong(otherwise or _form(self.seen, right))


def _form(seen: Any, right: Any) -> str:
    """Return what is to be said of a value that no known fault explains."""
    if isinstance(right, str):
        return _("Another text was expected: read the task again.")
    shape = np.shape(right)
    with suppress(ValueError):
        if np.shape(seen) == shape:
            return _("The form is right, the value is not.")
    if shape:
        return _("The shape expected is {shape}.").format(shape=shape)
    return _("A number was expected.")


def _place(error: BaseException, function: Any) -> traceback.FrameSummary:
    """Return the line of the answer that raised, not one in a library it called."""
    frames = traceback.extract_tb(error.__traceback__)
    code = getattr(function, "__code__", None)
    ours = [each for each in frames if code and each.filename == code.co_filename]
    return (ours or frames)[-1]


def _is_stub(function: Any) -> bool:
    """Return whether a function does nothing at all."""
    code = getattr(function, "__code__", None)
    return code is not None and len(code.co_code) <= len(_stub.__code__.co_code)
