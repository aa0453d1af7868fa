"""Count lines of code: what is left without docstrings, comments and blank lines."""

import ast
import io
import tokenize
from pathlib import Path

#: Tokens that alone make no line of code.
SILENT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def count_code_lines(source: str) -> int:
    """Return how many lines of Python code a text holds."""
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        # A string that is a statement of its own documents what stands around it.
        if isinstance(node, ast.Expr) and isinstance(
            getattr(node.value, "value", None), str
        ):
            lines.difference_update(range(node.lineno, node.end_lineno + 1))
    return len(lines)


def code_lines(folder: Path) -> dict[str, int]:
    """Return the number of lines of code of each module below a folder."""
    return {
        path.relative_to(folder).as_posix(): count_code_lines(
            path.read_text(encoding="utf-8")
        )
        for path in sorted(folder.rglob("*.py"))
    }
