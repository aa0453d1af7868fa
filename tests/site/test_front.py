"""The figure of the front pages: the chapter's own, described, and never old."""

import shutil
from types import SimpleNamespace

import hpocourse_front
import pytest
from docutils import nodes
from hpocourse_front import CELL, CHAPTER
from hpocourse_pages import LANGUAGES, ROOT

from tools.notebooks import read as read_notebook

PATH = f"pt/{CHAPTER}.ipynb"
EMPTY = nodes.document(None, None)
FOLDERS = [language.folder for language in LANGUAGES]


@pytest.mark.parametrize("folder", FOLDERS)
def test_front_page_has_a_figure_of_a_chapter(site, read, folder):
    page = read(site / folder / "index.html")
    (figure,) = page.select("figure.front")
    path = ROOT / "book" / folder / f"{CHAPTER}.ipynb"
    (cell,) = (cell for cell in read_notebook(path).cells if cell.id == CELL)
    assert figure.img["alt"] == cell.metadata["mystnb"]["image"]["alt"]
    assert (site / folder / figure.img["src"]).is_file()
    chapter = read(site / folder / f"{CHAPTER}.html")
    assert figure.img["src"] in {image["src"] for image in chapter.select("img")}
    assert {link["href"] for link in figure.select("a")} == {f"{CHAPTER}.html"}
    assert figure.figcaption.a.text in chapter.title.text
    assert page.select_one("filter#on-dark")
    assert figure.find_next("section")["id"] == "map"


def test_a_chapter_that_is_not_executed_yet_is_told(monkeypatch):
    told = []
    logger = SimpleNamespace(warning=lambda text, *values: told.append(text % values))
    monkeypatch.setattr(hpocourse_front, "LOGGER", logger)
    monkeypatch.setattr(hpocourse_front, "source_of", lambda app, docname: PATH)
    env = SimpleNamespace(found_docs={CHAPTER}, get_doctree=lambda name: EMPTY)
    context = {"body": "<section>"}
    hpocourse_front._show(
        SimpleNamespace(env=env), "index", "page.html", context, EMPTY
    )
    assert context == {"body": "<section>"}
    assert told == [f"{CHAPTER} has no figure {CELL!r} yet: `make run`"]


def with_front_figure(paths, read):
    """Return the pages that show the figure of the front pages but are none."""
    return [
        path
        for path in paths
        if path.stem != "index" and read(path).select("figure.front")
    ]


def test_other_pages_have_none(chapters, read):
    paths = [path for _language, path in chapters]
    assert len(paths) > 2 * len(FOLDERS)
    assert with_front_figure(paths, read) == []


def test_another_page_with_the_figure_is_found(site, read, tmp_path):
    other = tmp_path / "glossary.html"
    shutil.copy(site / "pt" / "index.html", other)
    assert with_front_figure([other, site / "pt" / "index.html"], read) == [other]
