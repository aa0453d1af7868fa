"""What helps while reading: contents, questions, meanings, marks, keys."""

import json
import re
from xml.etree import ElementTree

import pytest
from hpocourse_pages import LANGUAGES, ROOT, addresses, page_address

from tools import quiz

browser = pytest.mark.needs("chromium")
TELEPHONE = {"viewport": {"width": 390, "height": 844}}
DESK = {"viewport": {"width": 1280, "height": 900}}
FOLDERS = [language.folder for language in LANGUAGES]


# --- Addresses -------------------------------------------------------------------


def bad_addresses(names):
    """Return the pages whose sections have other addresses in other languages.

    ``names`` has the addresses by page and language; a bad one counts besides.
    """
    return [
        page
        for page, of_language in names.items()
        if len(set(map(tuple, of_language.values()))) > 1
        or not all(
            re.fullmatch(r"(?!part-\d)[a-z][a-z0-9-]*", name)
            for sections in of_language.values()
            for name in sections
        )
    ]


def test_sections_have_the_same_addresses_in_all_languages(chapters, slug_of, read):
    names = {}
    for language, path in chapters:
        sections = [section["id"] for section in read(path).select("article section")]
        if not path.stem.startswith("api"):  # names of the package, the same for all
            slug = slug_of(language, path)
            names.setdefault(slug, {})[language.folder] = sections
    assert len(names) > 20
    assert all(len(of_page) == len(LANGUAGES) for of_page in names.values())
    assert bad_addresses(names) == []


def test_addresses_that_differ_are_found():
    names = {
        "good": {"pt": ["opening", "cost-2"], "ru": ["opening", "cost-2"]},
        "nameless": {"pt": ["opening", "part-2"], "ru": ["opening", "part-2"]},
        "moved": {"pt": ["opening", "cost"], "ru": ["cost", "opening"]},
        "numbered": {"pt": ["id2"], "ru": ["id3"]},
        "words": {"pt": ["Validação"], "ru": ["Validação"]},
    }
    assert bad_addresses(names) == ["nameless", "moved", "numbered", "words"]


def test_old_addresses_of_sections_lead_there_still(site, read):
    for section in read(site / "pt" / "validation.html").select("article section"):
        assert section.find("span", id=True, recursive=False), section["id"]


@browser
def test_switching_the_language_keeps_the_section(address, visit):
    page = visit(f"{address}pt/validation.html#leakage", **DESK)
    page.click("details.languages summary")
    page.click("details.languages a[lang=ru]")
    page.wait_for_url("**/ru/validation.html#leakage")


# Milliseconds for a page over a slow network on a machine busy with other work.
PATIENCE = 600_000


def slow_page(chromium, **options):
    """Return a page that loads what it shows from a slow network."""
    page = chromium.new_context(**options).new_page()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 150,
            "downloadThroughput": 200 * 1024,
            "uploadThroughput": 200 * 1024,
        },
    )
    return page


def landing(page, place, name):
    """Return how far from where it should a link to a section lands, in pixels."""
    page.goto("about:blank")
    page.goto(f"{place}#{name}", wait_until="domcontentloaded", timeout=PATIENCE)
    page.wait_for_load_state("load", timeout=PATIENCE)
    page.wait_for_timeout(500)
    top = page.evaluate(
        "name => document.getElementById(name).getBoundingClientRect().top", name
    )
    return abs(top - 80)


@browser
@pytest.mark.parametrize("size", [TELEPHONE, DESK])
def test_deep_links_land_on_a_slow_network(address, chromium, size, record_property):
    page = slow_page(chromium, **size)
    misses = {
        name: landing(page, f"{address}ru/validation.html", name)
        for name in ("metric", "self-check")
    }
    page.context.close()
    record_property(
        "summary",
        f"deep links at 200 KiB/s, {size['viewport']['width']} px wide: at most "
        f"{max(misses.values()):.1f} px beside their place (goal: 8)",
    )
    assert max(misses.values()) < 8, misses


