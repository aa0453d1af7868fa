"""Chapters use the glossary's terms, and link to each where it first stands."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from nbformat import NotebookNode

from tools.checks.language import NAMES, detect
from tools.checks.markdown import parse
from tools.checks.page import Page, Problem
from tools.checks.typography import check_text
from tools.glossary import FILE, GlossaryError, Term, load, sort_key
from tools.notebooks import ROOT, code_cells, figure

__all__ = ["check", "check_data", "rivals_in"]

LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(glossary\.md(?:#([^)\s]*))?\)")
FEWEST, MOST = 4, 14  # links of one chapter
ENOUGH = 8  # words from which a definition's language can be told


def check(page: Page) -> list[Problem]:
    """Return where a page links wrongly, or calls a term something else."""
    try:
        terms = {term.id: term for term in load(page.root)}
    except GlossaryError:
        return []  # The problem of the data, which `check_data` tells.
    if not terms:
        return []
    problems = []
    for cell in page.notebook.cells:
        for text in _prose(cell):
            problems += [
                page.problem(cell, message)
                for message in rivals_in(text, page.language, terms.values())
            ]
    return [*problems, *_links(page, terms)]


def _prose(cell: NotebookNode) -> list[str]:
    if cell.cell_type == "markdown":
        return parse(cell.source).own
    about = figure(cell)
    return [about[key] for key in ("caption", "alt") if key in about]


def rivals_in(text: str, language: str, terms: Iterable[Term]) -> Iterator[str]:
    """Yield what a text calls by a word that is not the course's.

    Parameters
    ----------
    text : str
        Prose, without what may stand in another language.
    language : str
        The folder of its language.
    terms : iterable of Term
        The glossary.
    """
    for term in terms:
        for rival in term.rivals[language]:
            for found in rival.finditer(text):
                around = text[max(0, found.start() - 15) : found.end() + 15].strip()
                yield (
                    f"says {found[0]!r} ({around!r}); the course's term is "
                    f"{term.words[language]!r}: {FILE.as_posix()}"
                )


def _links(page: Page, terms: dict[str, Term]) -> Iterator[Problem]:
    linked: dict[str, str] = {}
    before = ""
    for cell in page.notebook.cells:
        if cell.cell_type != "markdown":
            continue
        source = re.sub(r"^#+ .*$", "", cell.source, flags=re.MULTILINE)
        for found in LINK.finditer(source):
            words, name = found[1], found[2]
            if name is None:
                continue  # A link to the whole page.
            so_far = f"{before}\n{source[: found.start()]}"
            if name not in terms:
                yield page.problem(cell, f"links to no term: {found[0]!r}")
            elif name in linked:
                yield page.problem(
                    cell, f"links to {name!r} again, as did cell {linked[name]}"
                )
            elif not _akin(words, terms[name].words[page.language]):
                term = terms[name].words[page.language]
                yield page.problem(cell, f"links {words!r} to the term {term!r}")
            elif re.search(rf"(?<!\w){re.escape(words)}(?!\w)", so_far, re.I):
                yield page.problem(
                    cell, f"links {words!r} to the glossary, but not where it first is"
                )
            linked.setdefault(name, cell.get("id", "?"))
        before += f"\n{source}"
    is_chapter = bool(code_cells(page.notebook))
    if is_chapter and not FEWEST <= len(linked) <= MOST:
        yield page.problem(
            None,
            f"links {len(linked)} terms to the glossary, must be {FEWEST} to {MOST}: "
            "`[words](glossary.md#ID)` where a term first stands",
        )


def _akin(words: str, term: str) -> bool:
    """Return whether words may be a form of a term: two begin in the same way."""

    def beginnings(text: str) -> set[str]:
        return {sort_key(word)[:2] for word in re.findall(r"\w{2,}", text)}

    return bool(beginnings(words) & beginnings(term))


def check_data(root: Path = ROOT) -> list[Problem]:
    """Return what is wrong with the terms themselves.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.
    """
    name = FILE.as_posix()
    try:
        terms = load(root)
    except GlossaryError as error:
        return [Problem(name, "", message) for message in error.messages]
    return [
        Problem(name, "", f"term {term.id!r}: {language}: {message}")
        for term in terms
        for language in term.words
        for message in _judge(term, language, terms)
    ]


def _judge(term: Term, language: str, terms: list[Term]) -> Iterator[str]:
    text = term.means[language]
    yield from check_text(text, language)
    yield from rivals_in(f"{term.words[language]}\n{text}", language, terms)
    if not text.endswith("."):
        yield f"its definition must end in a full stop: {text[-30:]!r}"
    if language in NAMES and len(text.split()) >= ENOUGH:
        found, sure = detect(text)
        if found != language and sure >= 0.9:
            yield f"its definition is in {found!r} ({sure:.0%}): {text[:60]!r}"
