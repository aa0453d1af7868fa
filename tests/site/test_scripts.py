"""What scripts do to a page: read chapters, the glossary's filter, Escape, the mark.

Each check finds nothing on the site, and finds the fault on a small page whose script
lacks the line that it is about.
"""

import json

import pytest
from hpocourse_pages import ROOT

pytestmark = pytest.mark.needs("chromium")

DESK = {"viewport": {"width": 1280, "height": 600}}
TELEPHONE = {"viewport": {"width": 390, "height": 844}}

# What the scripts of the theme need of a page, and what they are tried on.
SMALL = """<!DOCTYPE html>
<html><meta charset="utf-8"><style>
  body { margin: 0 }
  dialog { position: fixed; inset: 0 }
  .here { position: fixed; inset: 200px 0 auto auto; height: 90px; overflow: auto }
  .here a { display: block; height: 40px }
  article section { height: 700px }
  article section:last-child { height: 40px }
</style><body data-page="index">
<script type="application/json" id="messages">
  {"read": "Read", "progress": "{read} of {all}", "sift": "Filter"}</script>
<div class="top"><i class="progress"></i><a class="find" href="search.html">Find</a>
  <button class="sections" popovertarget="over">Sections</button></div>
<nav id="over" popover>Over the page</nav>
<details class="languages"><summary>Language</summary><a href="#">Español</a></details>
<button class="mode" data-auto="a" data-light="l" data-dark="d">Mode</button>
<nav class="contents"><a href="one.html">1. One</a><a href="two.html">2. Two</a>
  <p class="count" hidden></p></nav>
<nav class="here"><a href="#first">First</a><a href="#middle">Middle</a>
  <a href="#last">Last</a></nav>
<article>
  <table id="map"><tbody><tr><td><a href="one.html">One</a></td></tr>
    <tr><td><a href="two.html">Two</a></td></tr></tbody></table>
  <dl class="terms"><dt id="seed">Seed</dt><dd>A number. <i class="elsewhere"></i></dd>
    <dt>Vazamento</dt><dd>A fault. <i class="elsewhere">leakage</i></dd>
    <dt>Aquisição</dt><dd>A rule. <i class="elsewhere"></i></dd></dl>
  <a href="#seed" data-meaning="A number.">seed</a>
  <section id="first">F</section><section id="middle">M</section>
  <section id="last">L</section>
</article>
<dialog id="finder"><input type="search"></dialog>
"""


@pytest.fixture
def small(tmp_path, visit):
    """Return a function that opens the small page, its scripts or HTML spoilt."""

    def open_page(old="", new="", **options):
        whole = SMALL
        for name in ("site.js", "reading.js"):
            script = (ROOT / "site" / "theme" / "static" / name).read_text("utf-8")
            whole += f"<script>{script}</script>\n"
        assert whole.count(old) == 1 or not old
        path = tmp_path / "small.html"
        path.write_text(whole.replace(old, new, 1) if old else whole, "utf-8")
        return visit(path.as_uri(), **(options or DESK))

    return open_page


# --- What was read is seen ---------------------------------------------------------


def unlike_what_was_read(page, slug):
    """Return what the page shows otherwise than one chapter read, and then none."""
    faults = []
    marked = page.locator("#map a.read")
    for read in ([slug], []):
        page.evaluate(
            "read => localStorage.setItem('hpocourse-read', read)", json.dumps(read)
        )
        page.reload()
        hrefs = marked.evaluate_all("all => all.map(each => each.getAttribute('href'))")
        if hrefs != [f"{each}.html" for each in read]:
            faults.append(f"cards: {hrefs}")
        if page.locator(".contents .count:not([hidden])").count() != len(read):
            faults.append(f"count of {read}")
    return faults


def test_cards_show_what_was_read(address, visit, small):
    page = visit(f"{address}es/index.html", **DESK)
    assert unlike_what_was_read(page, "validation") == []
    assert unlike_what_was_read(small(), "two") == []
    bad = small("[...chapters, ...cards].forEach", "chapters.forEach")
    assert unlike_what_was_read(bad, "two") == ["cards: []"]
    bad = small('classList.toggle("read", done)', 'classList.add("read")')
    assert len(unlike_what_was_read(bad, "two")) == 2
    bad = small("bar.hidden = !count;")
    assert unlike_what_was_read(bad, "two") == ["count of ['two']"]


# --- The glossary's filter -----------------------------------------------------------


