"""What a chapter weighs, in every edition, and the fonts that make it light."""

import gzip
import random
import shutil

import pytest
from fontTools.ttLib import TTFont
from hpocourse_fonts import FONTS, letters_of_font, letters_of_formulas, shrink
from hpocourse_pages import LANGUAGES, ROOT

browser = pytest.mark.needs("chromium")
# In bytes: a chapter without its figures, compressed, and its figures together.
GOAL, GOAL_OF_FIGURES = 90_000, 400_000
PACKED = (".woff2", ".png")  # are compressed already
PATIENCE = 300_000  # milliseconds


def size(address, content):
    """Return how many bytes of a file come over the network."""
    return len(content) if address.endswith(PACKED) else len(gzip.compress(content, 9))


# Images of a page, and the letters that its formulas show, by font.
CONTENT = """() => {
  const letters = {};
  for (const formula of document.querySelectorAll(".katex-html")) {
    const texts = document.createTreeWalker(formula, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const style = getComputedStyle(texts.currentNode.parentElement);
      const kind = (style.fontWeight > 500 ? "Bold" : "")
        + (style.fontStyle === "italic" ? "Italic" : "");
      const font = `${style.fontFamily.split(",")[0]}-${kind || "Regular"}`;
      letters[font] = (letters[font] ?? "") + texts.currentNode.data;
    }
  }
  const images = [...document.querySelectorAll("article img")];
  return { letters, images: images.map((each) => each.src) };
}"""


@pytest.fixture(scope="module")
def weigh(chromium):
    """Return a function that opens a page and says what it loads, figures left out.

    The page has another text than the server's, if one is given.
    """
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.route("**/_images/**", lambda route: route.abort())
    known = {}

    def measure(address, text=None):
        page, responses = context.new_page(), []
        page.on("response", lambda response: responses.append(response))
        if text:
            page.route(address, lambda route: route.fulfill(body=text))
        page.goto(address)
        page.evaluate("document.fonts.ready.then(() => true)")
        found = page.evaluate(CONTENT)
        for response in responses:
            if response.url == address or response.url not in known:
                known[response.url] = size(response.url, response.body())
        found["weight"] = sum(known[each.url] for each in responses)
        found["fonts"] = sum(each.url.endswith(".woff2") for each in responses)
        page.close()
        return found

    yield measure
    context.close()


@pytest.fixture(scope="module")
def course(site, address, weigh):
    """Return what each chapter of each edition holds: notebooks beside the index."""
    names = {path.stem for path in (ROOT / "book" / "pt").glob("*.ipynb")} - {"index"}
    places = [f"{each.folder}/{name}" for each in LANGUAGES for name in sorted(names)]
    assert len(places) >= 3 * 16
    return {place: weigh(f"{address}{place}.html") for place in places}


def report(what, weights, goal):
    """Return a line on the heaviest, and those above the goal."""
    worst = max(weights, key=weights.get)
    line = (
        f"{what} of {len(weights)} chapters: at most {weights[worst] / 1000:.1f} kB "
        f"({worst}; goal: {goal / 1000:.0f})"
    )
    return line, {name: n for name, n in weights.items() if n > goal}


@browser
def test_chapters_are_light(course, record_property):
    assert sum(page["fonts"] for page in course.values()) > len(course)
    weights = {place: page["weight"] for place, page in course.items()}
    line, heavy = report("compressed weight without figures", weights, GOAL)
    record_property("summary", line)
    assert heavy == {}


