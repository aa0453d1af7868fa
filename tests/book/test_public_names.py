"""The package holds what the book uses; what nothing uses yet is listed."""

import ast

import hpocourse
from tools.codetext import mask_magics
from tools.notebooks import code_cells, find_notebooks, read

# Names that others contain: modules, and the type that the loaders return.
CONTAINERS = {"Dataset", "datasets", "languages", "metrics"}


def used_names(sources):
    """Return the public names of hpocourse that some code uses."""
    found = set()
    for source in sources:
        for node in ast.walk(ast.parse(mask_magics(source) or "")):
            if isinstance(node, ast.ImportFrom) and node.module == "hpocourse":
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.update({node.attr} if node.value.id == "hpocourse" else ())
    return found & set(hpocourse.__all__)


def test_public_names_that_no_chapter_uses(record_property):
    sources = [
        cell.source for path in find_notebooks() for cell in code_cells(read(path))
    ]
    used = used_names(sources)
    assert {"load_digits", "evaluate_classifier", "set_language"} <= used
    unused = sorted(set(hpocourse.__all__) - CONTAINERS - used)
    record_property(
        "summary", "public names that no chapter uses yet: " + ", ".join(unused)
    )


def test_used_names_sees_imports_and_attributes_only():
    sources = [
        "from hpocourse import load_digits\n%pip install hpocourse\n# make_wave",
        "import hpocourse\n\nhpocourse.set_language('pt')",
        "from elsewhere import load_mnist\nother.make_arithmetic()",
    ]
    assert used_names(sources) == {"load_digits", "set_language"}
