"""What a reader meets: in a real browser that reaches no other host."""

import base64
import io
import re
from urllib.parse import urlsplit

import pytest
from hpocourse_pages import LANGUAGES, ROOT, addresses
from PIL import Image, ImageColor

pytestmark = pytest.mark.needs("chromium")

TELEPHONE = {"viewport": {"width": 390, "height": 844}}
DESK = {"viewport": {"width": 1280, "height": 900}}
PAGES = [
    "index.html",
    "grid-search.html",
    "glossary.html",
    "references.html",
    "api.html",
    "api-search.html",
    "search.html",
]
FOLDERS = [language.folder for language in LANGUAGES]

# The elements that reach out of the window, those left out that scroll by themselves.
WIDE = """() => {
  const clipped = (element) => {
    const each = element.parentElement;
    if (each === document.body || each === null) return false;
    return getComputedStyle(each).overflowX !== "visible" || clipped(each);
  };
  const width = document.documentElement.clientWidth;
  return [...document.body.querySelectorAll("*")]
    .filter((each) => each.getClientRects().length && !clipped(each)
      && (each.getBoundingClientRect().right > width + 1
          || each.getBoundingClientRect().left < -1))
    .filter((each) => !each.closest(".skip"))
    .map((each) => each.outerHTML.slice(0, 90));
}"""


def overflow(page):
    """Return what is wider than the window, and whether the page scrolls sideways."""
    scrolls = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return page.evaluate(WIDE) + ["the page scrolls sideways"] * scrolls


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_quiet(address, site, visit, folder, name):
    for place in (address, f"{site.as_uri()}/"):
        page = visit(f"{place}{folder}/{name}?q=gridsearchcv", **DESK)
        page.wait_for_timeout(300)
        assert page.foreign == [], place
        assert page.errors == [], place


def test_a_request_to_another_host_is_noticed(visit, tmp_path):
    (tmp_path / "bad.html").write_text('<img src="https://example.org/a.png">')
    page = visit((tmp_path / "bad.html").as_uri())
    assert page.foreign == ["https://example.org/a.png"]
    assert page.errors


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_a_telephone(address, visit, folder, name):
    page = visit(f"{address}{folder}/{name}", **TELEPHONE)
    assert overflow(page) == []
    page.evaluate(
        "for (const each of document.querySelectorAll('details')) each.open = 1"
    )
    assert overflow(page) == []
    page.click("button.menu")
    assert page.is_visible("#contents")
    assert overflow(page) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_page_scrolls_sideways_on_a_telephone(address, site, visit, folder):
    names = [path.relative_to(site) for path in (site / folder).rglob("*.html")]
    page = visit(address, **TELEPHONE)
    wide = "document.documentElement.scrollWidth - innerWidth"
    found = {}
    for name in names:
        page.goto(f"{address}{name.as_posix()}")
        found[name.as_posix()] = page.evaluate(wide)
    assert {name: pixels for name, pixels in found.items() if pixels > 0} == {}


# The cells of a table that hold sentences and are too narrow to be read as such.
SQUEEZED = """() => [...document.querySelectorAll("article td")]
  .filter((each) => each.textContent.length > 40 && each.getClientRects().length
    && !each.closest(".dataframe") && each.getBoundingClientRect().width < 150)
  .map((each) => each.textContent.slice(0, 40))"""


@pytest.mark.parametrize("folder", FOLDERS)
def test_tables_of_sentences_are_not_squeezed(address, visit, folder):
    page = visit(f"{address}{folder}/instructors.html", **TELEPHONE)
    assert page.evaluate(SQUEEZED) == []
    assert overflow(page) == []
    # The table of criteria is scrolled in its own box, which shows that it goes on.
    boxes = "each => each.map((x) => [x.scrollWidth > x.clientWidth, x.tabIndex])"
    assert [True, 0] in page.eval_on_selector_all("div.table", boxes)
    page.add_style_tag(content="td.long { min-width: 0 !important }")
    assert page.evaluate(SQUEEZED) != []


def test_what_does_not_fit_is_found(visit, tmp_path):
    (tmp_path / "wide.html").write_text(
        '<meta name="viewport" content="width=device-width">'
        '<div style="overflow:auto"><p style="width:900px">scrolls by itself</div>'
        '<p id="wide" style="width:600px">x'
    )
    found = overflow(visit((tmp_path / "wide.html").as_uri(), **TELEPHONE))
    assert found == [
        '<p id="wide" style="width:600px">x</p>',
        "the page scrolls sideways",
    ]


# --- Figures and colors --------------------------------------------------------


