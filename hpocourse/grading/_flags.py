"""What in a student's code an instructor should look at.

Code in the kernel that also runs the tests can cheat them, and no sandbox prevents
that. It is read, not run: by its syntax, so that comments and texts raise no alarm.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbgrader.utils import is_locked


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
FUNCTIONS = _words("setattr delattr vars getattr")
OVERLOADED = _words("__eq__ __ne__ __bool__ __array__")
# What IPython makes of a line that runs nothing of the student's; and the beginning of
# a line that times code, which is looked at.
HARMLESS = re.compile(r"get_ipython\(\)\.run_line_magic\('(matplotlib|pip|precision)',")
LONGEST = 10_000  # characters of a line; Python 3.12 keeps the line of each token
TIMED = re.compile(r"^(\s*)%time(?:it)? (?!-)", re.M)


def _path(node: ast.AST) -> list[str]:
    """Return the names of an expression as ``os.path``; the first may be empty."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [getattr(node, "id", ""), *reversed(names)]


def _of_node(node: ast.AST, modules: set[str]) -> Iterator[str]:
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            base = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in (".".join([*base, each.name]) for each in names):
                parts = name.split(".")
                known = parts[0] in MODULES or not ATTRIBUTES.isdisjoint(parts)
                if known or name == "sys.modules":
                    yield f"import {name}"
        case ast.Name(ctx=context) | ast.Attribute(ctx=context):
            root, *rest = path = _path(node)
            name = ".".join(path)
            known = rest[-1] in ATTRIBUTES if rest else root in NAMES
            if known or name == "sys.modules":
                yield name
            elif root in modules and not isinstance(context, ast.Load):
                yield f"{name} replaced"
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            if name in OVERLOADED | modules:
                yield f"{name} redefined"
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value), *_]):
            if value in ATTRIBUTES | {"modules"}:
                yield f"getattr {value!r}"
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            yield name


def _parse(source: str) -> ast.Module:
    if any(len(line) > LONGEST for line in source.splitlines()):
        raise MemoryError  # which is what its tokens may need
    for text in (TIMED.sub(r"\1", source), source):
        with suppress(SyntaxError, ValueError):
            code = TransformerManager().transform_cell(text)
            return ast.parse(HARMLESS.sub("print(", code))
    return ast.Module([], [])  # it cannot run either


def find_flags(notebook: NotebookNode) -> list[str]:
    """Return what to look at in the code that is the student's, with the cells.

    Parameters
    ----------
    notebook : NotebookNode
        What is to be graded; its locked cells are the course's.
    """
    flags, nodes = [], {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                nodes[cell.id] = list(ast.walk(_parse(cell.source)))
            except (RecursionError, MemoryError):
                flags.append(f"too long or nested too deeply to be read ({cell.id})")
    modules = {
        alias.asname or alias.name.split(".")[0]
        for node in chain.from_iterable(nodes.values())
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    flags += [
        f"{flag} ({cell.id})"
        for cell in notebook.cells
        if not is_locked(cell)
        for node in nodes.get(cell.id, [])
        for flag in _of_node(node, modules)
    ]
    return list(dict.fromkeys(flags))
