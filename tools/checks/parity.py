"""The same chapter in two languages: the same cells, code, tags and outputs."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import takewhile

from nbformat import NotebookNode

from tools.agreement import has_words, is_noted
from tools.checks.outputs import text_of
from tools.checks.page import Page, Problem
from tools.checks.prose_parity import compare_prose, untranslated
from tools.codetext import skeleton
from tools.notebooks import cell_tags, is_setup
from tools.quiz.cell import CELL

__all__ = ["check", "compare"]

LONGEST = 100  # characters of a difference that are shown
NEAR = 50  # lines

DIGITS = re.compile(r"[-−]?\d+(?:\.\d+)?(?:e[+-]?\d+)?%?")


def check(pages: dict[str, Page], languages: list[str]) -> list[Problem]:
    """Return where the translations of a chapter differ from the first.

    Parameters
    ----------
    pages : dict of str to Page
        The chapter's page by language.
    languages : list of str
        The languages that must be there, the one to compare with first.
    """
    first = next(pages[language] for language in languages if language in pages)
    problems = []
    for language in languages:
        if language not in pages:
            path = first.root / "book" / language / f"{first.slug}.ipynb"
            if path.exists():
                continue  # It cannot be read, which is said elsewhere.
            problems.append(
                first.problem(
                    None,
                    f"is missing in {language!r}: `make sync CHAPTER={first.slug} "
                    f"FROM={first.language} TO={language}`",
                )
            )
        elif pages[language] is not first:
            problems += compare(first, pages[language])
    for page in pages.values():
        problems += _notes(page, pages)
    return problems


def _notes(page: Page, pages: dict[str, Page]) -> Iterator[Problem]:
    """Find translations that followed their source without a note of it."""
    cells = {
        (language, cell.id): cell
        for language, other in pages.items()
        for cell in other.notebook.cells
    }
    for cell in page.notebook.cells:
        state = str(cell.metadata.get("hpocourse", {}).get("source", ""))
        origin = state.partition(":")[0]
        source = cells.get((origin, cell.id))
        # The questions are compared as data, and their cell is made from them.
        if source is None or cell.id == CELL or not has_words(cell):
            continue
        if not is_noted(cell, source):
            yield page.problem(
                cell,
                f"follows a change in {origin!r}, which `make sync CHAPTER={page.slug} "
                f"FROM={origin} TO={page.language}` notes",
            )


def compare(first: Page, second: Page) -> list[Problem]:
    """Return where one page differs from the same page in another language."""
    ours = {cell.id: cell for cell in first.notebook.cells}
    problems = [*_cells(first, second), *_description(first, second)]
    for cell in second.notebook.cells:
        model = ours.get(cell.id)
        if model is None or is_setup(cell) or model.cell_type != cell.cell_type:
            continue
        messages = [*_metadata(model, cell, first.language, second.language)]
        if cell.cell_type == "code":
            messages += _code(model.source, cell.source)
            if first.is_fresh and second.is_fresh:
                messages += _outputs(model, cell)
        messages += compare_prose(model, cell, first.language, second.language)
        messages += untranslated(model, cell)
        problems += [
            second.problem(cell, f"{message} (compared with {first.name})")
            for message in messages
        ]
    return problems


def _cells(first: Page, second: Page) -> Iterator[Problem]:
    """Compare which cells there are, their types and their order."""
    ours = {cell.id: cell for cell in first.notebook.cells}
    theirs = {cell.id: cell for cell in second.notebook.cells}
    for name in ours.keys() - theirs.keys():
        yield Problem(second.name, name, f"is missing here, is in {first.name}")
    for name in theirs.keys() - ours.keys():
        yield Problem(second.name, name, f"is not in {first.name}")
    for name in ours.keys() & theirs.keys():
        kinds = ours[name].cell_type, theirs[name].cell_type
        if kinds[0] != kinds[1]:
            yield Problem(
                second.name, name, f"is {kinds[1]}, but {kinds[0]} in {first.name}"
            )
    common = [name for name in ours if name in theirs]
    for wanted, seen in zip(common, (n for n in theirs if n in ours), strict=True):
        if wanted != seen:
            yield Problem(
                second.name, seen, f"stands where {wanted} stands in {first.name}"
            )
            return


def _description(first: Page, second: Page) -> Iterator[Problem]:
    """Compare the sentences that describe the pages."""
    ours, theirs = (
        page.notebook.metadata.get("hpocourse", {}).get("description", "")
        for page in (first, second)
    )
    if ours == theirs and len(ours.split()) >= 3:
        yield second.problem(None, f"description not translated: {ours[:60]!r}")


def _code(first: str, second: str) -> Iterator[str]:
    ours, theirs = skeleton(first), skeleton(second)
    if ours != theirs:
        wanted, seen = _first_difference(ours, theirs)
        yield f"code differs: {seen!r} instead of {wanted!r}"


def _first_difference(ours: str, theirs: str) -> tuple[str, str]:
    """Return the first lines in which two texts differ."""
    a, b = ours.split("\n"), theirs.split("\n")
    # Of long outputs only what follows: the matcher's time grows with the square.
    pairs = zip(a, b, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    a, b = a[same : same + NEAR], b[same : same + NEAR]
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            return _short(a[i:j]), _short(b[k:m])
    return "", ""


def _short(lines: list[str]) -> str:
    text = " ".join(" ".join(lines).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _shared(cell: NotebookNode, language: str) -> dict[str, object]:
    """Return the metadata that must be the same in every language."""
    mystnb = {
        key: dict(value) for key, value in cell.metadata.get("mystnb", {}).items()
    }
    figure = mystnb.get("figure", {})
    if "name" in figure:
        figure["name"] = figure["name"].removesuffix(f"-{language}")
    for part, key in (("figure", "caption"), ("image", "alt")):
        if key in mystnb.get(part, {}):
            mystnb[part][key] = "…"
    graded = cell.metadata.get("nbgrader")
    return {"tags": cell_tags(cell), "mystnb": mystnb, "nbgrader": graded}


def _metadata(
    first: NotebookNode, second: NotebookNode, language: str, other: str
) -> Iterator[str]:
    ours, theirs = _shared(first, language), _shared(second, other)
    for key in ours:
        if ours[key] != theirs[key]:
            yield f"{key} differ: {theirs[key]} instead of {ours[key]}"


def _numbers(cell: NotebookNode) -> list[str]:
    """Return what is left of the text outputs without letters and layout."""
    text = "\n".join(text for output in cell.outputs for text in text_of(output))
    return DIGITS.findall(text)


def _outputs(first: NotebookNode, second: NotebookNode) -> Iterator[str]:
    if "timing" in cell_tags(first):
        return
    if bool(first.outputs) != bool(second.outputs):
        has = "has outputs" if second.outputs else "has no output"
        yield f"outputs differ: {has}"
        return
    ours, theirs = _numbers(first), _numbers(second)
    if ours != theirs:
        wanted, seen = _first_difference("\n".join(ours), "\n".join(theirs))
        yield f"outputs differ: {seen!r} instead of {wanted!r}"
    kinds = [
        [sorted(output.get("data", {"text": ""})) for output in cell.outputs]
        for cell in (first, second)
    ]
    if kinds[0] != kinds[1]:
        yield f"kinds of output differ: {kinds[1]} instead of {kinds[0]}"
