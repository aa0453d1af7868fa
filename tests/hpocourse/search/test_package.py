"""The package stays small, and its modules know each other in one direction."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

from hpocourse import search
from tests.code_lines import code_lines

ROOT = Path(__file__).parents[3]
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


def drawn_edges(text):
    """Return the arrows of a drawing in Mermaid, as pairs of labels or else ids."""
    labels = dict(re.findall(r'(\w+)\["(\w[\w/]*)', text))
    edges = set()
    for line in re.sub(r'\["[^"]*"\]', "", text).splitlines():
        sides = re.split(r"\s*(?:-->|-\.->)\|?(?:[\w ]*\|)?\s*", line.strip())
        for left, right in pairwise(side.split(" & ") for side in sides):
            edges |= {(labels.get(a, a), labels.get(b, b)) for a in left for b in right}
    return edges


def test_the_drawing_shows_what_imports_what():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    part = text.partition("## How `hpocourse.search` is built")[2]
    drawn = drawn_edges(part.partition("```mermaid\n")[2].partition("```")[0])
    # The registry imports a sampler when it is called.
    drawn -= {("_samplers", f"_samplers/{name}") for name in ("hyperopt", "bayes")}
    drawn -= {("_samplers", "_samplers/ordinal")}

    def name(path):
        path = path.parent if path.name == "__init__.py" else path.with_suffix("")
        return path.relative_to(PACKAGE).as_posix()

    graph = {name(p): {*map(name, imports(p))} for p in PACKAGE.rglob("*.py")}
    built = {(a, b) for a, others in graph.items() for b in others}
    # To import a module from the package itself takes its __init__ along.
    built = {(a, b) for a, b in built if "." not in (a, b)}
    assert drawn == built


def test_an_arrow_is_read():
    text = 'a["_a<br>words"] --> b & c["_c"]\nc -.->|when called| d'
    assert drawn_edges(text) == {("_a", "b"), ("_a", "_c"), ("_c", "d")}


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
