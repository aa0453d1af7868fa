"""Figures that a reader may explore: plotly, from the site itself, at a click."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from hpocourse_explore import MIME, figure_html, show_figures
from hpocourse_pages import LANGUAGES, ROOT, get_language, translations
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import ImageColor

from tools.paper import gather

browser = pytest.mark.needs("chromium")
FOLDERS = [language.folder for language in LANGUAGES]
CHAPTER = "arithmetic-network"
LIBRARY = "plotly-basic.min.js"
TELEPHONE = {"viewport": {"width": 390, "height": 844}}
FINGER = TELEPHONE | {"has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
BUTTON = "[data-explore] button"
LINES = "[data-explore] .scatterlayer .trace"
# Milliseconds that a browser on a busy machine may take to read the library.
PATIENCE = 120_000


# --- What a page holds -------------------------------------------------------------


FIGURE = {
    "data": [{"name": "</script><b>", "y": [1, 2]}],
    "layout": {"title": {"text": 'Two & "two"'}, "xaxis": {}},
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_becomes_a_button_and_its_data(language):
    html = figure_html(FIGURE, language)
    place = BeautifulSoup(html, "html.parser").div
    kept = json.loads(place.script.string)
    assert kept["data"] == FIGURE["data"]
    assert kept["layout"] == {"separators": ",\N{NO-BREAK SPACE}", **FIGURE["layout"]}
    assert html.count("</script>") == 1
    translate = translations(language.catalogue).gettext
    assert place.button.string == translate("Explore the figure")
    assert place.figcaption.string == 'Two & "two"'
    # Without scripts nothing of it is seen.
    assert all(each.has_attr("hidden") for each in (place.button, place.figure))


def test_only_what_plotly_draws_is_replaced():
    words = new_output("stream", text="as it was")
    figure = new_output("display_data", {MIME: FIGURE, "text/plain": "no plotly"})
    notebook = new_notebook(cells=[new_code_cell(outputs=[words, figure])])
    assert show_figures(notebook, get_language("ru"))
    first, second = notebook.cells[0].outputs
    assert first.text == "as it was"
    assert set(second.data) == {"text/html"}
    assert not show_figures(notebook, get_language("ru"))


def test_the_library_is_the_one_that_is_named():
    folder = ROOT / "site" / "theme" / "static" / "plotly"
    head = (folder / LIBRARY).read_text("utf-8")[:200]
    version = re.search(r"plotly\.js \(basic - minified\) v([\d.]+)", head)[1]
    listed = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert f"plotly.js-basic-dist-min {version} " in listed
    assert "MIT License" in (folder / "LICENSE").read_text("utf-8")


def explored(page):
    """Return what of a printed page would need a screen."""
    shown = BeautifulSoup(page.html, "html.parser")
    return shown.select("[data-explore], button, script, .cell_output:empty")


def test_on_paper_there_is_the_static_figure_only(site):
    pages = {page.id: page for part in gather("es") for page in part.pages}
    page = pages[CHAPTER]
    assert explored(page) == []
    assert "fig-arithmetic-network-distributions-es" in page.html
    page.html += figure_html(FIGURE, get_language("es"))
    assert len(explored(page)) == 3


# --- In a browser --------------------------------------------------------------------


def opened(page):
    """Click the button, and return the page once the figure is drawn."""
    page.click(BUTTON)
    page.locator(LINES).nth(11).wait_for(state="attached", timeout=PATIENCE)
    return page


def rgb(color):
    """Return a color as browsers write it: `#c03d9a` as `rgb(192, 61, 154)`."""
    return f"rgb{ImageColor.getrgb(color)}"


def libraries(page):
    """Return the answers that brought the library."""
    return [each.url for each in page.responses if each.url.endswith(LIBRARY)]


@browser
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_click_draws_the_figure(address, site, visit, folder):
    for place in (address, f"{site.as_uri()}/"):
        page = visit(f"{place}{folder}/{CHAPTER}.html", **DESK)
        assert not page.is_visible("[data-explore] figure")
        opened(page)
        drawn = page.locator("[data-explore] .drawn")
        assert page.locator(LINES).count() == 12
        stored = json.loads(page.text_content("[data-explore] script"))
        title = stored["layout"]["title"]["text"]
        assert page.inner_text("[data-explore] figcaption") == title
        assert drawn.get_attribute("aria-label") == title
        shown = drawn.locator(".xtitle, .x2title, .x3title").all_text_contents()
        assert shown == [
            stored["layout"][f"xaxis{k}"]["title"]["text"] for k in ("", "2", "3")
        ]
        assert page.get_attribute(BUTTON, "aria-expanded") == "true"
        assert page.evaluate("document.activeElement.tagName") == "BUTTON"
        assert page.foreign == [], place
        assert page.errors == [], place
        # A second click folds it, and a third one shows it at once.
        page.keyboard.press("Enter")
        assert not drawn.is_visible()
        page.keyboard.press("Enter")
        assert drawn.is_visible()
        assert page.locator(LINES).count() == 12


@browser
def test_the_library_waits_for_the_click(address, visit):
    page = visit(f"{address}pt/{CHAPTER}.html", **DESK)
    page.locator(BUTTON).scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert libraries(page) == []
    assert page.evaluate("typeof Plotly") == "undefined"
    opened(page)
    assert len(libraries(page)) == 1
    assert libraries(page)[0].startswith(address)


@browser
def test_a_library_that_does_not_wait_is_found(address, chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.responses = []
    page.on("response", lambda response: page.responses.append(response))
    script = (ROOT / "site/theme/static/explore/explore.js").read_text("utf-8")
    eager = script.replace("button.hidden = false;", "button.hidden = false; load();")
    assert eager != script
    page.route("**/explore.js", lambda route: route.fulfill(body=eager))
    page.goto(f"{address}pt/{CHAPTER}.html")
    page.wait_for_function("typeof Plotly === 'object'", timeout=PATIENCE)
    assert len(libraries(page)) == 1
    context.close()


@browser
def test_a_library_that_does_not_come_is_told(address, visit):
    page = visit(f"{address}es/{CHAPTER}.html", **DESK)
    page.route(f"**/{LIBRARY}", lambda route: route.abort())
    page.click(BUTTON)
    page.wait_for_function(
        "document.querySelector('[data-explore] [role=status]').textContent"
    )
    assert "No se pudo" in page.inner_text("[data-explore] [role=status]")
    assert page.get_attribute(BUTTON, "aria-expanded") == "false"
    page.unroute(f"**/{LIBRARY}")
    opened(page)  # The next click tries again.
    assert page.inner_text("[data-explore] [role=status]") == ""


@browser
def test_lines_are_hidden_by_keys(address, visit):
    page = opened(visit(f"{address}ru/{CHAPTER}.html", **DESK))
    boxes = page.locator("[data-explore] .lines input")
    assert boxes.count() == 4
    for k in range(3):
        boxes.nth(k).focus()
        page.keyboard.press("Space")
    page.wait_for_function(
        f"document.querySelectorAll('{LINES}').length === 3", timeout=PATIENCE
    )
    # What is left keeps its color, which its name has, too.
    own = "getComputedStyle(document.querySelectorAll('[data-explore] label')[3])"
    left = page.locator("[data-explore] .scatterlayer path.js-line").first
    color = page.evaluate(f"{own}.getPropertyValue('--own')")
    assert left.evaluate("line => line.style.stroke") == rgb(color)
    # The axis follows: what is left fills the panel.
    reach = page.evaluate(
        "document.querySelector('[data-explore] .drawn').layout.yaxis2.range"
    )
    assert reach[1] < 100


@browser
def test_numbers_are_written_as_in_the_language(address, visit):
    page = opened(visit(f"{address}pt/{CHAPTER}.html", **DESK))
    page.locator("[data-explore] .drawn").scroll_into_view_if_needed()
    box = page.locator("[data-explore] .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    hover = page.locator("[data-explore] .hoverlayer .legendtitletext")
    hover.wait_for(state="attached", timeout=PATIENCE)
    assert re.fullmatch(r"[−-]?0,25", hover.text_content())


SEEN = """() => getComputedStyle(
  document.querySelector('[data-explore] .xtick text')).fill"""


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_have_the_color_of_the_page(address, visit, scheme):
    page = visit(f"{address}es/{CHAPTER}.html", color_scheme=scheme, **DESK)
    ink = "getComputedStyle(document.body).color"
    before = page.evaluate(ink)
    opened(page)
    assert page.evaluate(SEEN) == before
    page.click("button.mode")
    assert page.evaluate(ink) != before
    page.wait_for_function(f"({SEEN})() === {ink}", timeout=PATIENCE)


@browser
@pytest.mark.parametrize(("size", "scheme"), [(FINGER, "light"), (DESK, "dark")])
def test_an_open_figure_is_accessible_and_fits(address, visit, axe, size, scheme):
    page = visit(
        f"{address}ru/{CHAPTER}.html",
        color_scheme=scheme,
        reduced_motion="reduce",
        **size,
    )
    opened(page)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    width = page.locator("[data-explore] .main-svg").first.bounding_box()["width"]
    assert width <= size["viewport"]["width"] - 20


def drag(page, selector, way):
    """Move a finger over an element, and return by how much the page scrolled."""
    page.locator(selector).first.scroll_into_view_if_needed()
    box = page.locator(selector).first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = page.evaluate("scrollY")
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": each} for each in points]},
        )

    touch("touchStart", y)
    for k in range(1, 11):
        touch("touchMove", y + way * k / 10)
        page.wait_for_timeout(20)
    touch("touchEnd")
    page.wait_for_timeout(300)
    return page.evaluate("scrollY") - before


@browser
def test_a_finger_scrolls_past_the_figure(address, visit):
    page = opened(visit(f"{address}pt/{CHAPTER}.html", **FINGER))
    assert drag(page, "[data-explore] .nsewdrag", -120) > 50
    page.evaluate(
        """() => Plotly.relayout(document.querySelector("[data-explore] .drawn"),
          { dragmode: "zoom" })"""
    )
    assert drag(page, "[data-explore] .nsewdrag", -120) == 0


@browser
def test_without_scripts_no_button_is_dead(address, visit):
    page = visit(f"{address}pt/{CHAPTER}.html", java_script_enabled=False, **DESK)
    place = page.locator("[data-explore]")
    assert place.count() == 1
    assert not page.locator(BUTTON).is_visible()
    assert place.inner_text().strip() == ""
    assert place.bounding_box()["height"] < 40
