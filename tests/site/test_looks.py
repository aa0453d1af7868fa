"""What was seen when pages were looked at: tables, lines, the bar, the experiment.

Each test looks at the page as it is and as it would be without the mend.
"""

import re
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from hpocourse_formulas import glue
from hpocourse_pages import LANGUAGES
from hpocourse_tables import tidy_table

FOLDERS = [language.folder for language in LANGUAGES]
browser = pytest.mark.needs("chromium")
DESK = {"viewport": {"width": 1280, "height": 900}}
TELEPHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}

# --- Tables of pandas --------------------------------------------------------------

FRAME = (
    '<table border="1" class="dataframe"><thead><tr><th></th>{heads}</tr></thead>'
    "<tbody>{rows}</tbody></table>"
)


def frame(labels, heads):
    rows = "".join(f"<tr><th>{label}</th><td>1.5</td></tr>" for label in labels)
    return FRAME.format(heads="".join(f"<th>{h}</th>" for h in heads), rows=rows)


@pytest.mark.parametrize(
    ("labels", "heads", "idle"),
    [
        (["0", "1", "2"], ["C"], True),
        (["0", "2"], ["C"], False),
        (["train", "test"], ["C"], False),
        (["0", "1"], ["0"], False),
    ],
)
def test_a_column_that_only_counts_is_left_out(labels, heads, idle):
    tidy = tidy_table(frame(labels, heads))
    assert (f"<th>{labels[0]}</th>" not in tidy) == (idle or labels[0] == "train")
    assert "<th></th>" not in tidy


def test_pages_show_tidy_tables(chapters, read):
    for _, path in chapters:
        for table in read(path).select("table.dataframe"):
            assert tidy_table(str(table)) == str(table)


def marked(html):
    """Return the texts of the cells that are marked as words."""
    page = BeautifulSoup(tidy_table(html), "html.parser")
    return [cell.get_text() for cell in page.select(".words")]


def test_columns_of_words_are_marked():
    assert marked(frame(["train", "test"], ["C"])) == ["", "train", "test"]
    assert marked(frame(["0.1 s", "NaN", "-3"], ["C"])) == []
    # A label of two rows, and a head of two columns.
    html = (
        '<table class="dataframe"><thead><tr><th></th><th colspan="2">both</th></tr>'
        "<tr><th>n</th><th>how</th><th>score</th></tr></thead>"
        '<tbody><tr><th rowspan="2">10</th><td>grid</td><td>0.5</td></tr>'
        "<tr><td>random</td><td>—</td></tr></tbody></table>"
    )
    assert marked(html) == ["how", "grid", "random"]


def test_a_table_has_no_styles_for_others():
    style = "<style scoped>.dataframe thead tr th { text-align: left; }</style>"
    assert "<style" not in tidy_table(style + frame(["a"], ["C"]))


def crooked(page):
    """Return the heads that stand at another side than the cells below them."""
    return page.evaluate(
        """() => [...document.querySelectorAll("article table.dataframe")].flatMap(
          (table) => {
            const heads = [...table.tHead.rows];
            const merged = table.querySelector("[rowspan], [colspan]");
            if (heads.length > 1 || merged) return [];
            const side = (cell) => getComputedStyle(cell).textAlign;
            const below = [...table.tBodies[0].rows[0].cells];
            return [...heads[0].cells]
              .filter((head, k) => head.textContent && side(head) !== side(below[k]))
              .map((head) => head.textContent);
          })"""
    )


@browser
def test_heads_stand_over_their_columns(address, visit):
    page = visit(f"{address}pt/choosing-a-method.html", **DESK)
    assert page.locator("table.dataframe .words").count() > 20
    assert crooked(page) == []
    # As it was: a table with more heads brought this, and it held for all.
    page.add_style_tag(content=".dataframe thead tr th { text-align: left; }")
    page.add_style_tag(content="article .dataframe td.words { text-align: right; }")
    assert len(crooked(page)) > 5


# --- Lines -------------------------------------------------------------------------

# A space where a line may be broken, before a dash or inside "1 ± 2" and "n = 3"; the
# hyphen of a single letter.
LOOSE = re.compile(r"\S[ \n][—–][ \n]|\d ± |± \d|\b\w [=≈] \d|\b\w-\w|\w-\w\b")


# What is no prose, or is held already.
OTHER = (
    "pre, code, script, style, svg, table, .katex, .cell_output, .whole, .language-en"
)


def loose(page):
    """Return the places of a page's prose where what belongs together may part."""
    article = page.select_one("article")
    others = {id(each) for each in article.select(OTHER)}
    return [
        text.strip()[:60]
        for text in article.find_all(string=LOOSE)
        if not any(id(each) in others for each in text.parents)
    ]


def test_no_line_begins_with_a_dash(chapters, read):
    for _, path in chapters:
        assert loose(read(path)) == [], path


def test_a_loose_dash_is_found():
    page = BeautifulSoup(
        "<article><p>один — два</p><p>один\xa0— два</p><p>1 ± 2, n = 3</p>"
        '<p>k-fold <span class="whole">k-fold</span> scikit-learn</p></article>',
        "html.parser",
    )
    assert loose(page) == ["один — два", "1 ± 2, n = 3", "k-fold"]


def test_a_word_that_begins_with_a_formula_is_whole():
    document = new_document("", get_default_settings())
    document += nodes.paragraph(
        "", "", nodes.Text("a "), nodes.math("", "p"), nodes.Text("-value, small")
    )
    glue(document)
    (whole,) = document.findall(nodes.inline)
    assert whole.astext() == "p-value,"
    assert document.astext() == "a p-value, small"


