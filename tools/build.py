"""Build the three editions, the combined book and the root pages.

The editions are derived from the same ``_config.yml`` and ``_toc.yml`` as the
combined book, which plain ``jupyter-book build .`` makes too. What has not
changed is not built again. Nothing is executed: the pages show the outputs
that are stored in the notebooks.
"""

import argparse
import copy
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from io import StringIO, TextIOBase
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "site"))
# Checks addresses in JSON, which no notebook has, and takes seconds to import.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from hpocourse_pages import (  # noqa: E402
    LANGUAGES,
    commit_dates,
    get_language,
    write_root_pages,
)

__all__ = ["BUILD", "Job", "build", "edition_toc", "jobs", "main"]

BUILD = ROOT / "_build"
SITE = BUILD / "site"
COMBINED = "combined"
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
# How a process that builds one book marks lines that say how far it is.
PROGRESS = "\x1e"


@dataclass(frozen=True)
class Job:
    """One book to build.

    Attributes
    ----------
    name : str
        The folder of an edition, or ``"combined"``.
    source, output : Path
        Folders.
    """

    name: str
    source: Path
    output: Path

    @property
    def title(self) -> str:
        """What messages call the book."""
        return "combined book" if self.name == COMBINED else f"edition {self.name}"

    @property
    def work(self) -> Path:
        """Where the book keeps what it needs to build only what has changed."""
        return BUILD / ".work" / self.name


def jobs() -> dict[str, Job]:
    """Return all books by name, the longest to build first."""
    books = [Job(COMBINED, ROOT, BUILD / "html")]
    for language in LANGUAGES:
        folder = language.folder
        books.append(Job(folder, ROOT / "book" / folder, SITE / folder))
    return {job.name: job for job in books}


# --- What has changed --------------------------------------------------------


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


def _shared_state() -> str:
    """Return a hash of what every page depends on, the names of pages included."""
    files = [ROOT / name for name in ("_config.yml", "_toc.yml", "pyproject.toml")]
    files += [ROOT / "hpocourse" / name for name in ("__init__.py", "languages.py")]
    tools = (
        "build.py",
        "exercises.py",
        "glossary.py",
        "notebooks.py",
        "references.py",
        "wording.py",
    )
    files += [ROOT / "tools" / name for name in tools]
    pages = [path.relative_to(ROOT).as_posix() for path in _files(ROOT / "book")]
    versions = [sys.version, *map(version, PACKAGES)]
    return _hash(json.dumps([pages, versions]), files + _files(ROOT / "site"))


def _own_state(job: Job, dates: dict[str, str]) -> str:
    """Return a hash of a book's sources, and of when they were last committed."""
    files = _files(ROOT / "book" if job.name == COMBINED else job.source)
    names = [path.relative_to(ROOT).as_posix() for path in files]
    # Every language has pages made of these.
    data = [path for path in (ROOT / "book").iterdir() if path.is_file()]
    data += _files(ROOT / "book" / "images")
    package = [p for p in _files(ROOT / "hpocourse") if p.suffix in (".py", ".pyi")]
    files += sorted(data) + package
    return _hash(json.dumps([dates.get(name) for name in names]), files)


# --- Building one book -------------------------------------------------------


def edition_toc(toc: dict[str, Any], folder: str) -> dict[str, Any]:
    """Return the table of contents of one edition.

    Parameters
    ----------
    toc : dict
        The combined book's table of contents, with one part per language.
    folder : str
        The folder of the language below ``book/``.

    Returns
    -------
    dict
        The part's index is the root, and files are addressed from the folder.
    """
    prefix = f"book/{folder}/"

    def relative(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: relative(value) for key, value in node.items()}
        if isinstance(node, list):
            return [relative(value) for value in node]
        return node.removeprefix(prefix) if isinstance(node, str) else node

    for part in toc["parts"]:
        (index,) = copy.deepcopy(part["chapters"])
        if index["file"] == f"{prefix}index":
            parts = relative(index["subtrees"])
            for each in parts:
                each["chapters"] = each.pop("sections")
            return {"format": "jb-book", "root": "index", "parts": parts}
    raise ValueError(f"_toc.yml: no part begins with {prefix}index; add one")


class _Progress(TextIOBase):
    """Takes what Sphinx reports, and passes on how far it is."""

    def write(self, text: str) -> int:
        if found := re.search(r"(reading|writing|copying)[^\[]*\[ *(\d+)%\]", text):
            print(f"{PROGRESS}{found[1]} {found[2]} %", flush=True)
        return len(text)


