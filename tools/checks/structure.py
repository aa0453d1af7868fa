"""Format, ids, tags, setup cell, shape of the cells."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import nbformat
from nbformat import NotebookNode

from tools.checks.page import Page, Problem
from tools.codetext import mask_magics
from tools.notebooks import TODO, cell_tags, code_cells, figure, is_setup
from tools.quiz.cell import CELL
from tools.restore import CELL_METADATA, NOTEBOOK_METADATA, is_foreign
from tools.setup_cell import setup_source

__all__ = ["check", "is_imports"]

MAX_LINES = 20
MAX_COLUMNS = 79
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# A cell that only draws is folded on the site (`hide-input`); it stays in the notebook.
TAGS = {"hide-input", "nbval-ignore-output", "timing"}
# A label of MyST, which Colab and Jupyter show as text.
LABEL = re.compile(r"^\([\w-]+\)=", re.MULTILINE)
NBVAL_COMMENT = re.compile(r"^#\s*(?:NBVAL_|PYTEST_VALIDATE_)\w+", re.MULTILINE)
# Calls that set something up and may stand with the imports.
CONFIGURATION = {"use", "set_option", "set_verbosity", "set_theme", "set_palette"}


def check(page: Page) -> list[Problem]:
    """Return what is wrong with the structure of a page."""
    return [
        *_format(page),
        *_metadata(page),
        *_setup(page),
        *_tags(page),
        *_shape(page),
        *(() if page.is_exercise else _neighbors(page)),
        *_open(page),
    ]


def check_readable(page: Page) -> list[Problem]:
    """Return why the other checks cannot look at a page, if they cannot."""
    notebook = page.notebook
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        seen = f"{notebook.nbformat}.{notebook.nbformat_minor}"
        message = (
            f"nbformat is {seen}, must be 4.5: `make run` brings back what Colab and "
            "other editors have saved"
        )
        return [page.problem(None, message)]
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        first = str(error).splitlines()[0]
        return [page.problem(None, f"not a valid notebook: {first}")]
    return []


def _format(page: Page) -> Iterator[Problem]:
    notebook = page.notebook
    if page.text and page.text != nbformat.writes(notebook, version=4) + "\n":
        yield page.problem(
            None, "the file is not written in the book's format: `make run` mends it"
        )
    # Reading a notebook gives cells of the same id other ids: so ask the file.
    text = page.text.removeprefix("\ufeff")
    stored = json.loads(text)["cells"] if text else notebook.cells
    ids = Counter(cell.get("id", "") for cell in stored)
    for cell in notebook.cells:
        name = cell.get("id", "")
        if not ID.fullmatch(name):
            yield page.problem(cell, f"id {name!r} is not in kebab-case (as-here)")
    for name, times in ids.items():
        if times > 1:
            yield Problem(page.name, name, f"id {name!r} is used {times} times")


def _metadata(page: Page) -> Iterator[Problem]:
    metadata = page.notebook.metadata
    for key in sorted(set(metadata) - NOTEBOOK_METADATA):
        yield page.problem(
            None, f"metadata {key!r} does not belong in the book: `make run` removes it"
        )
    about = metadata.get("hpocourse", {})
    if about.get("language") != page.language:
        yield page.problem(
            None,
            f"metadata hpocourse.language is {about.get('language')!r}, "
            f"must be {page.language!r}",
        )
    if not str(about.get("description", "")).strip():
        yield page.problem(
            None, "metadata hpocourse.description is missing: write one sentence"
        )
    kernel = metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield page.problem(None, f"the kernel is {kernel!r}, must be 'python3'")
    # An editor adds the same to every cell: one line says it.
    added: dict[str, list[NotebookNode]] = {}
    for cell in page.notebook.cells:
        own = CELL_METADATA if page.is_exercise else CELL_METADATA - {"nbgrader"}
        for key in sorted(set(cell.metadata) - own):
            added.setdefault(f"metadata {key!r}", []).append(cell)
        kinds = {
            kind for each in cell.get("outputs", []) for kind in each.get("data", ())
        }
        for kind in sorted(filter(is_foreign, kinds)):
            added.setdefault(f"output {kind!r}", []).append(cell)
    for what, cells in added.items():
        more = f" (as in {len(cells) - 1} more cells)" if len(cells) > 1 else ""
        yield page.problem(
            cells[0], f"{what} does not belong in the book{more}: `make run` removes it"
        )


def _setup(page: Page) -> Iterator[Problem]:
    cells = code_cells(page.notebook)
    if not cells:
        return
    first = cells[0]
    if not is_setup(first):
        yield page.problem(first, "the first code cell must be the setup cell")
        return
    if cell_tags(first) != ["remove-cell"]:
        yield page.problem(
            first, f"tags are {cell_tags(first)}, must be ['remove-cell']"
        )
    expected = setup_source(page.language, page.root)
    if first.source != expected:
        pairs = zip(
            [*first.source.split("\n"), ""], [*expected.split("\n"), ""], strict=False
        )
        seen, wanted = next(pair for pair in pairs if pair[0] != pair[1])
        yield page.problem(
            first,
            f"differs from the template: {seen!r} instead of {wanted!r}; "
            "`python -m tools.address` mends it",
        )


def _tags(page: Page) -> Iterator[Problem]:
    for cell in page.notebook.cells:
        if is_setup(cell):
            continue
        tags = cell_tags(cell)
        for tag in sorted(set(tags) - TAGS):
            yield page.problem(
                cell, f"tag {tag!r} is not used in the book: {sorted(TAGS)}"
            )
        if "timing" in tags and "nbval-ignore-output" not in tags:
            yield page.problem(
                cell, "tag 'timing' goes together with 'nbval-ignore-output'"
            )
        found = cell.cell_type == "code" and NBVAL_COMMENT.search(cell.source)
        if found:
            yield page.problem(
                cell, f"{found[0]!r} hides an output from the budget: use a tag"
            )


def _shape(page: Page) -> Iterator[Problem]:
    for cell in page.notebook.cells:
        if not cell.source.strip():
            yield page.problem(cell, "is empty")
        found = cell.cell_type == "markdown" and LABEL.search(cell.source)
        if found:
            yield page.problem(
                cell, f"shows the label {found[0]!r} as text in Colab: link to the file"
            )
        if cell.cell_type == "raw":
            yield page.problem(cell, "is a raw cell: use Markdown")
        if cell.cell_type != "code" or is_setup(cell):
            continue
        lines = cell.source.split("\n")
        if len(lines) > MAX_LINES:
            yield page.problem(
                cell, f"has {len(lines)} lines, at most {MAX_LINES}: split it"
            )
        for number, line in enumerate(lines, start=1):
            if len(line) > MAX_COLUMNS:
                yield page.problem(
                    cell,
                    f"line {number} has {len(line)} columns, at most {MAX_COLUMNS}: "
                    f"{line.strip()!r}",
                )


def is_imports(cell: NotebookNode) -> bool:
    """Return whether a code cell only imports, defines and configures."""
    masked = mask_magics(cell.source)
    if masked is None:
        return False
    for statement in ast.parse(masked).body:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Pass():
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
                if name in CONFIGURATION:
                    continue
        return False
    return True


def _neighbors(page: Page) -> Iterator[Problem]:
    cells = page.notebook.cells
    for first, second in pairwise(cells):
        if first.cell_type != "code" or second.cell_type != "code":
            continue
        if is_setup(first) or is_imports(first):
            continue
        yield page.problem(
            second, f"follows code cell {first.get('id')} without a sentence between"
        )


def _open(page: Page) -> Iterator[Problem]:
    """Find what `make chapter` has laid and nobody has written yet."""
    mark = re.compile(rf"\b{TODO}\b")
    if page.notebook.metadata.get("hpocourse", {}).get("description") == TODO:
        yield page.problem(None, f"its description is still to be written: {TODO}")
    for cell in page.notebook.cells:
        # The questions' texts stand in another file, which is named instead.
        where = "" if cell.get("id") != CELL else " in the chapter's .quiz.yml"
        if mark.search("\n".join([cell.source, *figure(cell).values()])):
            yield page.problem(cell, f"is still to be written{where}: {TODO}")