@browser
def test_a_deep_link_that_misses_is_noticed(address, chromium, site):
    """Figures whose place is not reserved, and a page that scrolls slowly to it."""
    text = (site / "ru" / "validation.html").read_text("utf-8")
    text = re.sub(r'(<img[^>]*?) width="\d+" height="\d+"', r"\1", text)
    text = text.replace(' loading="lazy"', "").replace(
        "</head>", "<style>html { scroll-behavior: smooth }</style></head>"
    )
    page = slow_page(chromium, **TELEPHONE)
    page.route("**/validation.html", lambda route: route.fulfill(body=text))
    assert landing(page, f"{address}ru/validation.html", "self-check") > 100
    page.context.close()


def test_images_have_their_place_before_they_come(chapters, read):
    seen = 0
    for _, path in chapters:
        for image in read(path).select("article img"):
            assert int(image["width"]) > 0
            assert int(image["height"]) > 0
            seen += image.get("loading") == "lazy"
    assert seen > 50


# The telephone that Lighthouse measures with.
MOBILE = {"viewport": {"width": 412, "height": 823}}
# Adds up how far what is seen moves by itself while a page loads.
SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) shift += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def shift(chromium, place, text=None):
    """Return how much a page that comes over a slow network moves by itself.

    It has another text than the server's, if one is given.
    """
    page = slow_page(chromium, **MOBILE)
    page.add_init_script(SHIFTS)
    if text:
        page.route("**/*.html", lambda route: route.fulfill(body=text))
    page.goto(place, timeout=PATIENCE)
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(500)
    moved = page.evaluate("shift")
    page.context.close()
    return moved


@browser
def test_pages_of_formulas_do_not_move_while_they_load(
    address, chromium, site, record_property
):
    pages = [
        path.name
        for path in sorted((site / "pt").glob("*.html"))
        if 'class="katex"' in path.read_text("utf-8")
    ]
    assert len(pages) > 10
    moved = {name: shift(chromium, f"{address}pt/{name}") for name in pages}
    worst = max(moved, key=moved.get)
    record_property(
        "summary", f"layout shift, worst page: {moved[worst]:.3f} ({worst}; goal: 0.02)"
    )
    assert moved[worst] < 0.02, moved


@browser
def test_formulas_whose_letters_come_late_are_noticed(address, chromium, site):
    text = (site / "pt" / "optuna.html").read_text("utf-8")
    assert "document.head.append" in text
    text = text.replace("document.head.append", "void ")
    assert shift(chromium, f"{address}pt/optuna.html", text) > 0.1


# --- Contents --------------------------------------------------------------------


@browser
def test_a_section_is_two_taps_away_on_a_telephone(address, visit):
    page = visit(f"{address}es/optuna.html", has_touch=True, **TELEPHONE)
    assert page.inner_text(".top .place") == "Optuna"
    page.tap("button.sections")
    page.tap("nav.here a[href='#experiment']")
    page.wait_for_url("**#experiment")
    page.wait_for_function("!document.querySelector('nav.here:popover-open')")
    page.wait_for_function(
        "document.getElementById('experiment').getBoundingClientRect().top < 120"
    )
    assert page.errors == []


def footer_is_seen(page):
    """Return whether nothing covers the footer at the page's end."""
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    return page.evaluate(
        """() => {
          const box = document.querySelector(".foot p").getBoundingClientRect();
          const middle = box.top + box.height / 2;
          const seen = document.elementFromPoint(box.left + 2, middle);
          return seen !== null && seen.closest(".foot") !== null;
        }"""
    )


@browser
def test_the_footer_is_seen(address, visit):
    page = visit(f"{address}pt/validation.html", **DESK)
    assert footer_is_seen(page)
    # As it was when the footer lay below the contents at the side.
    page.add_style_tag(content=".foot { grid-column: 1 / -1; grid-row: 3 }")
    page.add_style_tag(content=".contents { grid-row: 2 / 4; z-index: 1 }")
    assert not footer_is_seen(page)


def letters_that_fit(page):
    """Return how many letters a line of code may have before it scrolls."""
    return page.evaluate(
        """() => {
          const code = document.querySelector(".cell_input pre");
          let letters = 0;
          do code.textContent = "x".repeat(++letters);
          while (code.scrollWidth <= code.clientWidth && letters < 200);
          return letters - 1;
        }"""
    )


@browser
def test_a_line_of_code_fits_the_column(address, visit, record_property):
    page = visit(f"{address}pt/optuna.html", **DESK)
    letters = letters_that_fit(page)
    record_property(
        "summary", f"letters of code in the column at 1280 px: {letters} (goal: 79)"
    )
    assert 79 <= letters < 100
    page.add_style_tag(content="article pre { font-size: 0.95em }")
    assert letters_that_fit(page) < 79


