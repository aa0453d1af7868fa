"""The package holds what the book uses; what nothing uses yet is listed."""

import ast

import hpocourse
from hpocourse import search
from tools.codetext import mask_magics
from tools.notebooks import code_cells, find_notebooks, read

# Names that others contain: modules, and the type that the loaders return.
CONTAINERS = {"Dataset", "datasets", "languages", "metrics", "search"}
PUBLIC = set(hpocourse.__all__) | {f"search.{name}" for name in search.__all__}


def used_names(sources):
    """Return the public names of hpocourse that some code uses."""
    found = set()
    for source in sources:
        for node in ast.walk(ast.parse(mask_magics(source) or "")):
            if isinstance(node, ast.ImportFrom) and node.module == "hpocourse":
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module == "hpocourse.search":
                found.update(f"search.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id == "hpocourse":
                    found.add(node.attr)
                elif node.value.id == "search":
                    found.add(f"search.{node.attr}")
    return found & PUBLIC


def test_public_names_that_no_chapter_uses(record_property):
    sources = [
        cell.source for path in find_notebooks() for cell in code_cells(read(path))
    ]
    used = used_names(sources)
    assert {"load_digits", "evaluate_classifier", "set_language"} <= used
    unused = sorted(PUBLIC - CONTAINERS - used)
    record_property(
        "summary", "public names that no chapter uses yet: " + ", ".join(unused)
    )


def test_used_names_sees_imports_and_attributes_only():
    sources = [
        "from hpocourse import load_digits\n%pip install hpocourse\n# make_wave",
        "import hpocourse\n\nhpocourse.set_language('pt')",
        "from elsewhere import load_mnist\nother.make_arithmetic()",
        "from hpocourse.search import compare\nsearch.run(f)\nother.as_study(g)",
    ]
    assert used_names(sources) == {
        "load_digits",
        "search.compare",
        "search.run",
        "set_language",
    }
