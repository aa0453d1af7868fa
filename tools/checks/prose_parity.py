"""The same prose in two languages: headings, formulas, code, links, numbers."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from nbformat import NotebookNode

from tools.checks.markdown import Prose, parse
from tools.checks.numbers import SMALL, Number, written_numbers
from tools.codetext import shown_strings, slots
from tools.notebooks import figure
from tools.setup_cell import repository
from tools.wording import wording

__all__ = ["compare_prose", "untranslated"]

SHORTEST = 120  # characters from which the length of a translation is compared
RATIO = 2.0


def compare_prose(
    first: NotebookNode, second: NotebookNode, language: str, other: str
) -> Iterator[str]:
    """Yield where the prose of a cell differs from that in another language."""
    if first.cell_type == "markdown":
        ours, theirs = parse(first.source), parse(second.source)
        yield from _parts(ours, theirs, language, other)
    yield from _compare_numbers(first, second, language, other)


def _formula(text: str) -> str:
    """Return a formula without words, spaces and the language's decimal sign."""
    text = text.replace("{,}", ".")
    text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    text = re.sub(
        r"\\(text|textbf|textit|mathrm|operatorname\*?|mbox)\s*\{[^{}]*\}",
        r"\\\1{}",
        text,
    )
    return re.sub(r"\\[,;:! ]|[\s~]", "", text)


def _link(target: str, language: str) -> str:
    """Return the target of a link without its language."""
    if re.match(r"https?://\w+\.(?:m\.)?wikipedia\.org/", target):
        return "wikipedia"  # articles are called differently
    return re.sub(
        rf"(?<![A-Za-z]){language}(?:[-_][A-Z]{{2}})?(?![A-Za-z])", "*", target
    )


@cache
def _own() -> str:
    """Return the part that the addresses of the course have: its repository's name."""
    return f"/{repository().rpartition('/')[2]}/"


def _same(ours: list[str], theirs: list[str]) -> Counter[str]:
    """Return the links that two texts share as they are: to places of others.

    What such an address has between slashes may be the name of a language: ``/en/``.
    The course's own addresses name the language that they lead to.
    """
    shared = Counter(ours) & Counter(theirs)
    return Counter(
        {
            target: count
            for target, count in shared.items()
            if target.startswith(("http://", "https://")) and _own() not in target
        }
    )


def _differ(what: str, ours: Counter[str], theirs: Counter[str]) -> Iterator[str]:
    missing, added = ours - theirs, theirs - ours
    if missing or added:
        said = [
            f"{sign} {', '.join(map(repr, sorted(each)))}"
            for sign, each in (("missing", missing), ("added", added))
            if each
        ]
        yield f"{what} differ: {'; '.join(said)}"


def _parts(ours: Prose, theirs: Prose, language: str, other: str) -> Iterator[str]:
    if ours.headings != theirs.headings:
        yield f"heading levels differ: {theirs.headings} instead of {ours.headings}"
    if ours.rows != theirs.rows:
        yield f"tables differ: {theirs.rows} rows instead of {ours.rows}"
    # A sentence may name the same thing twice in one language and once in another.
    for what, a, b in (
        ("formulas", map(_formula, ours.formulas), map(_formula, theirs.formulas)),
        ("code spans", ours.code, theirs.code),
    ):
        yield from _differ(what, Counter(set(a)), Counter(set(b)))
    for what, a, b in (
        ("links", ours.links, theirs.links),
        ("labels", ours.labels, theirs.labels),
        ("images", [s for s, _ in ours.images], [s for s, _ in theirs.images]),
    ):
        same = _same(a, b)
        yield from _differ(
            what,
            Counter(_link(each, language) for each in (Counter(a) - same).elements()),
            Counter(_link(each, other) for each in (Counter(b) - same).elements()),
        )
    yield from _differ("HTML elements", Counter(ours.html), Counter(theirs.html))
    sizes = len(ours.text), len(theirs.text)
    if max(sizes) >= SHORTEST and max(sizes) > RATIO * max(1, min(sizes)):
        yield f"length differs: {sizes[1]} characters instead of {sizes[0]}"


def _says(number: Number, cell: NotebookNode, language: str) -> bool:
    """Return whether a cell says a small number in words."""
    if number.decimals or number.percent or not 0 <= number.value <= SMALL:
        return False
    about = figure(cell) if cell.cell_type == "code" else {}
    text = " ".join(about.values()) if about else parse(cell.source).text
    stems = wording(language).numbers.split("|")[int(number.value)].split(",")
    return any(re.search(rf"\b{stem}", text, re.IGNORECASE) for stem in stems)


def _compare_numbers(
    first: NotebookNode, second: NotebookNode, language: str, other: str
) -> Iterator[str]:
    ours = {number.plain: number for number in written_numbers(first)}
    theirs = {number.plain: number for number in written_numbers(second)}
    missing = Counter(
        text
        for text, number in ours.items()
        if text not in theirs and not _says(number, second, other)
    )
    added = Counter(
        text
        for text, number in theirs.items()
        if text not in ours and not _says(number, first, language)
    )
    yield from _differ("numbers", missing, added)


def _sayings(cell: NotebookNode) -> list[str]:
    if cell.cell_type == "markdown":
        return parse(cell.source).own
    about = figure(cell)
    return [
        *(slot.text for slot in slots(cell.source) if slot.text.startswith("#")),
        *shown_strings(cell.source),
        *(about[key] for key in ("caption", "alt") if key in about),
    ]


def untranslated(first: NotebookNode, second: NotebookNode) -> Iterator[str]:
    """Yield the texts of three words or more that are the same in both languages."""
    ours = set(_sayings(first))
    for text in _sayings(second):
        words = re.findall(r"[^\W\d_]{2,}", re.sub(r"\$[^$]*\$", " ", text))
        if text in ours and len(words) >= 3:
            yield f"not translated: {text[:60]!r}"