@browser
def test_progress_is_drawn_and_marked(address, visit):
    page = visit(f"{address}pt/validation.html", **DESK)
    width = "document.querySelector('.progress').getBoundingClientRect().width"
    assert page.evaluate(width) < 1
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function(f"{width} > 1270")
    page.click("button.read")
    assert page.get_attribute("button.read", "aria-pressed") == "true"
    page.goto(f"{address}ru/validation.html")
    assert page.get_attribute("button.read", "aria-pressed") == "true"
    marked = page.locator("nav.contents a.read")
    assert marked.count() == 1
    assert marked.get_attribute("title") == "Прочитано"
    page.click("button.read")
    assert marked.count() == 0


@browser
def test_arrows_turn_pages_but_not_while_typing(address, visit):
    page = visit(f"{address}pt/validation.html", **DESK)
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/pt/grid-search.html")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/pt/validation.html")
    page.keyboard.press("/")
    page.wait_for_selector("dialog.finder[open]")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.url.endswith("/pt/validation.html")


# --- Questions -------------------------------------------------------------------


@browser
@pytest.mark.parametrize("folder", FOLDERS)
def test_questions_can_be_answered(address, visit, folder):
    chapter = "validation"
    page = visit(f"{address}{folder}/{chapter}.html", **TELEPHONE)
    notebook = ROOT / "book" / folder / f"{chapter}.ipynb"
    questions = quiz.load(quiz.data_path(notebook))
    lists = page.locator("#self-check ul.options")
    assert lists.count() == len(questions)
    assert page.locator("#self-check details:visible").count() == 0
    assert not page.is_visible(".score")
    for k, question in enumerate(questions):
        buttons = lists.nth(k).locator("button")
        assert buttons.count() == len(question.options)
        wrong = (question.right + 1) % len(question.options)
        first = wrong if k == 0 else question.right
        buttons.nth(first).click()
        state = lists.nth(k).locator("li").nth(first)
        expected = "wrong" if k == 0 else "right"
        assert state.get_attribute("data-state") == expected
        assert len(state.locator(".why").inner_text()) > 20
        buttons.nth(question.right).click()
    right, count = len(questions) - 1, len(questions)
    assert re.findall(r"\d+", page.inner_text(".score")) == [str(right), str(count)]
    page.reload()  # The first choices are remembered.
    assert re.findall(r"\d+", page.inner_text(".score")) == [str(right), str(count)]
    page.click(".score button")
    assert page.locator("#self-check [data-state]").count() == 0
    assert not page.is_visible(".score")
    assert page.errors == []


@browser
def test_questions_without_scripts_have_answers_to_open(address, visit):
    page = visit(f"{address}pt/validation.html", java_script_enabled=False)
    notebook = ROOT / "book" / "pt" / "validation.ipynb"
    questions = quiz.load(quiz.data_path(notebook))
    assert page.locator("#self-check details:visible").count() == len(questions)
    assert page.locator("#self-check button").count() == 0


# --- Meanings --------------------------------------------------------------------


@browser
def test_a_term_is_explained_beside_its_link(address, visit):
    page = visit(f"{address}es/validation.html", **DESK)
    link = page.locator("article a[data-meaning]").first
    meaning = link.get_attribute("data-meaning")
    assert len(meaning) > 20
    link.focus()
    assert page.inner_text("#meaning") == meaning
    assert link.get_attribute("aria-describedby") == "meaning"
    page.keyboard.press("Escape")
    assert not page.is_visible("#meaning")
    link.hover()
    assert page.is_visible("#meaning")
    page.mouse.move(5, 500)
    assert not page.is_visible("#meaning")


@browser
def test_a_tap_explains_and_a_second_follows(address, visit):
    page = visit(f"{address}ru/validation.html", has_touch=True, **TELEPHONE)
    link = page.locator("article a[data-meaning]").first
    link.scroll_into_view_if_needed()
    link.tap()
    assert page.is_visible("#meaning")
    box = page.locator("#meaning").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.url.endswith("validation.html")
    link.tap()
    page.wait_for_url("**/ru/glossary.html#*")


# --- Accessibility ---------------------------------------------------------------


