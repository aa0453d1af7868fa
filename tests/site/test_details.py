"""Small things that readers met: cards, formulas, headings, the glossary, paper.

Each test looks at the page as it is and as it would be without the mend.
"""

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from hpocourse_formulas import glue
from hpocourse_pages import LANGUAGES, ROOT
from PIL import Image

browser = pytest.mark.needs("chromium")
DESK = {"viewport": {"width": 1280, "height": 900}}
TABLET = {"viewport": {"width": 768, "height": 1024}}
TELEPHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
SMALL = {"viewport": {"width": 320, "height": 640}}
FOLDERS = [language.folder for language in LANGUAGES]

# --- The root page and the map of the course --------------------------------------


def html(text):
    return BeautifulSoup(text, "html.parser")


def n_rows(page, cards):
    """Return on how many lines the cards stand."""
    return page.locator(cards).evaluate_all(
        "all => new Set(all.map(each => each.getBoundingClientRect().top)).size"
    )


# What is wider than its card.
CUT = """() => [...document.querySelectorAll(".card *")]
  .filter((each) => each.getBoundingClientRect().right
    > each.closest(".card").getBoundingClientRect().right - 8
    || each.scrollWidth > each.clientWidth + 1 && each.clientWidth)
  .map((each) => each.textContent.trim().slice(0, 30))"""


@browser
@pytest.mark.parametrize("width", [320, 390, 600, 768, 900, 1000, 1280])
def test_cards_of_the_languages_hold_their_words(address, visit, width):
    page = visit(
        f"{address}index.html#languages", viewport={"width": width, "height": 900}
    )
    assert page.locator("h1").inner_text() == "hpocourse"
    assert page.evaluate(CUT) == []
    assert n_rows(page, ".card") == (1 if width > 991 else 3)  # Not two and one.
    page.goto(f"{address}404.html")
    assert page.evaluate(CUT) == []


@browser
def test_words_that_leave_their_card_are_found(address, visit):
    page = visit(f"{address}index.html#languages", **TABLET)
    page.add_style_tag(content="main { grid-template-columns: repeat(3, 8rem) }")
    assert len(page.evaluate(CUT)) >= 3


