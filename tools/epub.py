"""Pack each edition as an e-book: EPUB 3, formulas as MathML, answers at the end.

Sphinx's own builder would need one more theme, and outputs of notebooks that are XML;
here the pages of the site are taken, as `tools.paper` gathers them for the print.
"""

import re
import sys
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from bs4 import BeautifulSoup

from tools.books import BUILD, ROOT
from tools.copies import run
from tools.paper import Page, Part, gather

from hpocourse_pages import (  # isort: skip  # tools.books says where it lies
    Language,
    commit_dates,
    render_page,
    translations,
    version,
)

__all__ = ["pack"]

OUTPUT = BUILD / "epub"
ANSWERS = "answers"
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
"""
#: What HTML once had and an e-book must not have.
OBSOLETE = {"align", "border", "halign", "height", "valign", "width"}
#: Elements of MathML that hold text alone, where KaTeX puts elements at times.
TOKENS = ["mi", "mn", "mo", "mtext"]
FUNCTION_APPLICATION = "\N{FUNCTION APPLICATION}"


def _answers(parts: list[Part], title: str) -> Page:
    """Return a page of all answers."""
    html = [f'<h1 id="{ANSWERS}">{title}</h1>']
    for page in (page for part in parts for page in part.pages if page.answers):
        html.append(f'<h2 id="{page.id}--answers">{escape(page.title)}</h2>')
        for answer in page.answers:
            asked = f'<a href="#{answer.id}-asked">{escape(answer.label)}</a>'
            html.append(
                f'<div class="answer" id="{answer.id}"><p class="asked">{asked}</p>'
                f"{answer.html}</div>"
            )
    return Page(ANSWERS, title, "".join(html))


def _mend_formulas(shown: BeautifulSoup) -> None:
    """Let KaTeX's MathML keep to the rules of how many children there are."""
    for tag in shown.find_all("mo", string=FUNCTION_APPLICATION):
        tag.decompose()  # It is not seen.
    for tag in shown.find_all(TOKENS):
        if tag.find(True):
            tag.name = "mrow"


def _xml(page: Page, places: dict[str, str], images: dict[str, Path]) -> str:
    """Return a page as XML; links lead to files, and images are collected."""
    shown = BeautifulSoup(page.html, "html.parser")
    for tag in shown.find_all(True):
        if tag.name != "img":  # An image still may say its size.
            for name in OBSOLETE & set(tag.attrs):
                del tag[name]
    _mend_formulas(shown)
    for tag in shown.find_all(href=re.compile("^#")):
        target = tag["href"].removeprefix("#")
        tag["href"] = f"{places[target]}.xhtml#{target}"
    for tag in shown.find_all("img"):
        path = Path(unquote(urlsplit(tag["src"]).path))
        images[path.name] = path
        tag["src"] = f"images/{path.name}"
    return shown.decode()


def pack(language: Language, parts: list[Part], output: Path = OUTPUT) -> Path:
    """Write what was gathered of an edition as an e-book, and return its path.

    Parameters
    ----------
    language : Language
        The language of the edition.
    parts : list of Part
        What the book holds, its formulas in MathML.
    output : Path, optional
        The folder for the book.
    """
    translate = translations(language.catalogue).gettext
    pages = [page for part in parts for page in part.pages]
    pages.append(_answers(parts, translate("Answers and solutions")))
    places = {
        found: page.id
        for page in pages
        for found in re.findall(r'\bid="([^"]+)"', page.html)
    }
    images: dict[str, Path] = {}
    bodies = {page.id: _xml(page, places, images) for page in pages}
    values: dict[str, Any] = {
        "parts": parts,
        "pages": [(name, "<math" in body) for name, body in bodies.items()],
        "images": sorted(images),
        "course_version": version(ROOT),
        "day": max(commit_dates(ROOT).values(), default=date.today().isoformat()),
    }
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"hpocourse-{language.folder}.epub"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        # A reader knows the format by the first file, which is not compressed.
        archive.writestr("mimetype", "application/epub+zip", ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER)
        for name in ("package.opf", "nav.xhtml", "cover.svg", "book.css"):
            text = render_page(f"ebook/{name}", (language,), **values).strip()
            archive.writestr(f"book/{name}", text + "\n")
        for page in pages:
            text = render_page(
                "ebook/page.xhtml", (language,), title=page.title, body=bodies[page.id]
            )
            archive.writestr(f"book/{page.id}.xhtml", text)
        for name, file in sorted(images.items()):
            kind = ZIP_DEFLATED if name.endswith(".svg") else ZIP_STORED
            archive.write(file, f"book/images/{name}", kind)  # A PNG is packed already.
    return path


def _all(languages: list[Language]) -> Iterator[tuple[Path, str]]:
    for language in languages:
        yield pack(language, gather(language.folder, formulas="mathml")), ""


if __name__ == "__main__":
    sys.exit(run("tools.epub", "Pack editions as e-books.", _all))
