"""A plugin of pytest: nbval's comparison on machines that print other last digits.

The numbers of the book are proved digit by digit where they were computed: on
x86-64 Linux with AVX2, the Python of `REFERENCE` and the versions of
``requirements.txt``. Elsewhere each notebook is executed all the same, and an error
or another word fails, but numbers may differ by `RELATIVE`, by `ABSOLUTE` or by one
in the last digit that is printed, and what libraries warn of there is not compared.
The summary says which comparison was made and why.
"""

import functools
import math
import platform
import re
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell

from tools.differs import read_accepted
from tools.notebooks import ROOT
from tools.reproducible import processor_flags

__all__ = ["ABSOLUTE", "REFERENCE", "RELATIVE", "Approximate", "departures", "pins"]

REFERENCE = (3, 11)
RELATIVE = 0.05
ABSOLUTE = 0.02  # of a score between 0 and 1

NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?", re.IGNORECASE)


def pins(path: Path = ROOT / "requirements.txt") -> dict[str, str]:
    """Return the versions with which the stored numbers were computed."""
    lines = path.read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def departures() -> Iterator[str]:
    """Say in what this machine is not the one of the stored numbers."""
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        yield f"{system} on {machine}"
    elif "avx2" not in processor_flags():
        yield "a processor without AVX2"
    if sys.version_info[:2] != REFERENCE:
        yield f"Python {platform.python_version()}"
    for name, pinned in pins().items():
        try:
            installed = version(name).partition("+")[0]
        except PackageNotFoundError:
            continue
        if installed != pinned:
            yield f"{name} {installed} instead of {pinned}"


def _close(one: str, other: str) -> bool:
    last = max(Decimal(text).as_tuple().exponent for text in (one, other))
    return math.isclose(
        float(one),
        float(other),
        rel_tol=RELATIVE,
        abs_tol=max(ABSOLUTE, 1.01 * 10.0**last),
    )


class Approximate(str):
    """A text that equals another one of the same words and almost the same numbers.

    The width of columns depends on the numbers in them, so that white space and
    rules count for nothing.
    """

    __slots__ = ()
    __hash__ = None

    def __eq__(self, other: object) -> bool:
        """Compare words exactly and numbers approximately."""
        if not isinstance(other, str):
            return False
        words = [
            re.sub(r"[\s─-]+", "", NUMBER.sub("#", text)) for text in (self, other)
        ]
        if words[0] != words[1]:
            return False
        pairs = zip(NUMBER.findall(self), NUMBER.findall(other), strict=True)
        return all(_close(one, two) for one, two in pairs)

    def __ne__(self, other: object) -> bool:
        """Compare as ``==`` does: nbval asks this way round."""
        return not self == other


def _sanitize(sanitize: Callable[[object], object], output: object) -> object:
    """Let nbval compare approximately what it has sanitized."""
    clean = sanitize(output)
    return Approximate(clean) if isinstance(clean, str) else clean


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Compare approximately elsewhere, and nowhere what another processor changes."""
    elsewhere = any(departures())
    accepted = read_accepted(pinned=False)
    for item in items:
        if isinstance(item, IPyNbCell):
            if f"{item.path.stem}:{item.cell.get('id')}" in accepted:
                item.options["check"] = False
            # nbval compares no PNG; a drawing holds the same figure.
            item.parent.skip_compare = {*item.parent.skip_compare, "image/svg+xml"}
            if elsewhere:
                item.sanitize = functools.partial(_sanitize, item.sanitize)
                item.parent.skip_compare = {*item.parent.skip_compare, "stderr"}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how the notebooks were compared, and why."""
    reasons = list(departures())
    if not reasons:
        said = "compared digit by digit, as on every machine like this one"
    else:
        more = f" and {len(reasons) - 3} more" if len(reasons) > 3 else ""
        said = (
            f"numbers compared within {RELATIVE:.0%}, {ABSOLUTE} or one in the last "
            f"digit, not digit by digit: {', '.join(reasons[:3])}{more}"
        )
    terminalreporter.write_line(f"notebooks: {said}")
