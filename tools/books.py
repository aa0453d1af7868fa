"""The books that are made of the notebooks: where they lie, and how one is built."""

import copy
import re
import sys
from dataclasses import dataclass
from io import StringIO, TextIOBase
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "site"))
# Checks addresses in JSON, which no notebook has, and takes seconds to import.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from hpocourse_pages import LANGUAGES, get_language  # noqa: E402

__all__ = [
    "BUILD",
    "COMBINED",
    "ROOT",
    "SITE",
    "Job",
    "build_book",
    "edition_toc",
    "jobs",
]

BUILD = ROOT / "_build"
SITE = BUILD / "site"
COMBINED = "combined"
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


def build_book(job: Job) -> int:
    """Build one book in this process, and print its warnings.

    Parameters
    ----------
    job : Job
        The book.

    Returns
    -------
    int
        The exit status: 1 where the book has a fault.
    """
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
