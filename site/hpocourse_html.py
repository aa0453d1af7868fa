"""How a page is written: its language, its figures, tables and addresses."""

import copy
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagesize
from docutils import nodes
from hpocourse_pages import (
    LANGUAGES,
    ROOT,
    Language,
    get_language,
    glossary_terms,
    translations,
)
from hpocourse_tables import tidy_table
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from tools import glossary
from tools.exercises import is_exercise, page
from tools.notebooks import read

__all__ = [
    "BOOK",
    "FOLDERS",
    "Translator",
    "figure_names",
    "image_size",
    "language_at",
    "setup",
    "source_of",
]

BOOK = ROOT / "book"
FOLDERS = {language.folder for language in LANGUAGES}
#: Characters of a cell that is a sentence.
LONG = 40
#: Spaces at which no line is broken: before a dash, and beside the sign of a short
#: equation or of an interval.
HELD = re.compile(
    r"\s(?=[—–](\s|$))|(?<=\d)\s(?=±\s?\d)|(?<=±)\s(?=\d)"
    r"|(?<=\b\w)\s(?=[=≈<>≤≥]\s[-−]?\d)|(?<=\b\w\s[=≈<>≤≥])\s(?=[-−]?\d)"
)
#: Words that a line may not break at their hyphen: one letter would stand alone.
HYPHENED = re.compile(r"\b(\w-\w+|\w+-\w)\b")
#: The comment above a heading of a page of Markdown: what its section is called.
NAMED = re.compile(r"% ([a-z-]+)")
#: MyST counts the lines of a notebook from 10 000 for each cell.
LINES_OF_A_CELL = 10_000


def source_of(app: Sphinx, pagename: str | None) -> Path | None:
    """Return the path of a page's source below ``book/``, if it has one."""
    if pagename not in app.env.found_docs:
        return None
    return Path(app.env.doc2path(pagename)).relative_to(BOOK)


def language_at(app: Sphinx, pagename: str | None) -> Language:
    """Return the language of a page: that of the folder of its source."""
    source = source_of(app, pagename)
    if source is not None and source.parts[0] in FOLDERS:
        return get_language(source.parts[0])
    return get_language(app.config.language)


def figure_names(language: Language) -> dict[str, str]:
    """Return what numbered things are called in a language, for Sphinx."""
    translate = translations(language.catalogue).gettext
    return {
        "figure": translate("Figure %s"),
        "table": translate("Table %s"),
        "code-block": translate("Listing %s"),
        "section": translate("Section %s"),
    }


# --- Addresses of sections -----------------------------------------------------


def _names(path: Path, doctree: nodes.document) -> Iterator[str]:
    """Yield a name for each section of a page, the same in all languages."""
    is_notebook = path.suffix == ".ipynb"
    cells = read(path).cells if is_notebook else []
    if is_exercise(path):
        cells = page(read(path), path.parent.parent.name).cells
    lines = [] if is_notebook else ["", *path.read_text("utf-8").splitlines()]
    count: Counter[str] = Counter()
    for section in doctree.findall(nodes.section):
        line = section.line or 0
        if is_notebook:
            index = line // LINES_OF_A_CELL - 1
            name = cells[index].id if 0 <= index < len(cells) else "part"
        else:
            above = NAMED.fullmatch(lines[line - 1]) if line < len(lines) else None
            name = above[1] if above else "part" if count else path.stem
        count[name] += 1
        is_first = count[name] == 1 and name != "part"
        yield name if is_first else f"{name}-{count[name]}"


def _name_sections(app: Sphinx, doctree: nodes.document) -> None:
    """Let the sections of a page have the same addresses in all languages.

    In a notebook they are called by the ids of their cells, elsewhere by the comment
    above the heading. What docutils made of their words stays beside it, so that old
    links lead there still.
    """
    path = Path(app.env.doc2path(app.env.docname))
    app.env.note_dependency(str(ROOT / glossary.FILE))  # links carry meanings
    sections = list(doctree.findall(nodes.section))
    for section, name in zip(sections, _names(path, doctree), strict=True):
        title = section.next_node(nodes.title)
        is_of_package = path.suffix == ".md" and isinstance(title[0], nodes.literal)
        if name not in doctree.ids and not is_of_package:
            doctree.ids[name] = section
            section["ids"].insert(0, name)


# --- Images --------------------------------------------------------------------


