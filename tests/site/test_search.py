"""The search, as a reader uses it."""

import gzip
import random
import re
import shutil
import unicodedata
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from hpocourse_pages import LANGUAGES, get_language
from hpocourse_search import entries, search_language
from sphinx import addnodes
from sphinx.errors import ExtensionError

from hpocourse.languages import Language
from tools.wording import wording

#: What the search of an edition may weigh, compressed.
MAX_WEIGHT = 340_000
DESK = {"viewport": {"width": 1280, "height": 900}}
FOLDERS = [language.folder for language in LANGUAGES]
QUERIES = yaml.safe_load(Path(__file__).with_name("queries.yml").read_text("utf-8"))
LINKS = "links => links.map((link) => link.getAttribute('href').replace('./', ''))"
browser = pytest.mark.needs("chromium")


def open_search(visit, place, folder):
    page = visit(f"{place}{folder}/search.html", **DESK)
    assert page.locator("#find-here[data-ready]").count() == 0
    page.fill("#find-here input", "x")  # What is searched is loaded now.
    page.wait_for_selector("#find-here[data-ready=yes]")
    return page


def find(page, query):
    """Type words, and return where the results lead, the best first."""
    page.fill("#find-here input", query)
    return page.eval_on_selector_all("#find-here li a", LINKS)


@browser
@pytest.mark.parametrize("folder", QUERIES)
def test_what_is_meant_is_found_first(address, visit, folder, record_property):
    page = open_search(visit, address, folder)
    found = {query: (find(page, query) or [None])[0] for query in QUERIES[folder]}
    right = [query for query, place in found.items() if QUERIES[folder][query] == place]
    record_property(
        "summary",
        f"search {folder}: {len(right)} of {len(found)} queries find it first",
    )
    assert found == QUERIES[folder]


def test_there_are_enough_queries():
    assert sum(map(len, QUERIES.values())) >= 40
    assert set(QUERIES) == set(FOLDERS)


def without(word, folder):
    """Return a word as it is typed without its accents."""
    for letter, other in wording(folder).same_letters:
        word = word.replace(letter, other)
    if wording(folder).same_letters:
        return word
    letters = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@browser
@pytest.mark.parametrize("folder", FOLDERS)
def test_search_is_blind_to_accents(address, visit, site, read, folder):
    """Words of a chapter are found with and without accents, and decomposed."""
    text = read(site / folder / "grid-search.html").article.text.lower()
    words = sorted(set(re.findall(r"[^\W\d_]{6,}", text)))
    words = [word for word in words if word != without(word, folder)]
    stopwords = search_language(get_language(folder)).stopwords
    spelled = [(word, without(word, folder)) for word in words]
    words = [word for word, bare in spelled if not {word, bare} & set(stopwords)][:20]
    assert len(words) > 10
    page = open_search(visit, address, folder)
    for word in words:
        found = find(page, word)
        assert found, word
        # Without an accent some words have another stem, and more places besides.
        assert set(find(page, without(word, folder))) & set(found), word
        assert find(page, word.upper()) == found
        decomposed = unicodedata.normalize("NFD", word)
        assert find(page, decomposed) == found


@browser
def test_what_is_not_there_is_not_found(address, visit):
    page = open_search(visit, address, "pt")
    assert find(page, "xyzzyquux") == []
    assert page.inner_text("#find-here [role=status]") == "Nada encontrado."
    assert find(page, "   ") == []
    assert page.inner_text("#find-here [role=status]") == ""


@browser
def test_words_are_marked_where_they_stand(address, visit):
    page = open_search(visit, address, "es")
    find(page, "semillas")
    marked = page.locator("#find-here li").first.locator("mark").all_inner_texts()
    assert marked
    assert {without(word.lower(), "es")[:6] for word in marked} == {"semill"}
    for text in page.locator("#find-here li p").all_inner_texts():
        assert "\\" not in text


@browser
def test_keys_open_choose_and_follow(address, visit):
    page = visit(f"{address}ru/optuna.html", **DESK)
    for key in ("/", "Control+k"):
        page.keyboard.press(key)
        page.wait_for_selector("dialog.finder[open][data-ready=yes]")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog.finder:not([open])", state="attached")
    page.keyboard.press("/")
    page.keyboard.type("утечка")
    page.wait_for_selector("#finder li[aria-selected=true]")
    options = page.locator("#finder li")
    chosen = page.locator("#finder li[aria-selected=true]")
    first = chosen.get_attribute("id")
    page.keyboard.press("ArrowDown")
    assert chosen.get_attribute("id") == options.nth(1).get_attribute("id")
    active = page.get_attribute("#finder input", "aria-activedescendant")
    assert active == chosen.get_attribute("id")
    page.keyboard.press("ArrowUp")
    assert chosen.get_attribute("id") == first
    page.keyboard.press("Enter")
    page.wait_for_url("**/ru/glossary.html#leakage")
    assert page.errors == []


