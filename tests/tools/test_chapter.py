"""A new chapter is laid in all languages, and what is to be written is named."""

import shutil

import pytest

from hpocourse.languages import LANGUAGES
from tools.chapter import lay
from tools.checks import check_page, parity, quiz
from tools.checks.page import Page
from tools.notebooks import ROOT, find_notebooks, read

FOLDERS = [each.folder for each in LANGUAGES]


@pytest.fixture
def root(tmp_path):
    """The book's index and one chapter, in all languages."""
    names = ["pyproject.toml", "hpocourse/__init__.py", "_toc.yml"]
    for folder in FOLDERS:
        names += [f"book/{folder}/{name}.ipynb" for name in ("index", "validation")]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_chapter_has_all_its_places(root):
    made = lay("new-one", "validation", {"pt": "Um novo"}, root)
    assert len(made) == 3 * len(FOLDERS) + 1
    toc = (root / "_toc.yml").read_text("utf-8")
    for folder in FOLDERS:
        assert (
            f"book/{folder}/validation\n              - file: book/{folder}/new-one"
            in toc
        )
        names = [path.stem for path in find_notebooks(folder, root)]
        assert names == ["index", "validation", "new-one"]
        index = read(root / "book" / folder / "index.ipynb")
        rows = "\n".join(cell.source for cell in index.cells).split("\n")
        title = "Um novo" if folder == "pt" else "TODO"
        mine = [i for i, row in enumerate(rows) if f"[{title}](new-one.ipynb)" in row]
        assert mine
        for i in mine:
            assert "(validation.ipynb)" in rows[i - 1]
            assert rows[i].count("|") == rows[i - 1].count("|")


def test_what_is_to_be_written_is_named_and_nothing_else(root):
    lay("new-one", "validation", root=root)
    pages = {
        each: Page.load(root / "book" / each / "new-one.ipynb", root)
        for each in FOLDERS
    }
    for page in pages.values():
        todo = {p.cell for p in check_page(page) if "to be written" in p.message}
        cells = {cell.id for cell in page.notebook.cells} - {"setup"}
        assert todo == cells | {""}
        others = [
            p.message for p in check_page(page) if "to be written" not in p.message
        ]
        assert others == ["the code changed since it was executed: `make run`"]
    assert parity.check(pages, FOLDERS) == []
    assert quiz.check(pages, FOLDERS) == []


@pytest.mark.parametrize(
    ("slug", "after", "titles", "said"),
    [
        ("New One", "validation", {}, "kebab-case, got 'New One'"),
        ("validation", "validation", {}, "validation.ipynb is there already"),
        ("new-one", "gone", {}, "'gone' is no chapter; there are: parameters-and"),
        ("new-one", "grid-search", {}, "no chapter 'grid-search' in 'pt'"),
        # Its line in the table of contents is followed by the chapters below it.
        ("new-one", "index", {}, "'index' is no chapter"),
        ("new-one", "capstone", {}, "'capstone' is no chapter"),
        ("new-one", "exercises/validation", {}, "'exercises/validation' is no chapter"),
        ("new-one", "validation", {"xx": "X"}, "no language 'xx'; there are: pt"),
    ],
)
def test_what_cannot_be_laid_is_named(root, slug, after, titles, said):
    before = sorted(root.rglob("*"))
    with pytest.raises(ValueError, match=said):
        lay(slug, after, titles, root)
    assert sorted(root.rglob("*")) == before
