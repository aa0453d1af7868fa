"""The package stays small, and its modules know each other in one direction."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from hpocourse import search
from tests.code_lines import code_lines

PACKAGE = Path(search.__file__).parent
MODULES = 12
LINES = 1700
#: Lines of a module, docstrings and all, that a newcomer reads at a sitting.
LONGEST = 300


def test_the_package_stays_small(record_property):
    modules = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    lines = sum(code_lines(PACKAGE).values())
    record_property("summary", f"search: {len(modules)} modules, {lines} lines of code")
    assert len(modules) <= MODULES
    assert lines <= LINES


def test_no_module_is_long():
    for path in PACKAGE.parent.rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= LONGEST, path


def imports(path):
    """Return the modules of the package that a module imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = path.parents[node.level - 1]
            base = folder.joinpath(*(node.module or "").split("."))
            for candidate in [base, *(base / alias.name for alias in node.names)]:
                for file in (candidate.with_suffix(".py"), candidate / "__init__.py"):
                    if file.is_file() and PACKAGE in file.parents and file != path:
                        found.add(file)
    return found


def sorted_modules(graph):
    return list(TopologicalSorter(graph).static_order())


def test_no_module_imports_itself_in_a_circle():
    # What a package's __init__ names lazily is no import of it, nor are samplers
    # that the registry imports at their call.
    graph = {path: imports(path) for path in PACKAGE.rglob("*.py")}
    assert graph[PACKAGE / "_run.py"] >= {PACKAGE / "_storage.py"}
    assert len(sorted_modules(graph)) == len(graph)


def test_a_circle_is_seen():
    with pytest.raises(CycleError):
        sorted_modules({"a": {"b"}, "b": {"c"}, "c": {"a"}})
