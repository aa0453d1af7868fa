"""Find, read and write the notebooks of the book, and look at their cells."""

import hashlib
import json
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.warnings import DuplicateCellId

from hpocourse.languages import LANGUAGES, get_language

__all__ = [
    "ROOT",
    "TODO",
    "UnreadableError",
    "cell_tags",
    "code_cells",
    "code_hash",
    "figure",
    "find_notebooks",
    "folder_of",
    "is_setup",
    "label",
    "read",
    "read_json",
    "write",
]

ROOT = Path(__file__).parent.parent
# What stands for a sentence that is still to be written.
TODO = "TODO"
CONFLICT = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: |$)", re.MULTILINE)


class UnreadableError(ValueError):
    """A file is no notebook that can be read; says which, why and what to do.

    Attributes
    ----------
    name, reason : str
        The file, and what is wrong with it.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


def _order(root: Path) -> dict[str, int]:
    """Return the place of each source named in ``_toc.yml``, in reading order."""

    def files(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in {"root", "file"}:
                    yield str(value)
                else:
                    yield from files(value)
        elif isinstance(node, list):
            for item in node:
                yield from files(item)

    toc = root / "_toc.yml"
    if not toc.exists():
        return {}
    names = files(yaml.safe_load(toc.read_text("utf-8")))
    return {name.removesuffix(".ipynb"): i for i, name in enumerate(names)}


def find_notebooks(language: str | None = None, root: Path = ROOT) -> list[Path]:
    """Return the paths of the book's notebooks in reading order.

    Exercises are not among them: `tools.exercises` finds those.

    Parameters
    ----------
    language : str, optional
        One language in any of its forms; every language where it is left out.
    root : Path, optional
        The folder that holds ``book/``.
    """
    chosen = LANGUAGES if language is None else [get_language(language)]
    order = _order(root)
    found: list[Path] = []
    for each in chosen:
        folder = root / "book" / each.folder
        paths = (
            path
            for path in folder.rglob("*.ipynb")
            if not {".ipynb_checkpoints", "exercises"} & set(path.parts)
        )

        def place(path: Path) -> tuple[int, str]:
            name = path.relative_to(root).with_suffix("").as_posix()
            return order.get(name, len(order)), name

        found += sorted(paths, key=place)
    return found


def folder_of(path: Path) -> str:
    """Return the language folder (``"pt"``) in which a notebook lies."""
    folders = {language.folder for language in LANGUAGES}
    for part in reversed(path.resolve().parent.parts):
        if part in folders:
            return part
    raise ValueError(
        f"{path} lies in no language's folder: move it under one of "
        + ", ".join(f"book/{folder}" for folder in sorted(folders))
    )


def label(path: Path, root: Path = ROOT) -> str:
    """Return a notebook's path as messages show it: from the root where it can."""
    path = path.resolve()
    root = root.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def read_json(path: Path, root: Path = ROOT) -> dict[str, Any]:
    """Read the file of a notebook as it is.

    Parameters
    ----------
    path : Path
        The file.
    root : Path, optional
        The folder from which messages name the file.

    Raises
    ------
    UnreadableError
        If the file is no notebook.
    """
    name = label(path, root)
    back = f"`git checkout -- {name}` brings the committed notebook back"
    try:
        text = path.read_text("utf-8-sig")
        data = json.loads(text)
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 ({error}): {back}"
        raise UnreadableError(name, reason) from None
    except json.JSONDecodeError as error:
        if not text.strip():
            reason = f"is empty: {back}"
        elif found := CONFLICT.search(text):
            line = text.count("\n", 0, found.start()) + 1
            reason = (
                f"has the mark {found[0].strip()!r} of a merge conflict in line "
                f"{line}: keep one side of each, or `git checkout --ours -- {name}`"
            )
        else:
            reason = f"is not JSON, or cut off ({error}): {back}"
        raise UnreadableError(name, reason) from None
    cells = data.get("cells") if isinstance(data, dict) else None
    whole = isinstance(cells, list) and all(isinstance(each, dict) for each in cells)
    if not whole or data.get("nbformat") != 4:
        reason = "is no notebook of format 4: save it with Jupyter 4 or later"
        raise UnreadableError(name, reason)
    return data


def read(path: Path, root: Path = ROOT) -> NotebookNode:
    """Read a notebook as nbformat 4; cells of the same id get new ones.

    Parameters
    ----------
    path : Path
        The file.
    root : Path, optional
        The folder from which messages name the file.

    Raises
    ------
    UnreadableError
        If the file is no notebook.
    """
    text = json.dumps(read_json(path, root))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DuplicateCellId)
        return nbformat.reads(text, as_version=4)


def write(path: Path, notebook: NotebookNode) -> bool:
    """Write a notebook in the one format of the book, whole or not at all.

    Returns
    -------
    bool
        Whether the file changed.
    """
    text = nbformat.writes(notebook, version=4).rstrip("\n") + "\n"
    if path.exists() and path.read_text("utf-8") == text:
        return False
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        if path.exists():
            os.chmod(temporary, path.stat().st_mode)
        else:
            os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_setup(cell: NotebookNode) -> bool:
    """Return whether a cell is the setup cell."""
    return cell.cell_type == "code" and cell.get("id") == "setup"


def code_hash(notebook: NotebookNode) -> str:
    """Return the hash of a notebook's code, the setup cell left out.

    A new version or address changes the setup cell and no result, so that it
    must not call for executing the book again.
    """
    digest = hashlib.sha256()
    for cell in code_cells(notebook):
        if not is_setup(cell):
            digest.update(cell.source.encode("utf-8"))
            digest.update(b"\0")
    return digest.hexdigest()


def cell_tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def figure(cell: NotebookNode) -> dict[str, str]:
    """Return what is written about a cell's figure: caption, name and alt.

    Only the keys that are there are returned.
    """
    mystnb = cell.metadata.get("mystnb", {})
    texts = {key: mystnb.get("figure", {}).get(key) for key in ("caption", "name")}
    texts["alt"] = mystnb.get("image", {}).get("alt")
    return {key: value for key, value in texts.items() if value is not None}