# --- Lists beside the text ----------------------------------------------------------

# Words that stand on two lines, though not at a hyphen.
BROKEN = """() => {
  const found = [];
  for (const link of document.querySelectorAll("nav.here a, nav.contents a")) {
    if (!link.getClientRects().length) continue;
    const walker = document.createTreeWalker(link, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode;
      for (const { 0: word, index } of text.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => top));
        if (lines.size > 1) found.push(word);
      }
    }
  }
  return found;
}"""


@browser
@pytest.mark.parametrize("folder", FOLDERS)
def test_contents_break_no_word(address, site, visit, folder):
    page = visit(f"{address}{folder}/index.html", **DESK)
    for path in sorted((site / folder).glob("*.html")):
        page.goto(f"{address}{folder}/{path.name}")
        assert page.evaluate(BROKEN) == [], path
    if folder == "ru":
        page.goto(f"{address}ru/bayesian-optimization.html")
        page.add_style_tag(content=".here a { padding-right: 0.9rem !important; }")
        assert page.evaluate(BROKEN) == ["последовательностью"]


# --- The package --------------------------------------------------------------------


def test_quotes_of_code_are_those_of_code(site, read):
    for folder in FOLDERS:
        page = read(site / folder / "api-search.html")
        shown = {each.get_text() for each in page.select(".kind")}
        assert "'maximize', 'minimize'" in shown or '"maximize", "minimize"' in shown
        assert not [each for each in shown if set(each) & set("“”‘’„«»")]


@browser
def test_a_line_below_code_hides_no_underscore(address, visit):
    page = visit(f"{address}ru/api.html", **DESK)
    code = page.locator("article dd > p a > code", has_text="_").first

    def is_underlined():
        """Tell whether the line of the link runs through its code, too."""
        return code.evaluate("each => getComputedStyle(each).display === 'inline'")

    assert not is_underlined()
    assert code.evaluate(
        """each => getComputedStyle(each).borderBottomColor
          === getComputedStyle(each).color"""
    )
    page.add_style_tag(content="article a code { display: inline !important; }")
    assert is_underlined()


# --- The bar, the search, the glossary -----------------------------------------------


@browser
def test_icons_of_the_bar_are_at_one_distance(address, visit):
    page = visit(f"{address}pt/grid-search.html", **TELEPHONE)

    def gaps():
        boxes = page.locator(".top > :is(.find, .sections, .languages, .mode) .icon")
        middle = [
            box.bounding_box()["x"] + box.bounding_box()["width"] / 2
            for box in boxes.all()
            if box.is_visible()
        ]
        return [round(b - a) for a, b in pairwise(middle)]

    assert max(gaps()) - min(gaps()) <= 2
    page.add_style_tag(content=".tool.find { justify-content: start !important; }")
    assert max(gaps()) - min(gaps()) > 2


@browser
def test_a_search_says_that_more_was_found(address, visit):
    page = visit(f"{address}pt/search.html?q=busca", **DESK)
    page.wait_for_selector("#find-here li")
    assert page.locator("#find-here li").count() == 20
    assert "20+" in page.locator("#find-here [role=status]").inner_text()
    page.fill("#find-here input", "hipervolume")
    page.wait_for_timeout(200)
    count = page.locator("#find-here li").count()
    assert 0 < count < 20
    status = page.locator("#find-here [role=status]").inner_text()
    assert status.startswith(f"{count} ")


@browser
def test_the_filter_of_the_glossary_says_that_nothing_is_left(address, visit):
    page = visit(f"{address}es/glossary.html", **DESK)
    nothing = page.locator("dl.terms + p[role=status]")
    assert nothing.inner_text() == ""
    page.fill("input.sift", "qqqq")
    assert nothing.inner_text() != ""
    # A letter leads to a term that the filter had hidden.
    letter = page.locator(".letters a").nth(3)
    letter.click()
    target = letter.get_attribute("href").removeprefix("#")
    assert page.locator(f"[id='{target}']").is_visible()
    assert page.input_value("input.sift") == ""


# --- The experiment ---------------------------------------------------------------


@browser
def test_the_experiment_is_large_enough_for_a_finger(address, visit):
    page = visit(f"{address}ru/be-the-optimizer.html", **TELEPHONE)
    game = page.locator("[data-experiment=curve]")
    assert game.locator("svg").bounding_box()["height"] > 240
    game.locator(".controls button").tap()
    assert game.locator("circle.seen").bounding_box()["width"] >= 8


@browser
def test_buttons_of_the_experiment_keep_a_distance(address, visit):
    page = visit(f"{address}es/be-the-optimizer.html", **TELEPHONE)
    for _ in range(10):
        page.locator("[data-experiment=curve] .controls button").tap()

    def near():
        """Return which neighbors of a button touch it."""
        return page.evaluate(
            """() => [...document.querySelectorAll("[data-experiment] button")]
              .flatMap((one) => {
                const a = one.getBoundingClientRect();
                const all = one.closest("[data-experiment]")
                  .querySelectorAll("button, details, svg, .rounds a");
                return [...all].filter((other) => {
                  const b = other.getBoundingClientRect();
                  const away = Math.max(b.left - a.right, a.left - b.right,
                    b.top - a.bottom, a.top - b.bottom);
                  return other !== one && away < 3;
                }).map((other) => `${one.textContent} | ${other.textContent}`);
              })"""
        )

    assert near() == []
    page.add_style_tag(
        content="[data-experiment] .rounds { display: block !important }"
        "[data-experiment] .end button { margin: 0 !important }"
    )
    assert len(near()) > 2
