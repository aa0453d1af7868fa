"""The copies of the editions for reading without a network."""

from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup
from hpocourse_pages import LANGUAGES, addresses, get_language, version

from tools import offline
from tools.exercises import find_exercises, split
from tools.notebooks import ROOT, read

SITE = addresses()["site"]
LANGUAGE = get_language("ru")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the package's wheel as the copies have it."""
    return offline.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def copies(site, wheel, tmp_path_factory):
    """Return each language's copy, unpacked where names have spaces and accents."""
    folder = tmp_path_factory.mktemp("Área de trabalho Мои книги")
    for language in LANGUAGES:
        with ZipFile(offline.pack(language, wheel, folder)) as archive:
            archive.extractall(folder)
    return {x.folder: folder / f"hpocourse-{x.folder}" for x in LANGUAGES}


def leads_nowhere(copy):
    """Return the links and files of a copy's pages that it does not hold."""
    faults = []
    for path in sorted(copy.rglob("*.html")):
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for tag in page.find_all(["a", "link", "script", "img"]):
            target = urlsplit(tag.get("href") or tag.get("src") or "")
            if target.scheme or target.netloc or not target.path:
                continue
            file = (path.parent / unquote(target.path)).resolve()
            if not file.is_file() or copy.resolve() not in file.parents:
                faults.append((path.name, target.path))
    return faults


def test_a_copy_holds_what_its_pages_link_to(copies):
    for copy in copies.values():
        assert leads_nowhere(copy) == []


def test_what_a_copy_lacks_is_found(tmp_path):
    copy = tmp_path / "hpocourse-pt"
    copy.mkdir()
    (tmp_path / "outside.html").touch()
    text = '<a href="gone.html">x</a><img src="../outside.html"><a href="https://a.b">'
    (copy / "index.html").write_text(text, "utf-8")
    found = [("index.html", "gone.html"), ("index.html", "../outside.html")]
    assert leads_nowhere(copy) == found


def secrets(notebook):
    """Return the lines of an exercise that only its author may have."""
    kept, secret = set(), set()
    for cell in notebook.cells:
        for kind, text in split(cell.source):
            lines = {line.strip() for line in text.split("\n") if len(line) > 15}
            (secret if kind else kept).update(lines)
    return secret - kept


def test_a_copy_has_every_notebook_and_no_secret(copies):
    for language in LANGUAGES:
        notebooks = copies[language.folder] / offline.NOTEBOOKS
        chapters = (ROOT / "book" / language.folder).glob("*.ipynb")
        assert {path.name for path in notebooks.glob("*.ipynb")} == {
            path.name for path in chapters
        }
        exercises = find_exercises(language.folder)
        assert exercises
        for path in exercises:
            cells = read(notebooks / "exercises" / path.name).cells
            given = "\n".join(cell.source for cell in cells)
            hidden = secrets(read(path))
            assert len(hidden) > 10
            assert "### BEGIN" not in given
            assert not {line for line in hidden if line in given}


def test_a_copy_has_the_wheel_and_says_how_to_install_it(copies, wheel):
    for folder, copy in copies.items():
        assert (copy / wheel.name).read_bytes() == wheel.read_bytes()
        page = BeautifulSoup((copy / "index.html").read_text("utf-8"), "html.parser")
        assert page.html["lang"] == get_language(folder).tag
        assert f'"{wheel.name}[course,jupyter]"' in page.code.text
        assert version(ROOT) in page.small.text


def test_size_of_the_copies(copies, record_property):
    sizes = {
        path.stem: path.stat().st_size / 1e6
        for path in next(iter(copies.values())).parent.glob("*.zip")
    }
    shown = ", ".join(f"{name} {size:.1f} MB" for name, size in sorted(sizes.items()))
    record_property("summary", f"offline: {shown}")
    assert len(sizes) == len(LANGUAGES)


def test_a_copy_that_is_too_large_is_refused(site, wheel, tmp_path, monkeypatch):
    monkeypatch.setattr(offline, "LIMIT", 1_000_000)
    with pytest.raises(ValueError, match=r"hpocourse-ru\.zip has \d+\.\d MB.*1 MB"):
        offline.pack(LANGUAGE, wheel, tmp_path)


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("../../es/exercises/validation.html", f"{SITE}es/exercises/validation.html"),
        ("../../index.html", f"{SITE}index.html"),
        ("../_sources/exercises/validation.ipynb", "../../notebooks/exercises/{}"),
        ("../validation.html#folds", "../validation.html#folds"),
        ("https://example.org/a", "https://example.org/a"),
        ("#task-1", "#task-1"),
    ],
)
def test_links_hold_in_a_copy(target, leads_to):
    shown = offline.relink(
        f'<a class="x" href="{target}">', "pt/exercises/validation.html", "pt"
    )
    assert shown == f'<a class="x" href="{leads_to.format("validation.ipynb")}">'


@pytest.mark.needs("chromium")
def test_a_copy_is_read_and_searched_without_a_network(copies, visit):
    copy = copies[LANGUAGE.folder]
    page = visit(f"{copy.as_uri()}/index.html", offline=True)
    page.click(".read a")
    page.wait_for_url("**/ru/index.html")
    page.click("nav.contents a[href='grid-search.html']")
    page.wait_for_url("**/ru/grid-search.html")
    page.eval_on_selector_all(
        "article img", "images => images.forEach((x) => { x.loading = 'eager' })"
    )
    page.wait_for_function(
        "[...document.querySelectorAll('article img')].every((x) => x.complete)"
    )
    widths = page.eval_on_selector_all(
        "article img", "images => images.map((image) => image.naturalWidth)"
    )
    assert len(widths) > 3
    assert min(widths) > 0
    page.click("article a[href='exercises/grid-search.html']")
    page.wait_for_url("**/exercises/grid-search.html")
    assert page.get_attribute(".actions a[download]", "href").startswith("../../note")
    page.keyboard.press("/")
    page.keyboard.type("утечка")
    page.wait_for_selector("#finder li[aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ru/glossary.html#leakage")
    switch = page.eval_on_selector_all(
        "details.languages a:not([aria-current])", "links => links.map((x) => x.href)"
    )
    assert all(address.startswith(SITE) for address in switch)
    assert page.foreign == []
    assert page.errors == []
