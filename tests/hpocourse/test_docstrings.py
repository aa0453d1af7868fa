"""Docstrings: examples run, everything public is annotated and says what it raises."""

import ast
import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import hpocourse

PACKAGE = Path(hpocourse.__file__).parent
MODULES = [
    "hpocourse." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__init__.py"
]
WITH_EXAMPLES = [
    name
    for name in MODULES
    if ">>> " in (PACKAGE.parent / (name.replace(".", "/") + ".py")).read_text("utf-8")
]


def test_modules_are_found():
    assert {"hpocourse.languages", "hpocourse.networks._network"} <= {*WITH_EXAMPLES}
    assert len(WITH_EXAMPLES) < len(MODULES)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings(name):
    module = importlib.import_module(name)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, attempted = doctest.testmod(module, optionflags=flags)
    assert attempted > 0
    assert failed == 0


def public_functions(module):
    """Yield public functions and methods of a module, by name."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value):
            for method, function in vars(value).items():
                if isinstance(function, property):
                    function = function.fget
                if inspect.isfunction(function) and not method.startswith("_"):
                    yield f"{name}.{method}", function


def offered():
    """Yield what the package offers, with the names of modules and objects."""
    packages = (
        hpocourse,
        hpocourse.datasets,
        hpocourse.languages,
        hpocourse.metrics,
        hpocourse.networks,
        hpocourse.search,
        hpocourse.search.plots,
    )
    for package in packages:
        # Not of data, such as METHOD_COLORS.
        modules = {inspect.getmodule(getattr(package, n)) for n in package.__all__}
        for module in sorted(modules - {None}, key=lambda m: m.__name__):
            for name, function in public_functions(module):
                if name.partition(".")[0] in package.__all__:
                    yield f"{module.__name__}.{name}", function


def lacks(function):
    """Return what a public function lacks: annotations, or a section Raises."""
    found = []
    signature = inspect.signature(function)
    for name, parameter in signature.parameters.items():
        if name != "self" and parameter.annotation is parameter.empty:
            found.append(f"annotation of {name}")
    if signature.return_annotation is signature.empty:
        found.append("annotation of what it returns")
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    checks = any(
        isinstance(node, ast.Raise)
        or (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).split(".")[-1].startswith("check_")
        )
        for node in ast.walk(tree)
    )
    if checks and "Raises" not in (function.__doc__ or ""):
        found.append("section Raises")
    return found


@pytest.mark.parametrize(("name", "function"), [*dict(offered()).items()])
def test_public_functions_are_annotated_and_say_what_they_raise(name, function):
    assert lacks(function) == [], name


def test_what_is_lacking_is_seen():
    def bad(x, y: int):
        """Do."""
        check_integer(x)  # noqa: F821

    assert lacks(bad) == [
        "annotation of x",
        "annotation of what it returns",
        "section Raises",
    ]


def test_what_is_offered_is_found():
    functions = {name.rpartition(".")[2] for name in dict(offered())}
    packages = (hpocourse, hpocourse.networks, hpocourse.search, hpocourse.search.plots)
    for package in packages:
        for name in package.__all__:
            if inspect.isfunction(getattr(package, name)):
                assert name in functions
