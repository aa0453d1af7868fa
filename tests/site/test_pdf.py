"""An edition as one text, and that text printed as a book."""

import re

import pytest
from bs4 import BeautifulSoup
from hpocourse_pages import LANGUAGES, addresses, get_language, translations
from PIL import Image
from pypdf import PdfReader

from tools import pdf
from tools.paper import Answer, Page, Part, _label, gather

LANGUAGE = get_language("ru")
ROWS = 120
PIXELS = (800, 400)


@pytest.fixture(scope="module")
def gathered(site):
    """Return each edition as parts of a book."""
    return {language.folder: gather(language.folder) for language in LANGUAGES}


def pages_in(parts):
    return [page for part in parts for page in part.pages]


# --- One text ------------------------------------------------------------------


def dangling(parts):
    """Return the links inside a book that lead nowhere, and ids that stand twice."""
    text = "".join(
        page.html + "".join(f'<i id="{x.id}">{x.html}</i>' for x in page.answers)
        for page in pages_in(parts)
    )
    book = BeautifulSoup(text, "html.parser")
    ids = [tag["id"] for tag in book.find_all(id=True)]
    targets = {a["href"].removeprefix("#") for a in book.select("a[href^='#']")}
    return targets - set(ids), {each for each in ids if ids.count(each) > 1}


def test_a_book_holds_what_it_links_to(gathered):
    for parts in gathered.values():
        assert dangling(parts) == (set(), set())


def test_links_that_lead_nowhere_are_found():
    page = Page("a", "A", '<p id="a"></p><a href="#b">x</a><p id="a"></p>')
    assert dangling([Part("", [page])]) == ({"b"}, {"a"})


def test_a_book_holds_every_page_that_can_be_printed(gathered, site, read):
    shown = {page.id for page in pages_in(gathered["pt"])}
    files = {
        path.relative_to(site / "pt").with_suffix("").as_posix().replace("/", "-")
        for path in (site / "pt").rglob("*.html")
    }
    package = {name for name in files if re.match("api(-|$)", name)}
    assert len(package) > 8
    assert files - shown == package | {"be-the-optimizer", "search"}
    titles = [page.title for page in pages_in(gathered["pt"])]
    assert "3. Busca em grade" in titles
    assert [part.caption for part in gathered["pt"]][1:3] == ["", "Exercícios"]


def test_answers_stand_at_the_end_and_are_not_lost(gathered, site, read):
    for folder, parts in gathered.items():
        pages = {page.id: page for page in pages_in(parts)}
        for name in ("grid-search", "exercises/grid-search"):
            source = read(site / folder / f"{name}.html").select(
                "article details:not(.hidden)"
            )
            page = pages[name.replace("/", "-")]
            assert len(page.answers) == len(source) >= 5
            for answer, details in zip(page.answers, source, strict=True):
                assert f'href="#{answer.id}"' in page.html
                assert f'id="{answer.id}-asked"' in page.html
                copied = BeautifulSoup(answer.html, "html.parser").get_text()
                first = details.find_all(["p", "pre"])[-1].find(string=True)
                assert first.strip() in copied
        labels = [answer.label for answer in pages["grid-search"].answers]
        assert labels[:3] == ["1.", "2.", "3."]


def test_no_two_answers_of_a_page_have_one_name(gathered):
    for parts in gathered.values():
        for page in pages_in(parts):
            labels = [answer.label for answer in page.answers]
            assert len(labels) == len(set(labels)), page.id
    names = {x.label for p in pages_in(gathered["es"]) for x in p.answers}
    assert {"Cambia una cosa, 1.", "Cambia una cosa, 2."} <= names


def test_what_an_answer_answers_is_told():
    text = """<section><h2>Check</h2><p><strong>1.</strong> a</p><details/>
      <p><strong>2.</strong> b</p><details/></section>
      <section><h2>Task</h2><p><strong>Note</strong></p><details/></section>
      <section><h2>Change</h2><p><strong>1.</strong> a</p><details/></section>"""
    page = BeautifulSoup(
        text.replace("<details/>", "<details></details>"), "html.parser"
    )
    labels = [_label(x, page.section) for x in page.find_all("details")]
    assert labels == ["1.", "2.", "Task", "Change, 1."]


