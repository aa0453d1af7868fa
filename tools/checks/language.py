"""Every text is written in the language of its edition."""

from collections.abc import Iterator
from functools import cache

from lingua import Language, LanguageDetector, LanguageDetectorBuilder
from nbformat import NotebookNode

from hpocourse.languages import LANGUAGES
from tools.checks.markdown import parse
from tools.checks.numbers import sections
from tools.checks.page import Page, Problem
from tools.codetext import shown_strings, slots
from tools.notebooks import figure, is_setup
from tools.wording import wording

__all__ = ["check", "detect"]

NAMES = {
    each.folder: getattr(Language, wording(each.folder).detector) for each in LANGUAGES
} | {"en": Language.ENGLISH}
ENOUGH = 8  # words; lingua errs on texts of fewer than about five
POOLED = ("comments", "shown strings", "caption", "alt")
CLEAR = 0.75  # how sure lingua must be of another language


@cache
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*NAMES.values()).build()


def detect(text: str) -> tuple[str, float]:
    """Return the most likely language of a text, and how likely it is."""
    best = _detector().compute_language_confidence_values(text)[0]
    return next(k for k, v in NAMES.items() if v == best.language), best.value


def _words(text: str) -> int:
    return sum(map(str.isalpha, text.split()))


def _texts(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield what a cell says, with what to call it."""
    if cell.cell_type == "markdown":
        yield from (("prose", block) for block in parse(cell.source).own)
        return
    about = figure(cell)
    for key in ("caption", "alt"):
        if key in about:
            yield key, about[key]
    if not is_setup(cell):
        comments = [slot for slot in slots(cell.source) if slot.text.startswith("#")]
        yield "comments", "\n".join(slot.text.lstrip("# ") for slot in comments)
        yield "shown strings", "\n".join(shown_strings(cell.source))


def check(page: Page) -> list[Problem]:
    """Return the texts of a page that are not in its language.

    Texts of fewer than eight words are judged together: prose with the rest of
    its section, others with those of the same kind in the whole notebook.
    """
    problems: list[Problem] = []
    short: dict[str, list[str]] = {what: [] for what in POOLED}
    description = page.notebook.metadata.get("hpocourse", {}).get("description", "")
    problems += _judge(page, None, "description", description)
    for section in sections(page.notebook.cells):
        rest: list[str] = []
        for cell in section:
            for what, text in _texts(cell):
                if _words(text) >= ENOUGH:
                    problems += _judge(page, cell, what, text)
                elif what == "prose":
                    rest.append(text)
                else:
                    short[what].append(text)
        problems += _judge(page, section[0], "short texts of the section", *rest)
    for what, texts in short.items():
        problems += _judge(page, None, f"short {what}", *texts)
    return problems


def _judge(
    page: Page, cell: NotebookNode | None, what: str, *texts: str
) -> Iterator[Problem]:
    text = "\n".join(texts)
    if _words(text) < ENOUGH:
        return
    language, sure = detect(text)
    if language != page.language and sure >= CLEAR:
        shown = " ".join(text.split())[:60]
        yield page.problem(
            cell,
            f"{what} in {language!r} ({sure:.0%}) instead of {page.language!r}: "
            f"{shown!r}",
        )
