"""The figure of the front pages: the chapter's own, described, and never old."""

import pytest
from hpocourse_front import CELL, CHAPTER
from hpocourse_pages import LANGUAGES, ROOT

from tools.notebooks import read as read_notebook

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


def test_other_pages_have_none(chapters, read):
    pages = [read(path) for _language, path in chapters if path.stem != "index"]
    assert len(pages) > len(FOLDERS)
    assert not any(page.select("figure.front") for page in pages)
