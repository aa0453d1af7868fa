"""Tell the text in code, which is translated, from the code, which is not.

Text is every comment and every string that is shown (see ``displaytext``).
"""

import ast
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import StringIO

from IPython.core.inputtransformer2 import TransformerManager

from tools.displaytext import Text, display_nodes

__all__ = [
    "Slot",
    "mask_magics",
    "python_tree",
    "shown_strings",
    "skeleton",
    "slots",
]

MAGIC = re.compile(r"^(\s*)(?:[\w, ]+=\s*)?(?:%{1,2}|!)[A-Za-z].*$")
PYTHON_CELL_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")


@dataclass(frozen=True)
class Slot:
    """One piece of text in a cell's source.

    Attributes
    ----------
    start, end : int
        Its place in the source.
    key : str
        What kind of text it is: ``"comment"``, ``"trailing"`` or, for a string,
        where it is shown, as in ``"set_title"``.
    text : str
        The text as it stands in the source, with its quotes or number sign.
    fields : tuple of str
        The replacement fields of an f-string, each as a dumped syntax tree.
    """

    start: int
    end: int
    key: str
    text: str
    fields: tuple[str, ...] = ()


def mask_magics(source: str) -> str | None:
    """Return a cell as Python whose lines stand where they stood.

    Magics become ``pass``. ``None`` stands for a cell that is not Python.
    """
    lines = source.split("\n")
    if lines[0].startswith("%%"):
        if not lines[0].startswith(PYTHON_CELL_MAGICS):
            return None
        lines[0] = "pass"
    masked = "\n".join(lines)
    try:
        ast.parse(masked)
    except SyntaxError:
        masked = "\n".join(MAGIC.sub(r"\1pass", line) for line in lines)
        try:
            ast.parse(masked)
        except SyntaxError:
            return None
    return masked


def python_tree(source: str) -> ast.Module:
    """Return the syntax tree of a cell, its magics as IPython transforms them."""
    return ast.parse(TransformerManager().transform_cell(source))


def _fields(node: Text) -> list[ast.FormattedValue]:
    values = node.values if isinstance(node, ast.JoinedStr) else []
    return [value for value in values if isinstance(value, ast.FormattedValue)]


class _Mask(ast.NodeTransformer):
    """Replace shown strings by ``"…"``; of f-strings the fields are kept."""

    def __init__(self, shown: dict[int, tuple[str, Text]]) -> None:
        self.shown = shown

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if id(node) not in self.shown:
            return super().generic_visit(node)
        fields = _fields(self.shown[id(node)][1])
        return ast.JoinedStr(values=fields) if fields else ast.Constant(value="…")


@cache
def skeleton(source: str) -> str:
    """Return a cell's code without what may differ between languages.

    Two cells are the same code exactly if their skeletons are equal. A cell that
    is not Python is its own skeleton.
    """
    if mask_magics(source) is None:
        return source
    if source.startswith(PYTHON_CELL_MAGICS):
        first, _, rest = source.partition("\n")
        return f"{first}\n{skeleton(rest)}"
    tree = python_tree(source)
    masked = ast.fix_missing_locations(_Mask(display_nodes(tree)).visit(tree))
    try:
        return ast.unparse(masked)
    except ValueError:  # Python 3.11 cannot write a backslash inside a field
        return ast.dump(masked, indent=1)


def _offsets(source: str) -> list[int]:
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _comment_slots(source: str, masked: str) -> Iterator[Slot]:
    """Yield comments, those on consecutive lines of their own as one."""
    starts = _offsets(source)
    block: list[tuple[int, int]] = []  # row, column

    def close() -> Iterator[Slot]:
        if block:
            (first, column), (last, _) = block[0], block[-1]
            start, end = starts[first] + column, starts[last + 1] - 1
            yield Slot(start, end, "comment", source[start:end])
            block.clear()

    for token in tokenize.generate_tokens(StringIO(masked).readline):
        if token.type != tokenize.COMMENT:
            continue
        row, column = token.start[0] - 1, token.start[1]
        if token.line[:column].strip():
            yield from close()
            start = starts[row] + column
            yield Slot(start, start + len(token.string), "trailing", token.string)
            continue
        if block and block[-1] != (row - 1, column):
            yield from close()
        block.append((row, column))
    yield from close()


@cache
def shown_strings(source: str) -> tuple[str, ...]:
    """Return the strings that a cell shows, with … for the fields of f-strings."""
    masked = mask_magics(source)
    if masked is None:
        return ()
    nodes = [node for _, node in display_nodes(ast.parse(masked)).values()]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple(
        "".join(
            part.value if isinstance(part, ast.Constant) else "…"
            for part in (node.values if isinstance(node, ast.JoinedStr) else [node])
        )
        for node in nodes
    )


@cache
def slots(source: str) -> tuple[Slot, ...]:
    """Return the pieces of text in a cell's source, in order."""
    masked = mask_magics(source)
    if masked is None:
        return ()
    starts, lines = _offsets(source), masked.split("\n")

    def offset(row: int, column: int) -> int:
        return starts[row - 1] + len(lines[row - 1].encode()[:column].decode())

    found = list(_comment_slots(source, masked))
    for key, node in display_nodes(ast.parse(masked)).values():
        start = offset(node.lineno, node.col_offset)
        end = offset(node.end_lineno or 0, node.end_col_offset or 0)
        fields = tuple(ast.dump(field) for field in _fields(node))
        found.append(Slot(start, end, key, source[start:end], fields))
    # A comment inside a string of several parts belongs to the string.
    found.sort(key=lambda slot: (slot.start, -slot.end))
    outer: list[Slot] = []
    for slot in found:
        if not outer or slot.start >= outer[-1].end:
            outer.append(slot)
    return tuple(outer)