def not_sifted(page, queries):
    """Return the queries that leave other terms than one to be seen, and the rest."""
    words = page.locator("dl.terms > dt:visible")
    everything = words.count()
    faults = []
    for query, word in queries.items():
        page.fill("input.sift", query)
        shown = [each.strip() for each in words.all_inner_texts()]
        meanings = page.locator("dl.terms > dd:visible").count()
        if len(shown) != 1 or word not in shown[0] or meanings != 1:
            faults.append(query)
    page.fill("input.sift", "")
    return faults + ["the rest"] * (words.count() != everything)


def test_the_glossary_is_sifted(address, visit, small):
    page = visit(f"{address}pt/glossary.html", **DESK)
    assert (
        not_sifted(page, {"leakage": "vazamento", "FUNCAO DE AQUISICAO": "função"})
        == []
    )
    queries = {"leakage": "Vazamento", " AQUISICAO": "Aquisição"}
    assert not_sifted(small(), queries) == []
    for old, new, missed in [
        (" ${others}`", "`", ["leakage"]),
        ('.replace(/\\p{M}/gu, "")', "", [" AQUISICAO"]),
        ("word.hidden = meaning.hidden", "word.hidden", list(queries)),
        ("= !shown", "= word.hidden || !shown", [" AQUISICAO", "the rest"]),
    ]:
        assert not_sifted(small(old, new), queries) == missed


def first_term(page):
    """Return how far down the glossary's first term stands."""
    return page.evaluate("document.querySelector('dl.terms > dt').offsetTop")


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_the_filter_moves_nothing(address, visit, size):
    page = visit(f"{address}es/glossary.html", **size)
    with_filter = first_term(page)
    page.route("**/reading.js", lambda route: route.abort())
    page.reload()
    assert page.locator("input.sift").count() == 0
    assert first_term(page) == pytest.approx(with_filter, rel=0, abs=1)
    page.add_style_tag(content="dl.terms { padding-top: 0 }")
    assert first_term(page) < with_filter - 30


# --- Escape ------------------------------------------------------------------------

# What opens each thing, and how it is seen.
OPENED = {
    "details.languages summary": "details.languages[open]",
    ".top .find": "#finder[open]",
    "a[data-meaning]": ".meaning:popover-open",
    ".top .sections": "nav[popover]:popover-open",
}


def open_after_escape(page):
    """Return what Escape does not close; it must have been open before."""
    faults = []
    for opener, opened in OPENED.items():
        button = page.locator(opener).first
        if not button.is_visible():
            continue
        if opener.startswith("a["):
            button.focus()
        else:
            button.click()
        page.wait_for_selector(opened)
        page.keyboard.press("Escape")
        if page.locator(opened).count():
            faults.append(opener)
            page.locator(opened).evaluate("each => each.close?.()")
    return faults


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_escape_closes_what_is_open(address, visit, size):
    page = visit(f"{address}es/optuna.html", **size)
    assert open_after_escape(page) == []
    page.click("details.languages summary")
    page.locator("details.languages a").first.focus()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("", "", []),
        ("  languages.open = false;\n  languages.q", "  languages.q", [0]),
        ("finder.showModal()", "finder.show()", [1]),
        ('if (event.key === "Escape") hide();', "", [2]),
        ('id="over" popover', 'id="over" popover="manual"', [3]),
    ],
    ids=["whole", "languages", "search", "meaning", "sections"],
)
def test_what_escape_leaves_open_is_found(small, old, new, faults):
    openers = list(OPENED)
    assert open_after_escape(small(old, new)) == [openers[each] for each in faults]


# --- The section that is read ------------------------------------------------------

AT_THE_END = """async () => {
  scrollTo({top: document.documentElement.scrollHeight, behavior: "instant"});
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const links = [...document.querySelectorAll("nav.here a[href^='#']")];
  const marked = links.filter((each) => each.ariaCurrent === "true");
  const box = links.at(-1).getBoundingClientRect();
  const frame = document.querySelector("nav.here").getBoundingClientRect();
  const faults = [];
  if (marked.length !== 1 || marked[0] !== links.at(-1)) faults.push("not marked");
  const seen = box.bottom <= frame.bottom + 1 && box.top >= frame.top - 1;
  if (!seen) faults.push("out of sight");
  return faults;
}"""


def test_the_last_section_is_marked_at_the_end_and_in_sight(address, visit, small):
    page = visit(f"{address}ru/optuna.html", **DESK)
    assert page.evaluate(AT_THE_END) == []
    assert small().evaluate(AT_THE_END) == []
    bad = small("if (end || target", "if (target")
    assert bad.evaluate(AT_THE_END) == ["not marked", "out of sight"]
    bad = small("frame.scrollTop += ", "")
    assert bad.evaluate(AT_THE_END) == ["out of sight"]
