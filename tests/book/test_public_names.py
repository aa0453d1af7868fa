"""The package holds what the book uses; what nothing uses yet is listed."""

import ast

import hpocourse
from hpocourse import networks, search
from tools.codetext import mask_magics
from tools.exercises import find_exercises
from tools.notebooks import code_cells, find_notebooks, read

# Names that others contain: modules, and the type that the loaders return.
CONTAINERS = {"Dataset", "datasets", "languages", "metrics", "networks", "search"}
MODULES = {"networks": networks, "search": search}
INSIDE = {f"hpocourse.{module}": module for module in MODULES}
PUBLIC = set(hpocourse.__all__) | {
    f"{module}.{name}" for module, owner in MODULES.items() for name in owner.__all__
}


def used_names(sources):
    """Return the public names of hpocourse that some code uses."""
    found = set()
    for source in sources:
        for node in ast.walk(ast.parse(mask_magics(source) or "")):
            if isinstance(node, ast.ImportFrom) and node.module == "hpocourse":
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module in INSIDE:
                module = INSIDE[node.module]
                found.update(f"{module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id == "hpocourse":
                    found.add(node.attr)
                elif node.value.id in MODULES:
                    found.add(f"{node.value.id}.{node.attr}")
    return found & PUBLIC


def test_public_names_that_no_chapter_uses(record_property):
    sources = [
        cell.source
        for path in find_notebooks() + find_exercises()
        for cell in code_cells(read(path))
    ]
    used = used_names(sources)
    assert {"check", "load_digits", "evaluate_classifier", "set_language"} <= used
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
        "from hpocourse.networks import fit\nnetworks.MLP(1)\nother.History",
    ]
    assert used_names(sources) == {
        "load_digits",
        "networks.MLP",
        "networks.fit",
        "search.compare",
        "search.run",
        "set_language",
    }
