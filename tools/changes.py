"""What a book is made of, as hashes: one that is as it was is not built again."""

import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

from tools.books import COMBINED, ROOT, Job

__all__ = ["own_state", "shared_state"]

# What decides how a page looks, beside the files of this repository.
PACKAGES = (
    "brotli",
    "fonttools",
    "griffelib",
    "jupyter-book",
    "myst-nb",
    "myst-parser",
    "pybtex",
    "Sphinx",
    "sphinx-external-toc",
    "sphinxcontrib-katex",
)


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    )


def _hash(text: str, files: list[Path]) -> str:
    digest = hashlib.sha256(text.encode())
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def shared_state() -> str:
    """Return a hash of what every page depends on, the names of pages included."""
    files = [ROOT / name for name in ("_config.yml", "_toc.yml", "pyproject.toml")]
    files += [ROOT / "hpocourse" / name for name in ("__init__.py", "languages.py")]
    tools = (
        "books.py",
        "exercises.py",
        "glossary.py",
        "notebooks.py",
        "references.py",
        "setup_cell.py",
        "wording.py",
    )
    files += [ROOT / "tools" / name for name in tools]
    pages = [path.relative_to(ROOT).as_posix() for path in _files(ROOT / "book")]
    versions = [sys.version, *map(version, PACKAGES)]
    return _hash(json.dumps([pages, versions]), files + _files(ROOT / "site"))


def own_state(job: Job, dates: dict[str, str]) -> str:
    """Return a hash of a book's sources, and of when they were last committed."""
    files = _files(ROOT / "book" if job.name == COMBINED else job.source)
    names = [path.relative_to(ROOT).as_posix() for path in files]
    # Every language has pages made of these.
    data = [path for path in (ROOT / "book").iterdir() if path.is_file()]
    data += _files(ROOT / "book" / "images")
    package = [p for p in _files(ROOT / "hpocourse") if p.suffix in (".py", ".pyi")]
    files += sorted(data) + package
    return _hash(json.dumps([dates.get(name) for name in names]), files)