@browser
def test_search_works_from_a_folder(site, visit):
    page = open_search(visit, f"{site.as_uri()}/", "pt")
    assert find(page, "otimizacao")
    assert page.locator("#find-here mark").count() > 0
    assert page.errors == []


@browser
def test_a_query_in_the_address_is_answered(address, visit):
    page = visit(f"{address}pt/search.html?q=podador", **DESK)
    page.wait_for_selector("#find-here li")
    first = page.locator("#find-here li a").first.get_attribute("href")
    assert first.endswith("glossary.html#pruner")


@browser
def test_search_speaks_the_language(address, visit, english_left):
    for language in LANGUAGES:
        page = open_search(visit, address, language.folder)
        assert find(page, "optuna")
        shown = BeautifulSoup(page.content(), "html.parser")
        for results in shown.find_all(role="listbox"):
            results.clear()  # The author's words.
        shown.article.unwrap()
        assert english_left(shown, language.catalogue) == []


def weight_of_the_search(static):
    """Return how many bytes come, compressed, when a reader first searches."""
    names = ["minisearch/minisearch.js", "finder.js", "base-stemmer.js"]
    names += ["russian-stemmer.js", "searched-ru.js"]
    return sum(len(gzip.compress((static / name).read_bytes(), 9)) for name in names)


def test_weight_of_the_search(site, record_property):
    size = weight_of_the_search(site / "ru" / "_static")
    record_property("summary", f"search ru, loaded at first use: {size / 1000:.0f} kB")
    assert size < MAX_WEIGHT


def test_a_search_that_grew_is_noticed(site, tmp_path):
    static = tmp_path / "_static"
    shutil.copytree(site / "ru" / "_static", static)
    with (static / "searched-ru.js").open("ab") as file:
        file.write(random.Random(0).randbytes(MAX_WEIGHT))
    assert weight_of_the_search(static) > MAX_WEIGHT


def test_every_place_that_can_be_found_exists(site, read):
    import json

    for folder in FOLDERS:
        text = (site / folder / "_static" / f"searched-{folder}.js").read_text("utf-8")
        known = json.loads(text.removeprefix("const searched = ").rstrip(";\n"))
        assert len(known["entries"]) > 150
        for entry in known["entries"]:
            page = read(site / folder / known["pages"][entry["page"]]["uri"])
            assert not entry["anchor"] or page.find(id=entry["anchor"]), entry["anchor"]


def test_an_entry_holds_its_own_words_only():
    inner = nodes.section("", nodes.title("", "Inner"), nodes.paragraph("", "deep"))
    inner["ids"] = ["inner"]
    code = nodes.literal_block("", "load_digits(seed=1)")
    words = nodes.paragraph("", "shallow ", nodes.math("", r"\alpha"))
    outer = nodes.section("", nodes.title("", "Outer"), words, code, inner)
    document = nodes.document(None, None, "", outer)
    first, second = entries(document)
    assert first == {
        "anchor": "",
        "kind": "page",
        "title": "Outer",
        "text": "shallow …",
        "code": "load_digits seed",
    }
    assert second["anchor"], second["text"] == ("inner", "deep")


def test_a_term_shows_what_it_means_alone():
    link = nodes.reference("", "Validation", refuri="validation.html")
    word = nodes.inline("", "", nodes.inline("", "ru"), nodes.inline("", "фолд"))
    word["classes"] = ["word"]
    means = nodes.paragraph("", "Part of the data, of ", link.deepcopy())
    means += nodes.Text(".")
    meaning = nodes.definition(
        "",
        means,
        nodes.paragraph("", "", word),
        nodes.paragraph("", "In the chapters: ", link),
    )
    term = nodes.term("", "fold", ids=["fold"], also=("block",))
    item = nodes.definition_list_item("", term, meaning)
    title = nodes.title("", "Glossary")
    listed = addnodes.glossary("", nodes.definition_list("", item))
    section = nodes.section("", title, nodes.paragraph("", "Terms."), listed)
    _page, entry = entries(nodes.document(None, None, "", section))
    assert entry == {
        "anchor": "fold",
        "kind": "term",
        "title": "fold",
        "text": "Part of the data, of Validation.",
        "code": "фолд block",
    }


def test_a_language_without_a_stemmer_is_told():
    with pytest.raises(ExtensionError, match="no stemmer for 'tlh'"):
        search_language(Language("tlh", "Klingon", "tlh", "tlh"))
