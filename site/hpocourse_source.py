"""What the package's source says of itself: modules, public names, docstrings.

It is read, never imported, so that building the site takes neither NumPy nor PyTorch.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import griffe
from hpocourse_pages import ROOT

__all__ = [
    "NAME",
    "comment",
    "first_sentence",
    "items",
    "kind_of",
    "members",
    "package",
    "public_modules",
    "public_names",
    "signature",
    "sources",
]

NAME = "hpocourse"


def sources() -> list[Path]:
    """Return the files of the package, without what Python compiles of them."""
    found = (ROOT / NAME).rglob("*.py*")
    return sorted(path for path in found if path.suffix in (".py", ".pyi"))


def package() -> griffe.Module:
    """Return the package as it is written now."""
    # What changed since is read anew; while one page is made, once is enough.
    files = sources()
    return _read(tuple((str(path), path.stat().st_mtime_ns) for path in files))


@cache
def _read(state: tuple[tuple[str, int], ...]) -> griffe.Module:
    return griffe.load(
        NAME,
        search_paths=[ROOT],
        allow_inspection=False,
        docstring_parser="numpy",
        docstring_options={"warnings": False},
        resolve_aliases=True,
        resolve_external=False,
    )


def members(item: griffe.Object) -> dict[str, griffe.Object]:
    """Return the public methods and properties of a class that have docstrings."""
    if not item.is_class:
        return {}
    return {
        name: member
        for name, member in item.all_members.items()
        if not name.startswith("_") and member.docstring
    }


def items(module: str) -> dict[str, griffe.Object]:
    """Return what a module offers, by name."""
    found = package()[module]
    names = sorted(map(str, found.exports or []), key=str.casefold)
    offered = {
        name: found[name].final_target if found[name].is_alias else found[name]
        for name in names
    }
    # A module within a package has a place of its own: ``{package} search.plots``.
    return {name: item for name, item in offered.items() if not item.is_module}


def public_modules() -> dict[str, griffe.Module]:
    """Return the modules that offer something, by what follows the package's name."""
    modules = {}
    for name, module in package().modules.items():
        modules[name] = module
        modules |= {f"{name}.{inner}": each for inner, each in module.modules.items()}
    return {
        name: module
        for name, module in modules.items()
        if not any(part.startswith("_") for part in name.split(".")) and module.exports
    }


def public_names() -> dict[str, list[str]]:
    """Return what each public module offers, read from the source.

    Returns
    -------
    dict of list
        Names by module; ``"Dataset.folds"`` is a method.
    """
    return {
        name: [
            each
            for item, found in items(name).items()
            for each in (item, *(f"{item}.{member}" for member in members(found)))
        ]
        for name in public_modules()
    }


def kind_of(annotation: Any) -> str:
    """Return a type as it is read: several are no tuple."""
    kinds = getattr(annotation, "elements", None)
    if isinstance(annotation, griffe.ExprTuple) and kinds:
        return ", ".join(map(str, kinds))
    return str(annotation or "")


def first_sentence(item: griffe.Object) -> str:
    """Return the first sentence of what is said of an item."""
    text = item.docstring.value if item.docstring else comment(item)
    return text.split("\n\n")[0]


def signature(name: str, item: griffe.Object) -> str:
    """Return how a function is called, or a class that documents its parameters."""
    if item.is_function:
        # A method is called without its first parameter.
        call = item.signature(name=name)
        return call.replace("(self, ", "(").replace("(self)", "()")
    if item.is_class and any(
        part.kind.value == "parameters" for part in item.docstring.parsed
    ):
        names = [parameter.name for parameter in item.parameters][1:]
        return f"{item.name}({', '.join(names)})"
    return ""


def comment(item: griffe.Object) -> str:
    """Return what the lines ``#: …`` above a value say of it."""

    def lines() -> Iterator[str]:
        source = Path(str(item.filepath)).read_text("utf-8").split("\n")
        for line in reversed(source[: (item.lineno or 1) - 1]):
            if not line.startswith("#:"):
                return
            yield line.removeprefix("#:").strip()

    return "\n".join(reversed(list(lines())))