# axe takes long for a page, and the editions share their templates and styles: a page
# of an edition is looked at in one way, each edition in all four, and a chapter in
# another way in each edition.
WAYS = [(390, "light"), (1280, "dark"), (390, "dark"), (1280, "light")]


def ways(folder, names):
    """Return the width and the colors in which each page of an edition is shown."""
    first = FOLDERS.index(folder)
    return {name: WAYS[(first + k) % len(WAYS)] for k, name in enumerate(names)}


@browser
@pytest.mark.parametrize("folder", FOLDERS)
def test_pages_are_accessible(address, visit, site, axe, folder, record_property):
    paths = sorted((site / folder).rglob("*.html"))
    names = [path.relative_to(site / folder).as_posix() for path in paths]
    assert {"search.html", "exercises/grid-search.html"} <= set(names)
    faults = {}
    for name, (width, scheme) in ways(folder, names).items():
        size = TELEPHONE if width == 390 else DESK
        page = visit(f"{address}{folder}/{name}", color_scheme=scheme, **size)
        if found := axe(page):
            faults[f"{name}, {width} px, {scheme}"] = found
        page.close()
    record_property(
        "summary",
        f"axe, WCAG 2.2 A and AA, {folder}: {sum(map(len, faults.values()))} faults "
        f"on {len(names)} pages (goal: 0)",
    )
    assert faults == {}


def test_every_way_is_looked_at():
    names = [f"page {k}" for k in range(5)]
    seen = {folder: ways(folder, names) for folder in FOLDERS}
    assert all(set(of_page.values()) == set(WAYS) for of_page in seen.values())
    least = min(len(FOLDERS), len(WAYS))
    assert all(len({seen[f][name] for f in FOLDERS}) == least for name in names)


@browser
def test_what_is_not_accessible_is_found(visit, tmp_path, axe):
    (tmp_path / "bad.html").write_text(
        '<html lang="pt"><title>x</title><a href="#"><svg></svg></a>'
        '<p style="color:#999;background:#fff">faint'
    )
    found = axe(visit((tmp_path / "bad.html").as_uri()))
    assert {name for name, _ in found} == {"link-name", "color-contrast"}


# --- For machines ----------------------------------------------------------------


def sitemap_faults(text, places):
    """Return what a map of the site lacks of its pages, or has too much."""
    nodes = ElementTree.fromstring(text).findall("{*}url")
    told = {node.findtext("{*}loc"): node for node in nodes}
    faults = [f"lacks {place}" for place in sorted(places - told.keys())]
    faults += [f"has {place}" for place in sorted(told.keys() - places)]
    for place in sorted(places & told.keys()):
        links = told[place].findall("{http://www.w3.org/1999/xhtml}link")
        tags = {link.get("hreflang") for link in links}
        if tags and not {language.tag for language in LANGUAGES} <= tags:
            faults.append(f"{place} is not told in all languages")
    return faults


def test_search_engines_are_told_of_every_page(site):
    paths = [path.relative_to(site) for path in site.glob("*/**/*.html")]
    places = {addresses()["site"]} | {
        page_address(path.with_suffix("").as_posix())
        for path in paths
        if path.name != "search.html"
    }
    assert len(places) > 60
    text = (site / "sitemap.xml").read_text("utf-8")
    assert sitemap_faults(text, places) == []
    assert text.count("hreflang=") == len(LANGUAGES) * (len(places) - 1)
    assert "sitemap.xml" in (site / "robots.txt").read_text("utf-8")


def test_faults_of_the_map_are_found():
    text = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:xhtml="http://www.w3.org/1999/xhtml"><url><loc>https://a/old</loc></url>
      <url><loc>https://a/x</loc><xhtml:link hreflang="es" href="https://a/y"/></url>
      </urlset>"""
    assert sitemap_faults(text, {"https://a/x", "https://a/new"}) == [
        "lacks https://a/new",
        "has https://a/old",
        "https://a/x is not told in all languages",
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_course_describes_itself(site, read, folder):
    page = read(site / folder / "index.html")
    (script,) = page.select('script[type="application/ld+json"]')
    course = json.loads(script.string)
    assert course["@type"] == "Course"
    assert course["inLanguage"] == page.html["lang"]
    assert course["name"]
    assert len(course["description"]) > 40
