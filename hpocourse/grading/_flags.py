"""What in a student's code an instructor should look at.

Code in the kernel that also runs the tests can cheat them, and no sandbox prevents
that. It is read, not run: by its syntax, so that comments and texts raise no alarm.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress

from IPython.core.inputtransformer2 import TransformerManager


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NAMES = _words(
    "get_ipython In _ih _i _ii _oh __builtins__ __import__ exec eval compile globals "
    "open breakpoint"
)
ATTRIBUTES = _words(
    "_exit _getframe __subclasses__ __globals__ __builtins__ __code__ __closure__ "
    "__traceback__ f_back f_globals f_locals tb_frame ast_transformers "
    "input_transformers_post user_ns run_cell excepthook settrace setprofile "
    "showtraceback displayhook _check"
)
MODULES = _words(
    "IPython ast builtins code codecs ctypes faulthandler gc http importlib inspect "
    "ipykernel linecache multiprocessing pickle requests shutil signal socket "
    "subprocess traceback unittest urllib zmq"
)
OVERLOADED = _words("__eq__ __ne__ __bool__ __array__")
# What IPython makes of a line that runs nothing of the student's; and the beginning of
# a line that times code, which is looked at.
HARMLESS = re.compile(r"get_ipython\(\)\.run_line_magic\('(matplotlib|pip|precision)',")
TIMED = re.compile(r"^(\s*)%time(?:it)? (?!-)", re.M)


def _of_import(modules: list[str]) -> Iterator[str]:
    for module in modules:
        if module.split(".")[0] in MODULES or "_check" in module.split("."):
            yield f"import {module}"


def _root(node: ast.AST) -> str:
    """Return the name at which an attribute of an attribute begins."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _of_node(node: ast.AST, modules: set[str]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from _of_import([each.name for each in names])
        case ast.ImportFrom(module=base, names=names):
            paths = [f"{base}.{each.name}" for each in names]
            yield from _of_import([base or "", *paths])
            for path in paths:
                if path.split(".")[-1] in ATTRIBUTES or path == "sys.modules":
                    yield path
        case ast.Attribute(value=ast.Name(id="sys"), attr="modules"):
            yield "sys.modules"
        case ast.Attribute(value=ast.Name(id=base), attr=name) if name in ATTRIBUTES:
            yield f"{base}.{name}"
        case ast.Name(id=name) if name in NAMES:
            yield name
        case ast.Attribute(attr=name) if name in ATTRIBUTES:
            yield name
        case ast.Name(ctx=context) | ast.Attribute(ctx=context):
            if not isinstance(context, ast.Load) and _root(node) in modules:
                yield f"{ast.unparse(node)} replaced"
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            if name in OVERLOADED:
                yield name
            elif name in modules:
                yield f"{name} replaced"
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value), *_]):
            if value in ATTRIBUTES | {"modules"}:
                yield f"getattr {value!r}"
        case ast.Call(func=ast.Name(id=name)):
            if name in ("setattr", "delattr", "vars", "getattr"):
                yield name


def _parse(source: str) -> ast.Module:
    for text in (TIMED.sub(r"\1", source), source):
        with suppress(SyntaxError, ValueError):
            code = TransformerManager().transform_cell(text)
            return ast.parse(HARMLESS.sub("print(", code))
    return ast.Module([], [])  # it cannot run either


def find_flags(source: str, modules: set[str]) -> list[str]:
    """Return what in a cell deserves a look; nothing if it cannot be parsed.

    Parameters
    ----------
    source : str
        The cell's code.
    modules : set of str
        Names that the notebook has imported: assigning to them is seen.
    """
    try:
        nodes = ast.walk(_parse(source))
        flags = [flag for node in nodes for flag in _of_node(node, modules)]
    except (RecursionError, MemoryError):
        return ["nested too deeply to be read"]
    return list(dict.fromkeys(flags))


def imported(source: str) -> set[str]:
    """Return the names that a cell imports."""
    with suppress(RecursionError, MemoryError):
        return {
            alias.asname or alias.name.split(".")[0]
            for node in ast.walk(_parse(source))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
    return set()
