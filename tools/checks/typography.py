"""What each language's typography asks for."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from tools.checks.markdown import parse
from tools.checks.numbers import HARD, VERSION
from tools.checks.page import Page, Problem
from tools.notebooks import figure
from tools.wording import wording

__all__ = ["check", "check_text"]

# Numbers with the decimal sign of other languages, by that sign.
FOREIGN = {
    ".": re.compile(r"(?<![\w.])\d+\.\d+(?![\w.]*\.\d)"),
    ",": re.compile(r"(?<![\w,])\d+,\d+(?![\w,]*,\d)"),
}
SIGNS = {".": "point", ",": "comma"}
THOUSANDS = re.compile(r"(?<![\w,.])\d{1,3}(?: \d{3})+(?![\d,.]*\d)")
DASH = re.compile(r"(?<=\w) (?:-|--) (?=\w)")


def check(page: Page) -> list[Problem]:
    """Return where prose or figure texts break the language's typography."""
    problems = []
    for cell in page.notebook.cells:
        for text in _texts(cell):
            problems += [
                page.problem(cell, message)
                for message in check_text(text, page.language)
            ]
        if cell.cell_type == "markdown":
            problems += [page.problem(cell, m) for m in _labels(cell, page.language)]
    return problems


def _texts(cell: NotebookNode) -> list[str]:
    if cell.cell_type == "code":
        about = figure(cell)
        return [about[key] for key in ("caption", "alt") if key in about]
    return parse(cell.source).blocks


def _around(text: str, match: re.Match[str]) -> str:
    return repr(text[max(0, match.start() - 15) : match.end() + 15].strip())


def check_text(text: str, language: str) -> Iterator[str]:
    """Yield where a text breaks the typography of its language."""
    plain = VERSION.sub(lambda match: "v" * len(match[0]), text)
    words = wording(language)
    (wrong,) = FOREIGN.keys() - {words.decimal}
    for match in FOREIGN[wrong].finditer(plain):
        yield (
            f"a decimal {SIGNS[wrong]} instead of a {SIGNS[words.decimal]}: "
            f"{_around(text, match)}"
        )
    for match in THOUSANDS.finditer(plain):
        yield f"an ordinary space inside a number: {_around(text, match)}"
    for match in DASH.finditer(plain):
        yield f"a hyphen instead of a dash (—): {_around(text, match)}"
    for match in re.finditer(rf"(?<=\d) ?(?:{words.units})\b", plain):
        yield f"no non-breaking space between number and unit: {_around(text, match)}"
    yield from _percent(text, plain, spaced=words.percent_space)
    for first, last in words.pairs:
        if text.count(first) != text.count(last):
            yield (
                f"{text.count(last)} × {last!r} but {text.count(first)} × "
                f"{first!r}: {text[:60]!r}"
            )
    if words.wrong_quotes:
        for match in re.finditer(words.wrong_quotes, text):
            yield f"quotes {match[0]!r} instead of {words.quotes}"


def _percent(text: str, plain: str, *, spaced: bool) -> Iterator[str]:
    if not spaced:
        for match in re.finditer(rf"\d[ {HARD}]%", plain):
            yield f"a space before the percent sign: {_around(text, match)}"
    else:
        for match in re.finditer(r"\d ?%", plain):
            yield (
                f"no non-breaking space before the percent sign: {_around(text, match)}"
            )


def _labels(cell: NotebookNode, language: str) -> Iterator[str]:
    prose = parse(cell.source)
    ending = f"-{language}"
    for label in prose.labels:
        if not re.fullmatch(rf"[a-z0-9-]+{ending}", label):
            yield f"label {label!r} must be ASCII and end in {ending!r}"
    for link in prose.links:
        if link.startswith("#") and not link.endswith(ending):
            yield f"link {link!r} must point to a label that ends in {ending!r}"
