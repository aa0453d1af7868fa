"""Every number that the prose claims is one that the notebook computes."""

import math
import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from nbformat import NotebookNode

from tools.checks.markdown import parse
from tools.checks.outputs import text_of
from tools.checks.page import Page, Problem
from tools.notebooks import code_cells, figure, is_setup
from tools.wording import WORDINGS

__all__ = ["Number", "check", "numbers_in", "sections", "written_numbers"]

HARD = "\u00a0\u202f\u2009"  # spaces at which no line is broken
SPACES = f" {HARD}"
# Names after which a number is a version, and not a measure.
NAMED = (
    r"v|Python|BY|PyTorch|NumPy|pandas|scikit-learn|skorch|Optuna|hyperopt|Jupyter Book"
    r"|Matplotlib|Ubuntu|Debian|Windows|CUDA|HTTP"
)
VERSION = re.compile(
    rf"(?:\b(?:{NAMED})[{SPACES}]?\d+(?:\.\d+)*|\b\d+\.\d+\.\d+(?:\.\d+)*)\b"
)
NUMBER = re.compile(
    rf"(?<![\w,.])(?P<sign>[−-](?=\d))?"
    rf"(?P<whole>\d{{1,3}}(?:[{HARD}]\d{{3}})+(?!\d)|\d+)"
    rf"(?:[,.](?P<decimals>\d+))?(?P<percent>[{SPACES}]?%)?(?![\w]*\d)"
)
COMPUTED = re.compile(r"(?<![\w.])\d+(?:_\d+)*(?:\.\d*)?(?:[eE][+-]?\d+)?")
CLAIMED = re.compile(
    r"(?:=|\\approx|\\simeq|≈|<|>|\\leq?|\\geq?)\s*(-?\d+(?:\{,\}|,|\.)\d+)"
)
EQUATION = re.compile(
    r"(?<![\w.^}])(\d+(?:\s*(?:\\cdot|\\times|[+-])\s*\d+)+)\s*=\s*(\d+)(?![\w.,^{])"
)
THIN = re.compile(r"(?<=\d)\\,(?=\d{3}(?!\d))")  # parts the thousands in a formula
# What tells how long something takes to read is not computed.
MINUTES = re.compile(
    rf"\d+[{SPACES}](?:{'|'.join(words.minutes for words in WORDINGS.values())})"
)
SMALL = 12
YEARS = range(1900, 2100)


@dataclass(frozen=True)
class Number:
    """A number as prose writes it.

    Attributes
    ----------
    text : str
        As it is written.
    value : float
        What it says; of a percentage, the number before the sign.
    decimals : int
        How many decimals it is given with.
    percent : bool
        Whether a percent sign follows.
    """

    text: str
    value: float
    decimals: int = 0
    percent: bool = False

    @property
    def plain(self) -> str:
        """The same text in every language: point, no spaces."""
        number = f"{self.value:.{self.decimals}f}"
        return f"{number}%" if self.percent else number


def _number(match: re.Match[str]) -> Number:
    whole = re.sub(rf"[{SPACES}]", "", match["whole"])
    decimals = match["decimals"] or ""
    value = float(f"{whole}.{decimals or 0}")
    sign = -1 if match["sign"] else 1
    return Number(match[0], sign * value, len(decimals), bool(match["percent"]))


def numbers_in(text: str) -> list[Number]:
    """Return the numbers written in prose, versions of software left out."""
    return [_number(match) for match in NUMBER.finditer(VERSION.sub(" ", text))]


def written_numbers(cell: NotebookNode) -> list[Number]:
    """Return the numbers in a cell's prose, or in its figure's texts."""
    if cell.cell_type == "code":
        about = figure(cell)
        return numbers_in(" | ".join(about.get(key, "") for key in ("caption", "alt")))
    return numbers_in(" | ".join(parse(cell.source).blocks))


def _claims(cell: NotebookNode) -> list[Number]:
    """Return what a cell claims and something has to prove."""
    found = list(written_numbers(cell))
    if cell.cell_type == "markdown":
        prose = parse(cell.source)
        minutes = [
            number
            for match in MINUTES.finditer(prose.text)
            for number in numbers_in(match[0])
        ]
        for number in minutes:
            found = [each for each in found if each.value != number.value]
        for formula in prose.formulas:
            for match in CLAIMED.finditer(formula):
                found += numbers_in(match[1].replace("{,}", ","))
    return [
        number
        for number in found
        if number.decimals or number.percent or _is_large(number.value)
    ]