def image_size(app: Sphinx, image: nodes.Element) -> tuple[int, int]:
    """Return the size of an image on a page, which may have more pixels than that.

    Parameters
    ----------
    app : Sphinx
        The application.
    image : nodes.Element
        The image; what a notebook says of its size is what counts.

    Returns
    -------
    tuple of int
        Width and height, negative where they are not known.
    """
    if image.get("width", "").isdigit() and image.get("height", "").isdigit():
        return int(image["width"]), int(image["height"])
    path = Path(app.srcdir) / image["uri"]
    width, height = imagesize.get(path) if path.exists() else (-1, -1)
    return round(width), round(height)  # drawings may have fractions


# --- Writing -------------------------------------------------------------------


class Translator(HTML5Translator):
    """Writes pages in the language of their source."""

    def __init__(self, document: nodes.document, builder: Any) -> None:
        super().__init__(document, builder)
        language = language_at(builder.app, getattr(builder, "current_docname", None))
        self.translate = translations(language.catalogue).gettext
        self.terms = glossary_terms(language.folder)
        self.config = copy.copy(builder.config)
        self.config.numfig_format = figure_names(language)
        self.n_images = 0

    def add_permalink_ref(self, node: nodes.Element, title: str) -> None:
        """Name the link in the language of the page."""
        super().add_permalink_ref(node, self.translate("Link to this place"))

    def visit_Text(self, node: nodes.Text) -> None:
        """Keep what belongs together on a line."""
        if self.protect_literal_text:
            super().visit_Text(node)
            return
        super().visit_Text(nodes.Text(HELD.sub("\N{NO-BREAK SPACE}", node.astext())))
        whole = r'<span class="whole">\1</span>'
        self.body[-1] = HYPHENED.sub(whole, self.body[-1])

    def visit_table(self, node: nodes.Element) -> None:
        """Let a wide table scroll inside itself; sentences in it stay wide enough."""
        for entry in node.findall(nodes.entry):
            if len(entry.astext()) > LONG:
                entry["classes"].append("long")
        if "map" in node.parent.get("ids", []):  # A card shows no head above it.
            heads = [each.astext() for each in node.next_node(nodes.row)]
            for row in node.findall(nodes.row):
                for entry, head in zip(row, heads, strict=True):
                    entry["head"] = head
        self.body.append('<div class="table">')
        super().visit_table(node)

    def depart_table(self, node: nodes.Element) -> None:
        """Close what :meth:`visit_table` opened."""
        super().depart_table(node)
        self.body.append("</div>\n")

    def visit_entry(self, node: nodes.Element) -> None:
        """Let a cell of the course's map carry what its column is called."""
        super().visit_entry(node)
        if "head" in node:
            self.body[-1] = self.body[-1].replace(
                "<td", f'<td data-head="{self.attval(node["head"])}"', 1
            )

    def visit_image(self, node: nodes.Element) -> None:
        """Reserve an image's place, and load what is far down only when it is near."""
        width, height = image_size(self.builder.app, node)
        for key in ("width", "height"):  # As a style, they would not yield to ours.
            node.attributes.pop(key, None)
        super().visit_image(node)
        attributes = f' width="{width}" height="{height}"' if width > 0 else ""
        if self.n_images:
            attributes += ' loading="lazy"'
        self.n_images += 1
        self.body[-1] = self.body[-1].replace("<img", f"<img{attributes}", 1)

    def visit_raw(self, node: nodes.Element) -> None:
        """Write an output of pandas as a reader needs it."""
        if "html" in node.get("format", "").split():
            text = tidy_table(node.astext())
            node.children = [nodes.Text(text)]
            node.rawsource = text
        super().visit_raw(node)

    def visit_reference(self, node: nodes.Element) -> None:
        """Let a link to the glossary carry what the term means."""
        super().visit_reference(node)
        found = re.search(r"(?:^|/)glossary\.html#([\w-]+)$", node.get("refuri", ""))
        meaning = self.terms.get(found[1]) if found else None
        if meaning:
            shown = self.attval(meaning)
            self.body[-1] = self.body[-1].replace(
                "<a ", f'<a data-meaning="{shown}" ', 1
            )


def _visit_hidden(translator: Translator, node: nodes.Element) -> None:
    shown = translator.translate(
        "Code of the figure" if "above-input" in node["classes"] else "Output"
    )
    translator.body.append(f'<details class="hidden"><summary>{shown}</summary>\n')


def _depart_hidden(translator: Translator, node: nodes.Element) -> None:
    translator.body.append("</details>\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the translator.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        The extension's metadata.
    """
    app.set_translator("html", Translator)
    app.add_node(HideCodeCellNode, override=True, html=(_visit_hidden, _depart_hidden))
    app.connect("doctree-read", _name_sections, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
