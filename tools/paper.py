"""One edition as one text: its pages in their order, with links that hold inside.

What `tools.pdf` prints and `tools.epub` packs is made here of the pages of the site.
What needs a screen is left out (folded code that only draws, the experiment, the
package reference); answers and solutions go to the end of the book.
"""

import posixpath
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup
from bs4.element import Tag

from tools.books import ROOT, SITE, edition_toc

from hpocourse_pages import addresses  # isort: skip  # tools.books says where it lies

__all__ = ["Answer", "Page", "Part", "gather"]

#: What has no place on paper: the package reference, and what is played.
SCREEN_ONLY = "section.api, .names, [data-experiment]"
#: What is left out of a page that is printed: figures that are explored at a click.
PLAYED = ".cell_output:has([data-explore])"


@dataclass
class Answer:
    """What was folded: the answer to a question, or the solution of a task.

    Attributes
    ----------
    id : str
        Its address in the book; that of its question has ``-asked`` besides.
    label : str
        The number of the question, or the title of the task.
    html : str
        The answer itself.
    """

    id: str
    label: str
    html: str


@dataclass
class Page:
    """A page of the edition.

    Attributes
    ----------
    id : str
        Its address in the book, from which those of its sections begin.
    title : str
        Its heading, the chapter's number included.
    html : str
        What it shows, without answers.
    sections : list of tuple
        Address and title of each section of the second level.
    answers : list of Answer
        Its answers.
    """

    id: str
    title: str
    html: str
    sections: list[tuple[str, str]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


@dataclass
class Part:
    """Pages that stand below one caption; the first part has none."""

    caption: str
    pages: list[Page]


def _id(place: str) -> str:
    return place.removesuffix(".html").replace("/", "-")


def _listed(folder: str) -> list[tuple[str, list[str]]]:
    """Return the captions of an edition, and the pages below each."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    contents: dict[str, Any] = edition_toc(toc, folder)
    parts: list[tuple[str, list[str]]] = [("", [contents["root"]])]
    for part in contents["parts"]:
        files = [Path(each["file"]).with_suffix("") for each in part["chapters"]]
        parts.append((part.get("caption", ""), [file.as_posix() for file in files]))
    return parts


def _lead(tag: Tag, key: str, here: str, folder: str, inside: set[str]) -> None:
    """Let a link or an image lead into the book, or to where it lies."""
    parts = urlsplit(tag[key])
    if parts.scheme or parts.netloc:
        return
    page = here
    if parts.path:
        page = posixpath.normpath(
            posixpath.join(posixpath.dirname(here), unquote(parts.path))
        )
    if key == "src":
        tag[key] = (SITE / folder / page).as_uri()
    elif page in inside:
        tag[key] = f"#{_id(page)}" + (f"--{parts.fragment}" if parts.fragment else "")
    else:
        end = f"#{parts.fragment}" if parts.fragment else ""
        tag[key] = f"{addresses()['site']}{folder}/{page}{end}"


def _text(tag: Tag) -> str:
    """Return the words of an element."""
    return " ".join(tag.get_text().split())


def _label(details: Tag, first: Tag) -> str:
    """Return what an answer is an answer to.

    Parameters
    ----------
    details : Tag
        The answer.
    first : Tag
        The section of the first answer on the page, which need not be named.
    """
    section = details.find_parent("section")
    title = _text(section.find(re.compile("^h[1-6]$")))
    for strong in details.find_all_previous("strong"):
        number = _text(strong)
        if strong.find_parent("section") is section and re.fullmatch(r"\d+\.", number):
            return number if section is first else f"{title}, {number}"
    return title


def _unfold(article: Tag, prefix: str) -> list[Answer]:
    """Take what is folded out of a page; return its answers."""
    answers: list[Answer] = []
    first = None
    for details in article.find_all("details"):
        summary = details.find("summary")
        if "hidden" in details.get("class", []):
            if details.select_one(".cell_input"):
                details.decompose()
            else:
                summary.decompose()
                details.unwrap()
            continue
        name = f"{prefix}--answer-{len(answers) + 1}"
        first = first or details.find_parent("section")
        label = _label(details, first)
        shown = _text(summary.extract())
        link = BeautifulSoup(
            f'<p class="see" id="{name}-asked"><a href="#{name}">{shown}</a>'
            f'<span data-page="{name}"></span></p>',
            "html.parser",
        )
        answers.append(Answer(name, label, details.decode_contents()))
        details.replace_with(link)
    count = Counter(answer.label for answer in answers)
    nth: Counter[str] = Counter()
    for answer in answers:
        if count[label := answer.label] > 1:
            nth[label] += 1
            answer.label = f"{label}, {nth[label]}."
    return answers


def _page(
    place: str, folder: str, inside: set[str], source: Tag, formulas: str
) -> Page:
    article = source.article
    prefix = _id(place)
    idle = ".katex-html" if formulas == "mathml" else ".katex-mathml"
    gone = f".headerlink, .toctree-wrapper, {PLAYED}, script, style, {idle}"
    for tag in article.select(gone):
        tag.decompose()
    for tag in article.select("[loading]"):
        del tag["loading"]  # What is far down is printed, too.
    for tag in article.select("[data-meaning]"):
        del tag["data-meaning"]
    for tag in article.find_all(id=True):
        tag["id"] = f"{prefix}--{tag['id']}"
    for tag in article.find_all("a", href=True):
        _lead(tag, "href", place, folder, inside)
    for tag in article.find_all("img", src=True):
        _lead(tag, "src", place, folder, inside)
    answers = _unfold(article, prefix)
    article.h1["id"] = prefix
    sections = [
        (heading.parent["id"], _text(heading))
        for heading in article.find_all("h2")
        if heading.parent.get("id")
    ]
    title = _text(article.h1)
    return Page(prefix, title, article.decode_contents(), sections, answers)


def gather(folder: str, formulas: str = "html") -> list[Part]:
    """Return an edition that is built, as parts of one book.

    Parameters
    ----------
    folder : str
        The folder of the edition, ``"pt"`` for example.
    formulas : str, optional
        How formulas are written: ``"html"``, which takes KaTeX's styles, or
        ``"mathml"``.
    """
    parsed = {}
    for _, names in _listed(folder):
        for name in names:
            text = (SITE / folder / f"{name}.html").read_text("utf-8")
            page = BeautifulSoup(text, "html.parser")
            if not page.article.select_one(SCREEN_ONLY):
                parsed[f"{name}.html"] = page
    inside = set(parsed)
    parts = [
        Part(
            caption,
            [
                _page(f"{name}.html", folder, inside, parsed[f"{name}.html"], formulas)
                for name in names
                if f"{name}.html" in parsed
            ],
        )
        for caption, names in _listed(folder)
    ]
    return [part for part in parts if part.pages]