def test_links_to_what_is_not_printed_lead_to_the_site(gathered):
    page = next(p for p in pages_in(gathered["es"]) if p.id == "index")
    assert f'{addresses()["site"]}es/api.html"' in page.html
    assert f'{addresses()["site"]}es/be-the-optimizer.html"' in page.html


# --- On paper ------------------------------------------------------------------


@pytest.fixture(scope="module")
def book(gathered, tmp_path_factory):
    """Return a book of a chapter, its exercises and a page that was made up."""
    wanted = {"grid-search", "exercises-grid-search"}
    parts = [
        Part(part.caption, [page for page in part.pages if page.id in wanted])
        for part in gathered[LANGUAGE.folder]
    ]
    rows = "".join(f"<tr><td>row {k}</td></tr>" for k in range(ROWS))
    table = f"<table><thead><tr><th>Head</th></tr></thead><tbody>{rows}</tbody></table>"
    wide = f"<pre>{'x' * 79}</pre>"
    picture = tmp_path_factory.mktemp("picture") / "sharp.png"
    Image.new("RGB", PIXELS, "red").save(picture)
    figure = (
        f'<figure><img src="{picture.as_uri()}" width="{PIXELS[0] // 2}" '
        f'height="{PIXELS[1] // 2}"></figure>'
    )
    text = f'<h1 id="made">Made up</h1>{table}{wide}{figure}'
    made = Page("made", 'Made "up" \\ <x>', text)
    made.answers = [Answer("made--answer-1", "1.", "<p>Answered.</p>")]
    parts.append(Part("Больше", [made]))
    return PdfReader(pdf.bind(LANGUAGE, parts, tmp_path_factory.mktemp("pdf")))


@pytest.fixture(scope="module")
def texts(book):
    return [" ".join(page.extract_text().split()) for page in book.pages]


def flat(outline):
    for each in outline:
        if isinstance(each, list):
            yield from flat(each)
        else:
            yield each


@pytest.mark.needs("chromium")
def test_a_book_says_what_it_is(book, texts):
    assert book.trailer["/Root"]["/Lang"] == LANGUAGE.tag
    title = translations(LANGUAGE.catalogue).gettext("Hyperparameter optimization")
    assert book.metadata.title == title
    assert title in texts[0].replace("- ", "")


def plain(title):
    """Return a title with plain spaces, also where a line is not to end."""
    return " ".join(title.split())


@pytest.mark.needs("chromium")
def test_contents_and_bookmarks_lead_to_their_pages(book, texts, gathered):
    pages = pdf.pages_of(book)
    chapter = next(p for p in pages_in(gathered["ru"]) if p.id == "grid-search")
    listed = [("grid-search", chapter.title), *chapter.sections]
    assert len(listed) > 8
    for place, title in listed:
        assert title.replace(" ", "") in texts[pages[place] - 1].replace(" ", "")
        letters = r"\s*".join(map(re.escape, title.replace(" ", "")))
        line = rf"{letters}\s*{pages[place]}(?!\d)"
        assert re.search(line, " ".join(texts[1:4])), title
    marks = {
        plain(mark.title): book.get_destination_page_number(mark) + 1
        for mark in reversed(list(flat(book.outline)))  # the answers name it again
    }
    assert marks[plain(chapter.title)] == pages["grid-search"]
    there = {plain(title): pages[place] for place, title in listed}
    assert marks.items() >= there.items()


@pytest.mark.needs("chromium")
def test_pages_are_numbered_and_say_where_one_is(texts, gathered):
    assert not re.search(r"\b1\b", texts[0].replace("0.1.0", ""))
    chapter = next(p for p in pages_in(gathered["ru"]) if p.id == "grid-search")
    for k, text in enumerate(texts[1:], 2):
        assert re.search(rf"(^|\D){k}($|\D)", text)
    assert sum(chapter.title in text for text in texts) > 10
    assert any('Made "up" \\ <x>' in text for text in texts)


@pytest.mark.needs("chromium")
def test_a_table_shows_its_heads_on_each_page(texts):
    of_table = [text for text in texts if re.search(r"row \d+", text)]
    assert len(of_table) > 1
    assert all("Head" in text for text in of_table)
    assert sum(len(re.findall(r"row \d+", text)) for text in of_table) == ROWS