def _is_large(value: float) -> bool:
    return abs(value) > SMALL and value not in YEARS


def _computed(cell: NotebookNode) -> set[float]:
    """Return the numbers in the source and the text outputs of a code cell."""
    texts = [cell.source]
    texts += [text for output in cell.outputs for text in text_of(output)]
    found = (float(match[0]) for text in texts for match in COMPUTED.finditer(text))
    return {value for value in found if math.isfinite(value)}


def sections(cells: list[NotebookNode]) -> list[list[NotebookNode]]:
    """Cut cells at the headings of the first two levels."""
    found: list[list[NotebookNode]] = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and {1, 2} & set(parse(cell.source).headings):
            found.append([])
        found[-1].append(cell)
    return [section for section in found if section]


def _equations(page: Page, cell: NotebookNode, values: set[float]) -> Iterator[Problem]:
    """Check sums and products written in formulas; what is right is proved."""
    for formula in parse(cell.source).formulas:
        for left, right in EQUATION.findall(THIN.sub("", formula)):
            terms = [
                [int(factor) for factor in re.split(r"\\cdot|\\times", term)]
                for term in re.split(r"(?=[+-])", re.sub(r"\s+", "", left))
            ]
            result = sum(reduce(operator.mul, term) for term in terms)
            if result != int(right):
                yield page.problem(
                    cell, f"${left} = {right}$ is wrong: the result is {result}"
                )
            values |= {float(right), *(float(abs(n)) for term in terms for n in term)}


def _is_proved(number: Number, here: set[float], anywhere: set[float]) -> bool:
    """Return whether a number is shown as it is, or near by with more decimals."""
    claimed, scales = abs(number.value), (1, 100) if number.percent else (1,)
    half = 0.5 * 10.0**-number.decimals + 1e-9
    return any(
        abs(scale * value - claimed) <= tolerance
        for values, tolerance in ((anywhere, 1e-9), (here, half))
        for value in values
        for scale in scales
        # A whole number may be rounded from a fraction, not from its neighbor.
        if tolerance < 1e-6 or number.decimals or scale * value % 1
    )


def check(page: Page) -> list[Problem]:
    """Return the numbers in prose that nothing in the notebook shows.

    Decimals, percentages and whole numbers above 12 are looked for in the text
    outputs and the code: as they stand in the whole notebook, and rounded in the
    section of the cell. Cell metadata
    ``hpocourse.numbers`` exempts a cell (a reason) or single numbers in it (a
    mapping from the number, as it is written, to the reason; spaces in it, which
    differ between languages, do not count).
    """
    cells = page.notebook.cells
    code = [cell for cell in code_cells(page.notebook) if not is_setup(cell)]
    if not code or not page.is_fresh:
        return []
    problems: list[Problem] = []
    anywhere = set().union(*map(_computed, code))
    for cell in cells:
        if cell.cell_type == "markdown":
            problems += _equations(page, cell, anywhere)
    for section in sections(cells):
        here = set().union(
            *(_computed(cell) for cell in section if cell.cell_type == "code")
        )
        for cell in section:
            problems += _unproved(page, cell, here, anywhere)
    return problems


def _without_spaces(text: str) -> str:
    return re.sub(rf"[{SPACES}]", "", text)


def _unproved(
    page: Page, cell: NotebookNode, here: set[float], anywhere: set[float]
) -> Iterator[Problem]:
    exempt = cell.metadata.get("hpocourse", {}).get("numbers", {})
    if isinstance(exempt, str):
        return
    reasons = {_without_spaces(text) for text in exempt}
    for number in dict.fromkeys(_claims(cell)):
        text = number.text.strip()
        if _without_spaces(text) not in reasons and not _is_proved(
            number, here, anywhere
        ):
            yield page.problem(
                cell,
                f"says {text!r}, which nothing in the notebook shows (rounded, in its "
                "section): print it, assert it, or give a reason in the cell's "
                "metadata hpocourse.numbers",
            )