@browser
def test_a_heavy_chapter_is_found(address, weigh, site):
    text = (site / "ru" / "grid-search.html").read_text("utf-8")
    address = f"{address}ru/grid-search.html"
    usual = weigh(address)["weight"]
    noise = random.Random(0).randbytes(GOAL // 2).hex()
    heavy = weigh(address, text.replace("</main>", f"<!--{noise}--></main>"))["weight"]
    assert heavy > usual + GOAL // 3
    assert report("", {"usual": usual, "heavy": heavy}, GOAL)[1] == {"heavy": heavy}


def weight_of_figures(images, address, site):
    """Return the bytes of a page's figures, each counted once."""
    files = {site / image.removeprefix(address) for image in images}
    return sum(size(file.name, file.read_bytes()) for file in files)


@browser
def test_figures_are_light(course, address, site, record_property):
    weights = {
        place: weight_of_figures(page["images"], address, site)
        for place, page in course.items()
    }
    assert min(weights.values()) > 1000
    line, heavy = report("compressed figures", weights, GOAL_OF_FIGURES)
    record_property("summary", line)
    assert heavy == {}


def test_heavy_figures_are_found(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(b"x" * 250_000)
        (tmp_path / f"{name}.svg").write_bytes(b"x" * 250_000)  # compresses well
    weight = weight_of_figures(["http://h/a.png"] * 2, "http://h/", tmp_path)
    both = weight_of_figures(
        ["http://h/a.png", "http://h/b.png"], "http://h/", tmp_path
    )
    drawn = weight_of_figures(
        ["http://h/a.svg", "http://h/b.svg"], "http://h/", tmp_path
    )
    weights = {"light": weight, "drawn": drawn, "heavy": both}
    assert report("", weights, GOAL_OF_FIGURES)[1] == {"heavy": 500_000}


# --- Fonts of formulas -----------------------------------------------------------


def letters_lost(letters, shipped):
    """Return the letters of formulas, by font, that a folder's fonts have lost."""
    lost = {}
    for path in FONTS.glob("*.woff2"):
        of_font = {chr(code) for code in TTFont(path).getBestCmap()}
        of_font &= letters_of_font(path, letters)
        left = TTFont(shipped / path.name).getBestCmap() or {}
        if gone := {letter for letter in of_font if ord(letter) not in left}:
            lost[path.name] = gone
    return lost


def test_fonts_have_every_letter_of_the_formulas(site):
    whole = sum(path.stat().st_size for path in FONTS.iterdir())
    for language in LANGUAGES:
        folder = site / language.folder
        pages = [path.read_text("utf-8") for path in folder.rglob("*.html")]
        letters = letters_of_formulas("".join(pages))
        assert {"λ", "x"} <= letters["Math"]
        assert {"∑", "0"} <= letters["Main-Regular"]
        shipped = folder / "_static" / "katex" / "fonts"
        assert letters_lost(letters, shipped) == {}
        assert sum(path.stat().st_size for path in shipped.iterdir()) < whole / 2


@browser
def test_letters_are_those_that_a_browser_shows(course, site):
    for place, page in course.items():
        text = (site / f"{place}.html").read_text("utf-8")
        found = letters_of_formulas(text)
        for font, shown in page["letters"].items():
            path = FONTS / f"{font}.woff2"
            assert path.exists(), (place, font)
            assert set(shown) <= letters_of_font(path, found), (place, font)


def test_letters_that_fonts_have_lost_are_found(tmp_path):
    shutil.copytree(FONTS, tmp_path, dirs_exist_ok=True)
    name = "KaTeX_Math-Italic.woff2"
    shrink(FONTS / name, tmp_path / name, {"x", "y"})
    shown = {"Math": {"x", "y"}, "Main-Regular": {"λ", "+"}}
    assert letters_lost(shown, tmp_path) == {}
    assert letters_lost({"Math": {"x", "λ"}}, tmp_path) == {name: {"λ"}}


def test_a_font_is_shrunk_the_same_way_each_time(tmp_path):
    name = "KaTeX_Size4-Regular.woff2"
    for letters in ({"(", ")"}, set()):  # a font may have none of the letters
        for target in ("a", "b"):
            shrink(FONTS / name, tmp_path / target, letters)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
        kept = TTFont(tmp_path / "a").getBestCmap() or {}
        assert {chr(code) for code in kept} == letters


def test_letters_are_those_of_the_visible_half():
    html = (
        '<p>no</p><span class="katex"><span class="katex-mathml"><math>M</math></span>'
        '<span class="katex-html" aria-hidden="true"><span class="mord mathbb"><span>R'
        '</span></span>&lt;<svg><path/></svg><span class="mord mathnormal">x</span>'
        '<span style="height:1em">2</span></span></span> text'
    )
    assert letters_of_formulas(html) == {
        "AMS": {"R"},
        "Main-Regular": {"<", "2"},
        "Math": {"x"},
    }