@pytest.mark.needs("chromium")
def test_a_line_of_code_is_not_broken(book):
    assert any("x" * 79 in page.extract_text() for page in book.pages)


@pytest.mark.needs("chromium")
def test_a_sharp_figure_is_as_large_as_on_the_site(book):
    drawn = []

    def note(operator, operands, matrix, text_matrix):
        if operator == b"Do":
            resource = page["/Resources"]["/XObject"][operands[0]]
            if (resource.get("/Width"), resource.get("/Height")) == PIXELS:
                drawn.append((abs(matrix[0]), abs(matrix[3])))

    for page in book.pages:
        page.extract_text(visitor_operand_before=note)
    points = 72 / 96  # of paper, for each of the site's pixels
    assert drawn == [pytest.approx([n / 2 * points for n in PIXELS], abs=1)]


# The margins of a page, in points; what runs above and below the text stands in them.
TOP, BOTTOM = 22 / 25.4 * 72, 20 / 25.4 * 72


def lines_of(page):
    """Return the lines of a page's text from top to bottom, as they are seen."""
    rows = {}

    def note(text, matrix, text_matrix, *_):
        x, y = text_matrix[4:]
        height = matrix[1] * x + matrix[3] * y + matrix[5]
        if text.strip() and BOTTOM < height < float(page.mediabox.height) - TOP:
            rows.setdefault(round(height), []).append(text)

    page.extract_text(visitor_text=note)
    return ["".join(rows[height]) for height in sorted(rows, reverse=True)]


def stranded(lines, titles):
    """Return the heading that ends a page, of one line or of several, if one does."""
    bare = {"".join(title.split()): title for title in titles}
    end = ""
    for line in reversed(lines[-4:]):
        end = "".join(line.split()) + end
        if end in bare:
            return bare[end]
    return None


@pytest.mark.needs("chromium")
def test_no_heading_ends_a_page(book):
    titles = {mark.title for mark in flat(book.outline)}
    pages = [lines_of(page) for page in book.pages]
    seen = {line.replace(" ", "") for lines in pages for line in lines}
    assert len({title for title in titles if title.replace(" ", "") in seen}) > 10
    found = {k: stranded(lines, titles) for k, lines in enumerate(pages, 1)}
    assert {k: title for k, title in found.items() if title} == {}


@pytest.mark.needs("chromium")
def test_headings_that_end_a_page_are_found(tmp_path):
    title = "A heading of so many words that no line of a page is wide enough for it"
    text = '<h1 id="made">Made up</h1>' + "".join(
        f'<section id="{k}"><h2>{heading}</h2><p style="break-before: page">Text.</p>'
        "</section>"
        for k, heading in enumerate([title, "Short"])
    )
    parts = [Part("", [Page("made", "Made up", text)])]
    bound = PdfReader(pdf.bind(LANGUAGE, parts, tmp_path))
    titles = {mark.title for mark in flat(bound.outline)}
    found = [stranded(lines_of(page), titles) for page in bound.pages]
    # The last page is the answers' heading, and no answers.
    assert [each and each.replace(" ", "") for each in found[2:-1]] == [
        title.replace(" ", ""),
        "Short",
        None,
    ]


def test_a_heading_that_ends_a_page_is_found():
    titles = {"Heading", "A long heading"}
    assert stranded(["Text.", "Heading"], titles) == "Heading"
    assert stranded(["Text.", "A long", "heading"], titles) == "A long heading"
    assert stranded(["Heading", "Text."], titles) is None
    assert stranded(["Text of a", "Heading that goes on"], titles) is None


@pytest.mark.needs("chromium")
def test_links_lead_into_the_book_and_out_of_it(book):
    inside, outside = 0, set()
    for page in book.pages:
        for note in page.get("/Annots") or []:
            action = note.get_object().get("/A", {})
            if "/URI" in action:
                outside.add(action["/URI"])
            else:
                inside += 1
    assert inside > 30
    assert f"{addresses()['site']}ru/" in outside


def test_a_reference_to_a_page_that_is_not_there_is_told():
    with pytest.raises(KeyError, match="gone"):
        pdf.number('<span data-page="gone"></span>', {"here": 1})


def test_a_machine_without_chromium_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="apt-get install chromium"):
        pdf.find_chromium()