@browser
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_chapters_are_cards_with_their_times_and_what_was_read(
    address, site, visit, size
):
    page = visit(f"{address}es/validation.html", **size)
    page.click("button.read")
    page.goto(f"{address}es/index.html")
    n_chapters = len(list((site / "es" / "exercises").glob("*.html")))
    assert page.locator("#map tbody tr").count() == n_chapters
    assert page.locator("#map a.read").count() == 1
    times = page.locator("#map tbody tr").first.locator("td:nth-child(n + 3)")
    heads = times.evaluate_all("all => all.map(each => each.dataset.head)")
    assert heads == ["Lectura", "Ejecución"]
    columns = 2 if size is DESK else 1
    assert n_rows(page, "#map tbody tr") == -(-n_chapters // columns)
    page.evaluate("localStorage.clear()")
    page.reload()
    assert page.locator("#map a.read").count() == 0


# --- Formulas and headings -------------------------------------------------------


def paragraph(*parts):
    document = new_document("page", get_default_settings())
    document += nodes.paragraph("", "", *parts)
    return document


def test_punctuation_stays_with_a_short_formula():
    document = paragraph(
        nodes.Text("a value ("), nodes.math("", "x^2"), nodes.Text("), small")
    )
    glue(document)
    assert document.astext() == "a value (x^2), small"
    (whole,) = document.findall(nodes.inline)
    assert whole.astext() == "(x^2),"
    long = paragraph(nodes.math("", "x + " * 20 + "y"), nodes.Text("."))
    glue(long)
    assert not list(long.findall(nodes.inline))


def loose(page):
    """Return the short formulas of a page that punctuation follows on its own."""
    found = []
    for formula in page.select("article span.math"):
        after = formula.next_sibling
        latex = formula.find("annotation")
        is_short = latex is None or len(latex.text) <= 40
        inside = formula.parent.name == "span" and "whole" in formula.parent["class"]
        follows = isinstance(after, str) and after[:1] in set(".,;:")
        if is_short and not inside and follows:
            found.append(f"{formula.text}{after[:10]}")
    return found


def test_no_line_begins_with_a_full_stop(chapters, read):
    assert [each for _, path in chapters for each in loose(read(path))] == []
    bad = '<article>p<span class="math"><annotation>x</annotation></span>. A</article>'
    assert loose(html(bad)) == ["x. A"]


@browser
def test_the_link_of_a_heading_takes_no_line(address, visit):
    """Its sign is as if it were not there, however the words break."""
    page = visit(f"{address}pt/what-to-tune-first.html", **SMALL)
    heights = """() => {
      const all = () => [...document.querySelectorAll("article :is(h1, h2, h3)")]
        .map((each) => each.offsetHeight);
      const before = all();
      document.querySelectorAll("article .headerlink").forEach((each) => {
        each.style.display = "none";
      });
      const after = all();
      document.querySelectorAll("article .headerlink").forEach((each) => {
        each.style.display = "";
      });
      return [before, after];
    }"""
    before, after = page.evaluate(heights)
    assert len(before) > 5
    assert before == after
    page.add_style_tag(content=".headerlink { display: inline; margin: 0 0 0 2.5em }")
    before, after = page.evaluate(heights)
    assert before != after


# --- What shows by the size of the window -----------------------------------------


@browser
def test_a_tablet_shows_which_chapter_one_reads(address, visit):
    page = visit(f"{address}ru/validation.html", **TABLET)
    assert page.inner_text("article h1").rstrip("#").endswith(" Валидация")
    assert page.inner_text(".top .place") == "Валидация"
    page.set_viewport_size(DESK["viewport"])
    assert not page.is_visible(".top .place")


def shown_without_a_mouse(page):
    """Return whether what a mouse would uncover is seen."""
    return page.evaluate(
        """() => [".copy", "article h2 .headerlink"].every((name) =>
          getComputedStyle(document.querySelector(name)).opacity === "1")"""
    )


@browser
def test_copying_and_anchors_need_no_mouse(address, visit):
    assert shown_without_a_mouse(visit(f"{address}pt/optuna.html", **TELEPHONE))
    assert not shown_without_a_mouse(visit(f"{address}pt/optuna.html", **DESK))


# The buttons that stand above the first line of the code they copy.
COVERING = """() => [...document.querySelectorAll("article .copy")]
  .filter((each) => each.getClientRects().length && (() => {
    const lines = document.createRange();
    lines.selectNodeContents(each.parentElement.querySelector("pre"));
    return each.getBoundingClientRect().bottom > lines.getBoundingClientRect().top + 3;
  })()).length"""


@browser
def test_no_button_covers_code_where_it_is_always_seen(address, visit):
    page = visit(f"{address}ru/exercises/grid-search.html", **TELEPHONE)
    assert page.locator("article .copy:visible").count() > 5
    assert page.evaluate(COVERING) == 0
    page.add_style_tag(content=".copy { top: 0.5rem !important }")
    assert page.evaluate(COVERING) > 5


@browser
def test_code_that_is_folded_keeps_79_letters(address, visit):
    page = visit(f"{address}es/exercises/grid-search.html", **DESK)
    folded = page.locator("article details pre")
    page.evaluate(
        "for (const each of document.querySelectorAll('details')) each.open = true"
    )
    assert folded.count() > 2
    width = "each => { each.textContent = 'x'.repeat(79); return each.scrollWidth"
    width += " - each.clientWidth }"
    assert folded.first.evaluate(width) <= 0
    page.add_style_tag(content="article details > div { margin-inline: 0 !important }")
    assert folded.first.evaluate(width) > 0


@browser
def test_code_that_goes_on_casts_a_shadow(address, visit):
    """The cover of the shadow moves with the code, the shadow does not."""
    page = visit(f"{address}pt/optuna.html", **TELEPHONE)
    attachment = page.locator("article .cell_input pre").first.evaluate(
        "each => getComputedStyle(each).backgroundAttachment"
    )
    assert attachment.split(", ")[:4] == ["local", "local", "scroll", "scroll"]


@browser
def test_what_is_folded_is_on_paper(address, visit):
    page = visit(f"{address}es/validation.html", **DESK)
    folded = page.locator("article details.hidden pre").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    page.add_style_tag(
        content="details::details-content { content-visibility: hidden !important }"
    )
    assert not folded.is_visible()


# --- Where one is ------------------------------------------------------------------

# Whether the page one is on is seen in the contents of the course.
LISTED = """() => {
  const list = document.getElementById("contents").getBoundingClientRect();
  const link = [...document.querySelectorAll("#contents a.current")].at(-1);
  const { top, bottom } = link.getBoundingClientRect();
  return top >= list.top && bottom <= Math.min(list.bottom, innerHeight);
}"""


@browser
def test_contents_show_the_page_that_is_open(address, visit):
    page = visit(f"{address}ru/instructors.html", **DESK)
    assert page.evaluate(LISTED)
    assert page.evaluate("scrollY") == 0
    page.evaluate("document.getElementById('contents').scrollTop = 0")
    assert not page.evaluate(LISTED)
    page = visit(f"{address}ru/instructors.html", **TELEPHONE)
    page.click("button.menu")
    page.wait_for_function(LISTED)


def test_chapters_are_mapped_in_the_order_of_their_numbers(site, read):
    for folder in FOLDERS:
        page = read(site / folder / "index.html")
        listed = page.select("#contents > ul .toctree-l1 > a, #contents > p + ul a")
        numbered = [each["href"] for each in listed if each.text[:1].isdigit()]
        cards = [each["href"] for each in page.select("#map tbody a")]
        assert len(cards) > 10
        assert cards == numbered


def test_long_names_are_broken_where_they_have_an_underscore(site, read):
    page = read(site / "es" / "api-search.html")
    names = [each for each in page.select("nav.here .pre") if "_" in each.text]
    assert names
    assert all(each.find("wbr") for each in names)
    assert not page.article.find("wbr")


# --- The glossary ------------------------------------------------------------------


@browser
def test_the_glossary_has_letters_and_leads_back(address, visit):
    page = visit(f"{address}pt/glossary.html", **DESK)
    letters = page.locator(".letters a")
    assert letters.count() > 10
    letters.nth(3).click()
    assert page.evaluate("document.querySelector('dt:target') !== null")
    page.click("dt#seed + dd .used a >> nth=0")
    page.wait_for_url("**/pt/*.html#*")
    assert page.evaluate("document.querySelector(':target') !== null")
    assert page.errors == []


# --- Heads of tables, and the size of what makes the site --------------------------


def empty_heads(page):
    return [each for each in page.select("article th") if not each.get_text(strip=True)]


def test_no_table_has_an_empty_head(chapters, read):
    assert [path for _, path in chapters if empty_heads(read(path))] == []
    assert empty_heads(html("<article><table><th> </th></table></article>"))


def too_long(paths, most=300):
    return [
        path.name for path in paths if len(path.read_text("utf-8").splitlines()) > most
    ]


def test_what_makes_the_site_is_small(tmp_path):
    site = ROOT / "site"
    made = [
        path
        for pattern in ("*.py", "*.js", "*.css", "*.html")
        for path in site.rglob(pattern)
        if not {"katex", "minisearch", "plotly"} & set(path.relative_to(site).parts)
        and path.name != "results.js"
    ]
    made += (ROOT / "tools").rglob("*.py")
    assert len(made) > 60
    assert too_long(made) == []
    (tmp_path / "long.css").write_text("\n" * 301, "utf-8")
    assert too_long(tmp_path.iterdir()) == ["long.css"]


@pytest.mark.parametrize(
    "slug", ["random-search", "bayesian-optimization", "choosing-a-method"]
)
def test_chapters_lead_to_the_experiment(site, read, slug):
    for folder in FOLDERS:
        page = read(site / folder / f"{slug}.html")
        assert page.select('article a[href^="be-the-optimizer.html"]'), folder


def test_a_telephone_has_an_icon_for_its_first_screen(site, read):
    page = read(site / "pt" / "optuna.html")
    (icon,) = page.select('link[rel="apple-touch-icon"]')
    with Image.open((site / "pt" / icon["href"]).resolve()) as image:
        assert image.size == (180, 180)
