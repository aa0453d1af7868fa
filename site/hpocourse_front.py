"""The figure of the front page: one of a chapter's, as that chapter drew it."""

from collections.abc import Iterable
from html import escape
from typing import Any

from docutils import nodes
from hpocourse_html import BOOK, image_size, language_at, source_of
from hpocourse_pages import translations
from sphinx.application import Sphinx
from sphinx.util.images import guess_mimetype

from tools.notebooks import read

__all__ = ["setup"]

#: The chapter, and the cell that draws.
CHAPTER, CELL = "bayesian-optimization", "draws-drawn"
#: What the figure stands before.
PLACE = '<section id="map"'

FIGURE = """<figure class="front">
<a href="{href}"><div class="cell_output"><img src="{src}" alt="{alt}" width="{width}" \
height="{height}"></div></a>
<figcaption>{caption}</figcaption>
</figure>
"""


def _chapter(app: Sphinx, docname: str) -> str | None:
    """Return the chapter of the same language as a front page, if it is one."""
    folder, _slash, slug = docname.rpartition("/")
    chapter = f"{folder}/{CHAPTER}" if folder else CHAPTER
    return chapter if slug == "index" and chapter in app.env.found_docs else None


def _note(app: Sphinx, doctree: nodes.document) -> None:
    """Let a front page be written again when the chapter has changed."""
    if chapter := _chapter(app, app.env.docname):
        app.env.note_dependency(app.env.doc2path(chapter))


def _preferred(app: Sphinx, images: Iterable[nodes.image]) -> nodes.image:
    """Return the form of a figure that its chapter shows: a drawing, if there is one.

    What a cell puts out is in the doctree in all its forms; only one is copied.
    """
    types = app.builder.supported_image_types
    return min(images, key=lambda image: types.index(guess_mimetype(image["uri"])))


def _show(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    chapter = _chapter(app, pagename)
    if doctree is None or chapter is None:
        return
    cells = {cell.id: cell for cell in read(BOOK / str(source_of(app, chapter))).cells}
    alt = cells[CELL].metadata["mystnb"]["image"]["alt"]
    images = app.env.get_doctree(chapter).findall(nodes.image)
    image = _preferred(app, (each for each in images if each.get("alt") == alt))
    width, height = image_size(app, image)
    href = app.builder.get_relative_uri(pagename, chapter)
    title = escape(app.env.titles[chapter].astext())
    translate = translations(language_at(app, pagename).catalogue).gettext
    caption = translate(
        "What a model believes before and after four measurements. From {chapter}."
    ).format(chapter=f'<a href="{href}">{title}</a>')
    figure = FIGURE.format(
        href=href,
        src=context["pathto"](f"_images/{app.env.images[image['uri']][1]}", 1),
        alt=escape(alt),
        width=width,
        height=height,
        caption=caption,
    )
    context["body"] = context["body"].replace(PLACE, figure + PLACE, 1)
    context["has_figure"] = True


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the figure with Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        The extension's metadata.
    """
    app.connect("doctree-read", _note)
    app.connect("html-page-context", _show)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