def luminance(color):
    channels = [c / 255 for c in color]
    channels = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def contrast(one, other):
    """Return the ratio of contrast as WCAG defines it."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def color_of(page, selector, which="color"):
    """Return the color of an element as three numbers."""
    text = page.evaluate(
        """([selector, which]) => {
          const canvas = new OffscreenCanvas(1, 1).getContext("2d");
          canvas.fillStyle = getComputedStyle(document.querySelector(selector))[which];
          canvas.fillRect(0, 0, 1, 1);
          return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
        }""",
        [selector, which],
    )
    return tuple(text)


def panel(picture, background):
    """Return whether a figure's corners differ from the page that it lies on."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    right, bottom = image.width - 3, image.height - 3
    corners = [(2, 2), (right, 2), (2, bottom), (right, bottom)]
    return any(
        max(abs(a - b) for a, b in zip(image.getpixel(c), background, strict=True)) > 3
        for c in corners
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_lie_on_the_page(address, visit, scheme):
    page = visit(f"{address}pt/grid-search.html", color_scheme=scheme, **DESK)
    background = color_of(page, "body", "backgroundColor")
    assert (luminance(background) > 0.5) == (scheme == "light")
    figures = page.locator("article figure img, article .cell_output img")
    assert figures.count() > 3
    for figure in figures.all():
        assert not panel(figure.screenshot(), background)


def test_a_panel_behind_a_figure_is_found():
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), (240, 240, 240)).save(picture, "png")
    assert panel(picture.getvalue(), (21, 24, 28))


def tone_shown(page, color):
    """Return the color in which a figure's tone is seen on a page."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), color).save(picture, "png")
    figure = page.locator("article .cell_output img").first
    figure.evaluate(
        "(image, source) => { image.src = source; return image.decode() }",
        f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}",
    )
    shown = Image.open(io.BytesIO(figure.screenshot())).convert("RGB")
    return shown.getpixel((shown.width // 2, shown.height // 2))


def style_color(key):
    """Return a color of the course's style of figures."""
    style = (ROOT / "hpocourse" / "course.mplstyle").read_text("utf-8")
    return ImageColor.getrgb("#" + re.search(rf"^{key}: (\w+)$", style, re.M)[1])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_of_figures_can_be_read(address, visit, scheme, record_property):
    page = visit(f"{address}es/grid-search.html", color_scheme=scheme, **DESK)
    background = color_of(page, "body", "backgroundColor")
    ratios = {
        key: contrast(tone_shown(page, style_color(key)), background)
        for key in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color")
    }
    record_property(
        "summary",
        f"contrast of letters in figures, {scheme}: at least "
        f"{min(ratios.values()):.2f} (goal: 4.5)",
    )
    assert min(ratios.values()) >= 4.5, ratios
    for end in ((0, 0, 0), (255, 255, 255)):  # What is black or white stays so.
        assert tone_shown(page, end) == end
    page.emulate_media(color_scheme=scheme, media="print")
    grey = style_color("text.color")
    assert contrast(tone_shown(page, grey), (255, 255, 255)) >= 4.5


def test_letters_too_weak_in_the_dark_are_found(address, visit):
    page = visit(f"{address}es/grid-search.html", color_scheme="dark", **DESK)
    page.add_style_tag(content="img { filter: none !important }")
    shown = tone_shown(page, style_color("text.color"))
    assert contrast(shown, color_of(page, "body", "backgroundColor")) < 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(address, visit, scheme, record_property):
    page = visit(f"{address}ru/grid-search.html", color_scheme=scheme, **DESK)
    on_page = color_of(page, "body", "backgroundColor")
    on_code = color_of(page, "article .highlight > pre", "backgroundColor")
    ratios = {
        selector: contrast(color_of(page, selector), on_page)
        for selector in (
            "article p",
            "article a.reference",
            "figcaption p",
            ".actions a:nth-child(2)",
        )
    }
    for kind in ("k", "kn", "s2", "mi", "nf", "nb", "c1"):
        token = f".cell_input .highlight .{kind}"
        if page.locator(token).count():
            ratios[kind] = contrast(color_of(page, token), on_code)
    first = color_of(page, ".actions .first", "backgroundColor")
    ratios["first"] = contrast(color_of(page, ".actions .first"), first)
    record_property(
        "summary",
        f"contrast of text and code, {scheme}: at least {min(ratios.values()):.2f} "
        "(goal: 4.5)",
    )
    assert min(ratios.values()) >= 4.5, ratios


def unseen(page, selector):
    """Return the texts of a page that are there and not seen."""
    return page.eval_on_selector_all(
        selector,
        """all => all.filter((each) => !each.getClientRects().length)
          .map((each) => each.textContent)""",
    )


def test_where_a_work_appeared_is_seen(address, visit):
    page = visit(f"{address}ru/references.html", **TELEPHONE)
    assert page.locator(".works .place").count() > 20
    assert unseen(page, ".works :is(a, .place, .reason)") == []
    page.add_style_tag(content=".place { display: none }")
    assert len(unseen(page, ".works .place")) > 20


def test_contrast_of_known_colors():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) < 4.5


def test_color_mode_is_remembered(address, visit):
    page = visit(f"{address}es/index.html", color_scheme="light", **DESK)
    button = page.locator("button.mode")
    titles = []
    for _ in range(3):
        titles.append(button.get_attribute("title"))
        button.click()
    assert titles == ["Colores: los del sistema", "Colores: oscuros", "Colores: claros"]
    button.click()
    page.goto(f"{address}es/grid-search.html")
    assert luminance(color_of(page, "body", "backgroundColor")) < 0.1


