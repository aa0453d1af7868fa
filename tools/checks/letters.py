"""Letters of figures are written in colors that can be read on both pages."""

import ast
from collections.abc import Iterator

from tools.checks.page import Page, Problem
from tools.codetext import mask_magics
from tools.notebooks import code_cells

__all__ = ["check"]

TITLES = ("title", "suptitle", "set_title", "supxlabel", "supylabel")
LABELS = ("xlabel", "ylabel", "set_xlabel", "set_ylabel", "set_zlabel", "legend")
TICKS = ("xticks", "yticks", "set_xticks", "set_yticks", "tick_params")
# Calls that write, and those of their arguments that say in which color.
CALLS = frozenset({"annotate", "text", "figtext", *TITLES, *LABELS, *TICKS})
COLORS = frozenset({"c", "color", "labelcolor"})


def _readable(color: ast.expr) -> bool:
    match color:
        case ast.Constant(value="black"):  # on a bar that is bright enough
            return True
        case ast.Call(func=ast.Name(id="text_color")):
            return True
    return False


def _unreadable(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = {each.arg: each.value for each in call.keywords if each.arg}
    if name in CALLS:
        for key in sorted(COLORS & given.keys()):
            if not _readable(given[key]):
                yield f"{name} writes in {ast.unparse(given[key])}"
    elif name == "heatmap" and "annot" in given:
        match given.get("annot_kws"):
            case ast.Dict(keys=keys, values=values):
                about = {
                    getattr(key, "value", None): value
                    for key, value in zip(keys, values, strict=True)
                }
            case _:
                about = {}
        if not _readable(about.get("color", ast.Constant(value=None))):
            yield "heatmap writes in white where it is dark"


def check(page: Page) -> Iterator[Problem]:
    """Yield the calls of a page that write in a color that may not be readable."""
    for cell in code_cells(page.notebook):
        for node in ast.walk(ast.parse(mask_magics(cell.source) or "")):
            if isinstance(node, ast.Call):
                for fault in _unreadable(node):
                    yield page.problem(
                        cell, f"{fault}: take text_color(…), or on a bar 'black'"
                    )
