"""Print each edition as a book: cover, contents with pages, chapters, answers.

Chromium prints one page of HTML twice: the numbers of pages in the contents are those
of the places in the first print.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pypdf import PdfReader

from tools.build import BUILD, ROOT, SITE, build
from tools.paper import Part, gather

from hpocourse_pages import (  # isort: skip  # tools.build says where it lies
    Language,
    get_language,
    render_page,
    version,
)

__all__ = ["bind", "find_chromium", "main", "number", "pages_of"]

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
        "this machine; on Debian and Ubuntu: sudo apt-get install chromium"
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
    names = ("colors.css", "site.css", "katex/katex.min.css")
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


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        The exit status: 1 where an edition has a fault.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tools.pdf", description="Print editions as books."
    )
    parser.add_argument("languages", nargs="+", metavar="LANGUAGE", help="pt, es, ru")
    chosen = [get_language(name) for name in parser.parse_args(arguments).languages]
    if not build([language.folder for language in chosen]):
        return 1
    for language in chosen:
        path = bind(language, gather(language.folder))
        pages, size = len(PdfReader(path).pages), path.stat().st_size / 1e6
        place = path.relative_to(ROOT).as_posix()
        print(f"{place}  ({pages} pages, {size:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
