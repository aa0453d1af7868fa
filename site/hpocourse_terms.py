"""The directives ``terms`` and ``works``: glossary and references from data.

They make what a page shows from one file for all languages, so that no page is
generated into the sources.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from hpocourse_pages import LANGUAGES, ROOT, language_of, translations
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from hpocourse.languages import ENGLISH
from tools import glossary, references
from tools.notebooks import find_notebooks, read

__all__ = ["Terms", "Works", "setup"]

logger = logging.getLogger(__name__)


def _inline(text: str, *classes: str) -> nodes.inline:
    """Return words of a class; ``language-es`` becomes the attribute ``lang``."""
    return nodes.inline(text, text, classes=list(classes))


def _uses(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each term that a chapter links to, and the name of the section it is in."""
    section = ""
    seen = set()
    for cell in read(path).cells:
        if cell.cell_type != "markdown":
            continue
        if cell.source.startswith("#"):
            section = cell.id
        for term in re.findall(r"glossary\.md#([\w-]+)", cell.source):
            if term not in seen:
                seen.add(term)
                yield term, section


class Terms(SphinxDirective):
    """All terms of the glossary, in the order of the page's language."""

    def run(self) -> list[nodes.Node]:
        """Return a list of definitions; each term can be linked to by its id."""
        path = ROOT / glossary.FILE
        self.env.note_dependency(str(path))
        here = language_of(Path(self.env.doc2path(self.env.docname)))
        used = self.used(here.folder)
        translate = translations(here.catalogue).gettext
        said = translate("In the chapters:")
        terms = sorted(
            glossary.load(ROOT),
            key=lambda term: glossary.sort_key(term.words[here.folder]),
        )
        listed = nodes.definition_list(classes=["terms"])
        for term in terms:
            word = term.words[here.folder]
            others = nodes.paragraph(classes=["elsewhere"])
            # The English word stands there, whether or not an edition is in English.
            for language in dict.fromkeys((*LANGUAGES, ENGLISH)):
                if language != here:
                    other = term.words.get(language.folder, term.english)
                    each = _inline("", "word")
                    each += [_inline(language.folder, "code"), nodes.Text(" ")]
                    each += _inline(other, f"language-{language.tag}")
                    others += [each, nodes.Text(" ")]
            meaning = term.means[here.folder]
            means = nodes.definition("", nodes.paragraph(meaning, meaning), others)
            if links := used.get(term.id):
                means += nodes.paragraph("", f"{said} ", classes=["used"])
                for k, link in enumerate(links):
                    means[-1] += [nodes.Text(", ")] * bool(k) + [link]
            name = nodes.term(word, word, ids=[term.id], also=term.also[here.folder])
            listed += nodes.definition_list_item("", name, means)
        # Inside this node, Sphinx gives each term a link to itself.
        return [_letters(listed), addnodes.glossary("", listed, sorted=False)]

    def used(self, folder: str) -> dict[str, list[nodes.reference]]:
        """Return links to where the chapters of a language use each term."""
        found: dict[str, list[nodes.reference]] = {}
        for path in find_notebooks(folder):
            self.env.note_dependency(str(path))
            page = self.env.path2doc(str(path))
            if page is None or page not in self.env.found_docs:
                continue
            title = re.match(r"# (.+)", read(path).cells[0].source)
            address = self.env.app.builder.get_relative_uri(self.env.docname, page)
            for term, section in _uses(path):
                name = title[1] if title else path.stem
                link = nodes.reference("", name, refuri=f"{address}#{section}")
                found.setdefault(term, []).append(link)
        return found


def _letters(listed: nodes.definition_list) -> nodes.paragraph:
    """Return links to the first term of each letter."""
    row = nodes.paragraph(classes=["letters"])
    seen = set()
    for term in listed.findall(nodes.term):
        letter = glossary.sort_key(term.astext())[0].upper()
        if letter not in seen:
            seen.add(letter)
            row += nodes.reference("", letter, refid=term["ids"][0], internal=True)
    return row


def _let_link(app: Sphinx, doctree: nodes.document) -> None:
    """Tell MyST that `glossary.md#ID` exists; it knows headings only."""
    slugs = {
        name: (None, name, term.astext())
        for listed in doctree.findall(addnodes.glossary)
        for term in listed.findall(nodes.term)
        for name in term["ids"]
    }
    if slugs:
        metadata = app.env.metadata[app.env.docname]
        metadata["myst_slugs"] = {**metadata.get("myst_slugs", {}), **slugs}


class Works(SphinxDirective):
    """A list of works, with a line on why to read each: ``key: reason``."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a list with an item for each work."""
        self.env.note_dependency(str(ROOT / references.FILE))
        language = language_of(Path(self.env.doc2path(self.env.docname)))
        translate = translations(language.catalogue).gettext
        and_others = translate("and others")
        works = references.load(ROOT)
        listed = nodes.bullet_list(classes=["works"])
        for line in filter(None, self.content):
            key, _, reason = (part.strip() for part in line.partition(":"))
            if key not in works:
                logger.warning("no such work: %r", key, location=self.get_location())
                continue
            shown, messages = self.state.inline_text(reason, self.lineno)
            why = nodes.paragraph("", "", *shown, *messages, classes=["reason"])
            listed += nodes.list_item("", _work(works[key], and_others), why)
        return [listed]


def _work(work: references.Work, and_others: str) -> nodes.paragraph:
    """Return who wrote a work, when, what it is called and where it stands."""
    authors = list(work.authors)
    names = f"{authors[0]} {and_others}" if work.is_long else "; ".join(authors)
    year = f" ({work.year})" if work.year else ""
    title = nodes.reference(
        "", "", _inline(work.title, "language-en"), refuri=work.address
    )
    line = nodes.paragraph("", "", nodes.Text(f"{names}{year}. "), title)
    if work.place:
        line += [nodes.Text(". "), _inline(work.place, "place", "language-en")]
    line += nodes.Text(".")
    return line


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        The extension's metadata.
    """
    app.add_directive("terms", Terms)
    app.add_directive("works", Works)
    app.connect("doctree-read", _let_link, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
