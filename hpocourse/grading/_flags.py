"""What in a student's code an instructor should look at.

Code in the kernel that also runs the tests can cheat them, and no sandbox prevents
that. It is read, not run: by its syntax, so that comments and texts raise no alarm.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

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
MAGICS = _words("matplotlib pip precision time timeit")


def _of_import(modules: list[str]) -> Iterator[str]:
    for module in modules:
        if module.split(".")[0] in MODULES or "_check" in module.split("."):
            yield f"import {module}"


def _root(node: ast.expr) -> str:
    """Return the name at which an attribute of an attribute begins."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _of_node(node: ast.AST, modules: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from _of_import([each.name for each in node.names])
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        yield from _of_import([base, *(f"{base}.{each.name}" for each in node.names)])
        for each in node.names:
            if each.name in ATTRIBUTES or f"{base}.{each.name}" == "sys.modules":
                yield f"{base}.{each.name}"
    elif isinstance(node, ast.Name):
        if node.id in NAMES:
            yield node.id
        elif node.id in modules and not isinstance(node.ctx, ast.Load):
            yield f"{node.id} replaced"
    elif isinstance(node, ast.Attribute):
        base = node.value.id if isinstance(node.value, ast.Name) else ""
        if node.attr in ATTRIBUTES or (base, node.attr) == ("sys", "modules"):
            yield node.attr if not base else f"{base}.{node.attr}"
        elif not isinstance(node.ctx, ast.Load) and _root(node) in modules:
            yield f"{ast.unparse(node)} replaced"
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        if node.name in OVERLOADED:
            yield node.name
        elif node.name in modules:
            yield f"{node.name} replaced"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        fixed = len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
        if name in ("setattr", "delattr", "vars") or (name == "getattr" and not fixed):
            yield name
        elif name == "getattr" and str(ast.unparse(node.args[1])).strip("'") in (
            ATTRIBUTES | {"modules"}
        ):
            yield f"getattr {ast.unparse(node.args[1])}"


def _is_harmless_magic(node: ast.AST) -> bool:
    """Return whether a call is what IPython makes of a line such as ``%time``."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    first = node.args[0]
    return (
        ast.unparse(node.func) == "get_ipython().run_line_magic"
        and isinstance(first, ast.Constant)
        and first.value in MAGICS
    )


class _Walk(ast.NodeVisitor):
    def __init__(self, modules: set[str]) -> None:
        self.modules = modules
        self.found: dict[str, None] = {}  # in order, each once

    def visit(self, node: ast.AST) -> None:
        if _is_harmless_magic(node):
            return
        self.found.update(dict.fromkeys(_of_node(node, self.modules)))
        self.generic_visit(node)


def _parse(source: str) -> ast.Module | None:
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # it cannot run either


def find_flags(source: str, modules: set[str]) -> list[str]:
    """Return what in a cell deserves a look; nothing if it cannot be parsed.

    Parameters
    ----------
    source : str
        The cell's code.
    modules : set of str
        Names that the notebook has imported: assigning to them is seen.
    """
    tree = _parse(source)
    if tree is None:
        return []
    walk = _Walk(modules)
    walk.visit(tree)
    return list(walk.found)


def imported(source: str) -> set[str]:
    """Return the names that a cell imports."""
    tree = _parse(source)
    return {
        alias.asname or alias.name.split(".")[0]
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
