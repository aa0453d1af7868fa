"""Tell which strings in code are shown to a reader, and thus translated.

They are docstrings, the arguments of the calls and keywords listed here, the
messages of assertions and exceptions, and strings bound to names like
``titles`` or ``axis_label`` or to attributes like ``table.columns``.
"""

import ast
import re
from collections.abc import Iterable, Iterator

__all__ = ["Text", "display_nodes"]

Text = ast.Constant | ast.JoinedStr

# Calls whose positional arguments are shown.
DISPLAY_CALLS = frozenset({
    *("print", "Markdown", "HTML", "Text"),
    *("title", "suptitle", "supxlabel", "supylabel", "xlabel", "ylabel"),
    *("text", "figtext", "annotate", "legend", "xticks", "yticks"),
    *("set_title", "set_xlabel", "set_ylabel", "set_zlabel", "set_label"),
    *("set_text", "set_xticks", "set_yticks", "set_ticks"),
    *("set_xticklabels", "set_yticklabels", "set_ticklabels"),
    *("set_caption", "set_axis", "rename", "rename_axis", "relabel_index"),
})  # fmt: skip
# Keywords whose values are shown, in any call.
DISPLAY_KEYWORDS = frozenset({
    *("title", "titles", "suptitle", "caption", "text", "legend_title"),
    *("label", "labels", "legend_label", "xlabel", "ylabel", "zlabel"),
    *("xticklabels", "yticklabels"),
})  # fmt: skip
# Keywords whose values are shown in some calls only.
CALL_KEYWORDS = {
    "rename": frozenset({"columns", "index", "mapper"}),
    "rename_axis": frozenset({"columns", "index"}),
}
# Names and attributes that hold what is shown: `titles = […]`, `table.columns = […]`.
DISPLAY_NAME = re.compile(r"(?:^|_)(?:labels?|titles?|captions?|texts?)$", re.I)
DISPLAY_ATTRIBUTES = frozenset({"columns", "index", "name", "names"})
# Methods through which a shown string passes.
STRING_METHODS = frozenset({"format", "join", "ljust", "rjust", "center", "upper"})


def _strings(node: ast.AST | None) -> Iterator[Text]:
    """Yield the strings of which an expression that is shown is made."""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            yield node
        case ast.BinOp(left=left, op=ast.Mod()):
            yield from _strings(left)
        case ast.BinOp(left=left, right=right):
            yield from _strings(left)
            yield from _strings(right)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _strings(body)
            yield from _strings(orelse)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            for part in parts:
                yield from _strings(part)
        case ast.Dict(values=values):
            for value in values:
                yield from _strings(value)
        case ast.Starred(value=value):
            yield from _strings(value)
        case ast.ListComp(elt=elt) | ast.GeneratorExp(elt=elt) | ast.SetComp(elt=elt):
            yield from _strings(elt)
        case ast.DictComp(value=value):
            yield from _strings(value)
        case ast.Call(func=ast.Attribute(value=value, attr=attr)):
            if attr in STRING_METHODS:
                yield from _strings(value)


def _keyed(key: str, nodes: Iterable[ast.AST | None]) -> Iterator[tuple[str, Text]]:
    for node in nodes:
        for string in _strings(node):
            yield key, string


def _call(node: ast.Call) -> Iterator[tuple[str, Text]]:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            pass
        case _:
            name = ""
    if name in DISPLAY_CALLS:
        yield from _keyed(name, node.args)
    shown = DISPLAY_KEYWORDS | CALL_KEYWORDS.get(name, frozenset())
    for keyword in node.keywords:
        if keyword.arg in shown:
            yield from _keyed(f"{keyword.arg}=", [keyword.value])


def _is_display_target(target: ast.AST) -> bool:
    match target:
        case ast.Name(id=name):
            return bool(DISPLAY_NAME.search(name))
        case ast.Attribute(attr=name):
            return name in DISPLAY_ATTRIBUTES or bool(DISPLAY_NAME.search(name))
    return False


def _shown(node: ast.AST) -> Iterator[tuple[str, Text]]:
    """Yield the strings that one node of the tree shows, with where it does."""
    match node:
        case ast.Call():
            yield from _call(node)
        case ast.Assert(msg=message):
            yield from _keyed("assert", [message])
        case ast.Raise(exc=ast.Call(args=arguments)):
            yield from _keyed("raise", arguments)
        case ast.Assign(targets=targets, value=value):
            if any(_is_display_target(target) for target in targets):
                yield from _keyed("name", [value])
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value in DISPLAY_KEYWORDS:
                    yield from _keyed(f"{key.value}:", [value])
        case ast.FunctionDef(args=args, body=body):
            last = args.args[len(args.args) - len(args.defaults) :]
            pairs = zip(
                last + args.kwonlyargs, args.defaults + args.kw_defaults, strict=True
            )
            for each, value in pairs:
                if each.arg in DISPLAY_KEYWORDS:
                    yield from _keyed(f"{each.arg}=", [value])
            yield from _docstring(body)
        case ast.ClassDef(body=body):
            yield from _docstring(body)


def _docstring(body: list[ast.stmt]) -> Iterator[tuple[str, Text]]:
    match body:
        case [ast.Expr(value=ast.Constant(value=str()) as string), *_]:
            yield "docstring", string


def display_nodes(tree: ast.AST) -> dict[int, tuple[str, Text]]:
    """Return the strings that are shown: key and node by the node's identity."""
    found: dict[int, tuple[str, Text]] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        for key, string in _shown(node):
            found.setdefault(id(string), (key, string))
        # What stands inside an f-string's fields is code.
        if not isinstance(node, ast.JoinedStr):
            waiting.extend(ast.iter_child_nodes(node))
    return found