def _build_here(job: Job) -> int:
    """Build one book in this process; print its warnings, return a status."""
    from jsonschema import ValidationError
    from jupyter_book.config import get_final_config
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.console import nocolor
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    nocolor()
    warnings = StringIO()
    overrides: dict[str, Any] = {"latex_individualpages": False}
    toc = ROOT / "_toc.yml"
    if job.name != COMBINED:
        contents = edition_toc(yaml.safe_load(toc.read_text("utf-8")), job.name)
        toc = job.work / "_toc.yml"
        toc.parent.mkdir(parents=True, exist_ok=True)
        toc.write_text(yaml.safe_dump(contents, sort_keys=False), "utf-8")
    overrides["external_toc_path"] = toc.as_posix()
    try:
        config, _ = get_final_config(
            user_yaml=ROOT / "_config.yml",
            sourcedir=job.source,
            cli_config=overrides,
            raise_on_invalid=True,
        )
        if job.name != COMBINED:
            config["language"] = get_language(job.name).catalogue
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                srcdir=job.source,
                confdir=None,
                outdir=job.output,
                doctreedir=job.work / "doctrees",
                buildername="html",
                confoverrides=config,
                status=_Progress(),
                warning=warnings,
                warningiserror=True,
                keep_going=True,
            )
            app.build()
            status = app.statuscode
    except ValidationError as error:
        print(f"_config.yml: {error}", file=warnings)
        status = 1
    except SphinxError as error:
        print(f"{error.category}: {error}", file=warnings)
        status = 1
    print(warnings.getvalue(), end="", flush=True)
    return status


# --- Building all ------------------------------------------------------------


class _Display:
    """Shows on one line how far each book is, where somebody looks."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self.lock = threading.Lock()
        self.states: dict[str, str] = {}

    def _draw(self, line: str) -> None:
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{line[:width]:<{width}}\r", end="", file=sys.stderr, flush=True)

    def update(self, name: str, state: str | None) -> None:
        with self.lock:
            self.states[name] = state or ""
            shown = (f"{name}: {state}" for name, state in self.states.items() if state)
            self._draw("   ".join(shown))

    def report(self, job: Job, text: str) -> None:
        self.update(job.name, None)
        with self.lock:
            self._draw("")
            print(text, flush=True)


def _build_elsewhere(job: Job, state: dict[str, str], display: _Display) -> bool:
    """Build one book in a process of its own, unless it is as it was."""
    place = (job.output / "index.html").relative_to(ROOT).as_posix()
    stamp = job.work / "state.json"
    before = json.loads(stamp.read_text("utf-8")) if stamp.exists() else {}
    if before == state and (ROOT / place).exists():
        display.report(job, f"{job.title:<14} {place}  (nothing has changed)")
        return True
    if before.get("shared") != state["shared"]:
        # Sphinx does not see changes of its extensions, nor pages that are gone.
        shutil.rmtree(job.work, ignore_errors=True)
        shutil.rmtree(job.output, ignore_errors=True)
    stamp.unlink(missing_ok=True)
    started = time.perf_counter()
    display.update(job.name, "starting")
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.build", "--in-this-process", job.name],
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    messages = ""
    for line in process.stdout:
        if line.startswith(PROGRESS):
            display.update(job.name, line.removeprefix(PROGRESS).strip())
        else:
            messages += line
    if process.wait() == 0:
        stamp.write_text(json.dumps(state), "utf-8")
        seconds = time.perf_counter() - started
        display.report(job, f"{messages}{job.title:<14} {place}  ({seconds:.1f} s)")
        return True
    # The next build has to find the same faults again.
    shutil.rmtree(job.work, ignore_errors=True)
    display.report(job, f"{messages}{job.title}: not built, for the reasons above")
    return False


def build(names: list[str] | None = None) -> bool:
    """Build what has changed, two books side by side.

    Parameters
    ----------
    names : list of str, optional
        Names of books: folders of editions, or ``"combined"``. All by default.

    Returns
    -------
    bool
        Whether every book is whole.
    """
    chosen = [job for job in jobs().values() if names is None or job.name in names]
    shared, dates = _shared_state(), commit_dates(ROOT)
    display = _Display()
    write_root_pages(SITE)
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = [
            pool.submit(
                _build_elsewhere,
                job,
                {"shared": shared, "own": _own_state(job, dates)},
                display,
            )
            for job in chosen
        ]
        whole = all([result.result() for result in results])
    place = (SITE / "index.html").relative_to(ROOT).as_posix()
    print(f"{'root page':<14} {place}")
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        The exit status: 1 where a book has a fault.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tools.build",
        description="Build the editions, the combined book and the root pages.",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=list(jobs()),
        help="build this book only; may be given several times",
    )
    parser.add_argument("--in-this-process", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.in_this_process:
        return _build_here(jobs()[options.in_this_process])
    return 0 if build(options.only) else 1


if __name__ == "__main__":
    sys.exit(main())
