"""Stored outputs: there, fresh, and such that they repeat anywhere."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from tools.checks.page import Page, Problem
from tools.checks.structure import is_imports
from tools.notebooks import code_cells, is_setup

__all__ = ["check", "text_of", "without_tags"]

ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
PATH = re.compile(
    r"(?:(?<![\w/.])/(?:home|root|tmp|usr|opt|mnt|work|Users|private|var)/[^\s'\"<]*"
    r"|\b[A-Z]:\\[^\s'\"<]*|[^\s'\"<]*site-packages[^\s'\"<]*)"
)
WARNING = re.compile(r"\b\w*Warning\b:?")


def without_tags(html: str) -> str:
    """Return the text of an HTML output."""
    html = re.sub(r"<(style|script)\b.*?</\1>", " ", html, flags=re.DOTALL)
    html = re.sub(r"<[^>]+>", " ", html)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")):
        html = html.replace(entity, sign)
    return html


def text_of(output: NotebookNode) -> list[str]:
    """Return the texts of one output: a stream's, or the forms of a value."""
    if output.output_type == "stream":
        return [output.text]
    data = output.get("data", {})
    texts = [data[kind] for kind in ("text/plain", "text/markdown") if kind in data]
    if "text/html" in data:
        texts.append(without_tags(data["text/html"]))
    return texts


def check(page: Page) -> list[Problem]:
    """Return what is wrong with the stored outputs of a page.

    The outputs of other code are not looked at, here and in the other checks.
    """
    if not page.is_fresh:
        message = "the code changed since it was executed: `make run`"
        return [page.problem(None, message)]
    problems = [*_counts(page)]
    for cell in code_cells(page.notebook):
        problems += _cell(page, cell)
    return problems


def _counts(page: Page) -> Iterator[Problem]:
    for expected, cell in enumerate(code_cells(page.notebook), start=1):
        if cell.execution_count != expected:
            yield page.problem(
                cell,
                f"execution count is {cell.execution_count}, must be {expected}: "
                "`make run`",
            )
            return


def _cell(page: Page, cell: NotebookNode) -> Iterator[Problem]:
    if not cell.outputs and not is_setup(cell) and not is_imports(cell):
        yield page.problem(
            cell, "is silent: end it in a value worth looking at, or join cells"
        )
    for output in cell.outputs:
        if output.output_type == "error":
            yield page.problem(cell, f"fails with {output.ename}: {output.evalue}")
            continue
        texts = text_of(output)
        if output.get("name") == "stderr":
            yield page.problem(
                cell, f"writes to stderr: {output.text.strip().splitlines()[0]!r}"
            )
        for what, pattern in (
            ("a memory address", ADDRESS),
            ("an absolute path", PATH),
            ("a warning", WARNING),
        ):
            found = next(filter(None, map(pattern.search, texts)), None)
            if found:
                yield page.problem(cell, f"shows {what}: {found[0]!r}")