# --- Languages ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "folder"),
    [("pt-PT", "pt"), ("pt-BR", "pt"), ("es-MX", "es"), ("ru-RU", "ru"), ("de-DE", "")],
)
def test_root_follows_the_browser(address, visit, locale, folder):
    page = visit(address, locale=locale)
    page.wait_for_timeout(200)
    end = f"{folder}/index.html" if folder else ""
    assert page.url == f"{address}{end}"
    assert page.errors == []


def test_root_from_a_folder(site, visit):
    page = visit((site / "index.html").as_uri(), locale="ru-RU")
    page.wait_for_url("**/ru/index.html")


def test_root_remembers_a_choice(address, visit):
    page = visit(f"{address}pt/grid-search.html", locale="pt-BR", **DESK)
    page.click("details.languages summary")
    page.click("details.languages a[lang=ru]")
    page.wait_for_url("**/ru/grid-search.html")
    page.goto(address)
    page.wait_for_url("**/ru/index.html")
    page.goto(f"{address}index.html#languages")
    page.click(".card[data-language=es]")
    page.wait_for_url("**/es/index.html")
    page.goto(address)
    page.wait_for_url("**/es/index.html")


def test_root_without_scripts_shows_the_choice(address, visit):
    page = visit(address, locale="ru-RU", java_script_enabled=False)
    assert page.url == address
    assert page.locator(".card:visible").count() == len(LANGUAGES)


@pytest.mark.parametrize(
    ("path", "locale", "folder"),
    [
        ("ru/gone.html", "pt-BR", "ru"),
        ("es/deep/er/gone.html", "ru-RU", "es"),
        ("gone.html", "ru-RU", "ru"),
    ],
)
def test_missing_page(address, visit, path, locale, folder):
    page = visit(f"{address}{path}", locale=locale)
    assert page.responses[0].status == 404
    assert page.locator(".card:visible").count() == 1
    assert page.get_attribute(".card:visible", "data-language") == folder
    page.click(".card:visible a")
    page.wait_for_url(f"{address}{folder}/index.html")


def test_missing_page_in_no_language_or_without_scripts(address, visit):
    for options in ({"locale": "de-DE"}, {"java_script_enabled": False}):
        page = visit(f"{address}gone.html", **options)
        assert page.locator(".card:visible").count() == len(LANGUAGES)


def test_missing_page_below_a_path(site, visit, chromium):
    """GitHub Pages serves the site below the name of the repository."""
    base = urlsplit(addresses()["site"])
    context = chromium.new_context()
    page = context.new_page()
    page.route(
        "**/*",
        lambda route: route.fulfill(
            status=404,
            content_type="text/html",
            body=(site / "404.html").read_text("utf-8"),
        ),
    )
    page.goto(f"http://127.0.0.1{base.path}es/gone.html")
    assert page.get_attribute(".card:visible", "data-language") == "es"
    link = page.locator(".card:visible a").first.evaluate("each => each.href")
    assert link == f"http://127.0.0.1{base.path}es/index.html"
    context.close()


# --- What scripts do ----------------------------------------------------


def test_code_can_be_copied(address, visit):
    page = visit(
        f"{address}pt/grid-search.html",
        permissions=["clipboard-read", "clipboard-write"],
        **DESK,
    )
    cell = page.locator(".cell_input .highlight").first
    code = cell.locator("pre").inner_text().strip()
    # The button says so once the copy has ended, and would take it back soon.
    page.evaluate("window.setTimeout = () => {}")
    cell.hover()
    cell.locator("button.copy").click()
    cell.locator("button.copy", has_text="Copiado").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code


def test_code_can_be_folded(address, visit):
    place = f"{address}pt/grid-search.html"
    page = visit(place, **TELEPHONE)
    code = page.locator("article .cell_input:visible")
    drawings = page.locator("article details.hidden")
    choice = page.locator("label.code select")
    outputs = page.locator("article .cell_output:visible").count()
    folded = code.count()
    assert drawings.count() > 0
    assert page.locator("article details.hidden[open]").count() == 0
    choice.select_option("all")
    assert code.count() == folded + drawings.count()
    choice.select_option("none")
    assert code.count() == 0
    assert not drawings.first.is_visible()
    assert page.locator("article .cell_output:visible").count() == outputs
    page.reload()  # What was chosen is remembered.
    assert choice.input_value() == "none"
    assert code.count() == 0
    page = visit(place, java_script_enabled=False, **TELEPHONE)
    assert not page.locator("label.code").is_visible()
    assert page.locator("article .cell_input:visible").count() == folded


def test_the_section_that_is_read_is_marked(address, visit):
    page = visit(f"{address}es/grid-search.html", **DESK)
    names = page.eval_on_selector_all(
        "nav.here a[href^='#']", "links => links.map((link) => link.hash)"
    )
    for name in (names[2], names[1]):
        page.evaluate(
            """(name) => document.getElementById(decodeURIComponent(name.slice(1)))
              .scrollIntoView({behavior: "instant"})""",
            name,
        )
        page.wait_for_function(
            """(name) => {
              const marked = [...document.querySelectorAll("nav.here [aria-current]")];
              return marked.length === 1 && marked[0].hash === name;
            }""",
            arg=name,
        )
