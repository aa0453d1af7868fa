"""Print each edition as a book: cover, contents with pages, chapters, answers.

Chromium prints one page of HTML twice: the numbers of pages in the contents are those
of the places in the first print.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader

from tools.books import BUILD, ROOT, SITE
from tools.copies import run
from tools.paper import Part, gather

from hpocourse_pages import (  # isort: skip  # tools.books says where it lies
    Language,
    render_page,
    version,
)

__all__ = ["bind", "find_chromium", "number", "pages_of"]

OUTPUT = BUILD / "pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """Return the path of a Chromium on this machine.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise FileNotFoundError(
        f"books are printed with Chromium, and none of {', '.join(BROWSERS)} is on "
        "this machine; on Debian: sudo apt-get install chromium; on Ubuntu: sudo snap "
        "install chromium"
    )


def _print(page: Path, target: Path) -> None:
    """Print a page of HTML into a file."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            find_chromium(),
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={target}",
            page.as_uri(),
        ]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses it to root.
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if done.returncode or not target.exists():
        raise RuntimeError(f"Chromium did not print {page}:\n{done.stderr[-2000:]}")


def pages_of(reader: PdfReader) -> dict[str, int]:
    """Return the number of the page on which each place of a book lies, from 1."""
    found = reader.named_destinations.items()
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in found
    }


def number(html: str, pages: dict[str, int]) -> str:
    """Return a book whose references to pages have their numbers.

    >>> number('<span data-page="grid"></span>', {"grid": 7})
    '<span data-page="grid">7</span>'
    """
    return re.sub(
        r'(<span data-page="([^"]+)">)(</span>)',
        lambda found: f"{found[1]}{pages[found[2]]}{found[3]}",
        html,
    )


def bind(language: Language, parts: list[Part], output: Path = OUTPUT) -> Path:
    """Print what was gathered of an edition, and return the path of the book.

    Parameters
    ----------
    language : Language
        The language of the edition, whose pages are built.
    parts : list of Part
        What the book holds.
    output : Path, optional
        The folder for the book.
    """
    output.mkdir(parents=True, exist_ok=True)
    static = SITE / language.folder / "_static"
    names = ("colors.css", "site.css", "article.css", "katex/katex.min.css")
    styles = [static / name for name in names]
    styles.append(ROOT / "site" / "pages" / "book.css")
    html = render_page(
        "book.html",
        (language,),
        styles=[path.as_uri() for path in styles],
        parts=parts,
        course_version=version(ROOT),
    )
    path = output / f"hpocourse-{language.folder}.pdf"
    with tempfile.TemporaryDirectory() as folder:
        page, first = Path(folder, "book.html"), Path(folder, "first.pdf")
        page.write_text(html, "utf-8")
        _print(page, first)
        page.write_text(number(html, pages_of(PdfReader(first))), "utf-8")
        _print(page, path)
    return path


def _all(languages: list[Language]) -> Iterator[tuple[Path, str]]:
    for language in languages:
        path = bind(language, gather(language.folder))
        yield path, f"{len(PdfReader(path).pages)} pages, "


if __name__ == "__main__":
    sys.exit(run("tools.pdf", "Print editions as books.", _all))
