"""What stands in the pages: languages, addresses, numbers, descriptions."""

import ast
import json
import re
import string
import subprocess
import sys
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from hpocourse_pages import LANGUAGES, ROOT, addresses, site_address, version
from sphinxcontrib import katex

from hpocourse.languages import ENGLISH

SITE = addresses()["site"]


def html(text):
    return BeautifulSoup(text, "html.parser")


# --- The interface's language ------------------------------------------------


def test_interface_is_in_the_language_of_the_page(site, read, english_left):
    for language in LANGUAGES:
        for path in (site / language.folder).glob("*.html"):
            page = read(path)
            assert page.html["lang"] == language.tag
            assert english_left(page, language.catalogue) == [], path


@pytest.mark.parametrize(
    "fault",
    [
        '<button title="Toggle primary sidebar">≡</button>',
        "<nav><p>On this page</p></nav>",
        '<input placeholder="Search this book...">',
        "<footer>Last updated on 1 мая.</footer>",
        '<article><h1>Сетка<a class="headerlink" title="Link to this heading">#</a>'
        "</h1></article>",
        '<article><figcaption><span class="caption-number">Figure 1.1 </span>'
        "</figcaption></article>",
        '<article><details class="hidden"><summary>Show code cell source</summary>'
        "</details></article>",
    ],
)
def test_english_in_the_interface_is_found(fault, english_left):
    assert english_left(html(f"<body><p>Поиск</p>{fault}</body>"), "ru")


def test_english_in_the_text_is_the_author_s(english_left):
    page = html(
        '<article><p>The <code>fit</code></p><img alt="The wave"></article>'
        "<nav><code>Language</code></nav>"
    )
    assert english_left(page, "ru") == []


def _messages(catalogue):
    path = ROOT / "site" / "locale" / catalogue / "LC_MESSAGES" / "site.po"
    with path.open("rb") as file:
        return {
            message.id: message for message in read_po(file, catalogue) if message.id
        }


def _fields(text):
    return sorted(
        [name for _, name, _, _ in string.Formatter().parse(text) if name]
        + re.findall(r"%s", text)
    )


def untranslated(messages, used):
    """Return what is wrong with a catalogue."""
    faults = [f"missing: {text}" for text in used - set(messages)]
    faults += [f"used nowhere: {text}" for text in set(messages) - used]
    for text, message in messages.items():
        if not message.string or message.fuzzy:
            faults.append(f"not translated: {text}")
        elif _fields(text) != _fields(message.string):
            faults.append(f"other placeholders: {text} → {message.string}")
    return faults


@pytest.fixture(scope="module")
def used_messages():
    found = set()
    for pattern in ("*.html", "*.py"):
        for path in (ROOT / "site").rglob(pattern):
            found |= {
                text.encode("latin-1", "backslashreplace").decode("unicode_escape")
                for text in re.findall(
                    r'\b(?:t|translate)\(\s*"([^"]+)"', path.read_text("utf-8")
                )
            }
    return found | {"Code of the figure", "Output"}


@pytest.mark.parametrize("catalogue", [each.catalogue for each in LANGUAGES])
def test_catalogues_are_whole(catalogue, used_messages):
    assert len(used_messages) > 40
    assert untranslated(_messages(catalogue), used_messages) == []


def test_faults_of_catalogues_are_found():
    class Message:
        def __init__(self, text, fuzzy=False):
            self.string, self.fuzzy = text, fuzzy

    messages = {
        "Old": Message("Старое"),
        "Empty": Message(""),
        "Fuzzy": Message("Нечёткое", fuzzy=True),
        "Version {version}": Message("Версия {verson}"),
    }
    faults = untranslated(messages, {*messages, "New"} - {"Old"})
    assert len(faults) == 5


# --- Search engines and previews ---------------------------------------------


def head_faults(page, language, slug, site):
    """Return what is wrong in the head of a page."""
    faults = []

    def content(name, kind="name"):
        found = page.find("meta", {kind: name})
        return found["content"] if found else None

    def links(rel):
        return page.find_all("link", rel=rel)

    def address(folder):
        return f"{SITE}{folder}/" + ("" if slug == "index" else f"{slug}.html")

    if not 50 <= len(content("description") or "") <= 300:
        faults.append(f"description: {content('description')}")
    if content("og:description", "property") != content("description"):
        faults.append("og:description")
    for name in ("og:title", "og:url", "og:image", "og:locale", "og:site_name"):
        if not content(name, "property"):
            faults.append(name)
    if [link["href"] for link in links("canonical")] != [address(language.folder)]:
        faults.append("canonical")
    alternates = {link["hreflang"]: link["href"] for link in links("alternate")}
    wanted = {each.tag: address(each.folder) for each in LANGUAGES}
    wanted["x-default"] = SITE if slug == "index" else address("pt")
    if alternates != wanted:
        faults.append(f"alternates: {alternates}")
    if not page.title.string.strip() or "<" in page.title.string:
        faults.append("title")
    return faults


def test_heads_of_pages(chapters, slug_of, read, site):
    for language, path in chapters:
        slug = slug_of(language, path)
        assert head_faults(read(path), language, slug, site) == [], path


def test_faults_of_heads_are_found(site):
    page = html(
        "<title>x</title><meta name=description content=short>"
        f'<link rel=canonical href="{SITE}es/grid-search.html">'
        f'<link rel=alternate hreflang=pt href="{SITE}pt/grid-search.html">'
    )
    faults = head_faults(page, LANGUAGES[0], "grid-search", site)
    assert {fault.split(":")[0] for fault in faults} >= {
        "description",
        "canonical",
        "alternates",
        "og",
    }


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        (
            "https://github.com/ana/course",
            "https://ana.github.io/course/",
        ),
        ("https://github.com/Ana/Course.git", "https://ana.github.io/Course/"),
        ("https://github.com/ana/ana.github.io/", "https://ana.github.io/"),
    ],
)
def test_address_of_the_site(repository, address):
    assert site_address(repository) == address


def test_address_that_pages_cannot_have():
    with pytest.raises(ValueError, match=r"github\.com/OWNER/NAME.*gitlab"):
        site_address("https://gitlab.com/ana/course")


# --- Links and addresses -----------------------------------------------------


def broken_links(path, page):
    """Return the relative links of a page that lead nowhere."""
    broken = []
    ids = {element["id"] for element in page.find_all(id=True)}
    for element in page.find_all(["a", "link", "script", "img", "form"]):
        target = next(
            (
                element[key]
                for key in ("href", "src", "action")
                if element.has_attr(key)
            ),
            "",
        )
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not file.is_file():
            broken.append(target)
        elif file == path and parts.fragment and unquote(parts.fragment) not in ids:
            broken.append(target)  # Links into other pages are Sphinx's to check.
    return broken


# What says nothing of where a link leads, by language, as Lighthouse has it (its audit
# "Links have descriptive text"); it has none for Russian.
VAGUE = {
    "en": "click here|click this|go|here|information|learn more|more|more info"
    "|more information|right here|read more|see more|start|this",
    "es": "click aqu[ií]|clicka aqu[ií]|pincha aqu[ií]|aqu[ií]|m[aá]s"
    "|m[aá]s informaci[oó]n|este|enlace|este enlace|empezar",
    "pt": "clique aqui|aqui|ir|mais informaç(ão|ões)|mais|veja mais|começar",
    "ru": "здесь|тут|сюда|ссылка|подробнее|далее|начать",
}


def vague_links(page):
    """Return the texts of links that do not say where they lead."""
    texts = [" ".join(link.get_text().split()).casefold() for link in page("a")]
    return [text for text in texts if re.fullmatch("|".join(VAGUE.values()), text)]


def test_links_say_where_they_lead(site, read):
    assert {path: vague_links(read(path)) for path in site.rglob("*.html")} == {
        path: [] for path in site.rglob("*.html")
    }


def test_vague_links_are_found():
    page = html(
        '<a href="a"> <span>Empezar</span></a> <a href="b">Empezar el curso</a>'
    )
    assert vague_links(page) == ["empezar"]
    assert vague_links(html('<p>Ver <a href="a">aquí</a></p>')) == ["aquí"]


def test_links_resolve(site, read):
    for path in site.rglob("*.html"):
        page = read(path)
        if path.name != "404.html":
            assert broken_links(path, page) == [], path


def test_broken_links_are_found(site):
    page = html(
        '<a href="gone.html">x</a><img src="_images/gone.png"><a href="#gone">x</a>'
        '<a href="grid-search.html">x</a>'
    )
    path = site / "pt" / "index.html"
    assert broken_links(path, page) == ["gone.html", "_images/gone.png", "#gone"]


def idle_files(edition):
    """Return the scripts, styles and pictures of an edition that nothing names."""
    ends = {".html", ".css", ".js"}
    files = [path for path in edition.rglob("*") if path.suffix in ends]
    text = "".join(path.read_text("utf-8") for path in files)
    return [
        path.name
        for path in sorted((edition / "_static").rglob("*"))
        if path.is_file()
        and path.name != "LICENSE"
        and not re.search(rf"(?<![\w-]){re.escape(path.stem)}\b", text)
    ]


def test_an_edition_has_no_file_that_nothing_loads(site):
    for language in LANGUAGES:
        edition = site / language.folder
        # finder.js puts this name together.
        assert idle_files(edition) == [f"searched-{language.folder}.js"]
        for name in ("searchtools", "doctools", "sphinx_highlight", "basic"):
            assert not list((edition / "_static").glob(f"{name}.*"))


def test_files_that_nothing_loads_are_found(tmp_path):
    (tmp_path / "_static").mkdir()
    for name in ("used.js", "idle.js", "LICENSE"):
        (tmp_path / "_static" / name).touch()
    (tmp_path / "index.html").write_text('<script src="_static/used.js">', "utf-8")
    assert idle_files(tmp_path) == ["idle.js"]


def test_switch_leads_to_the_same_page(chapters, slug_of, read):
    for language, path in chapters:
        slug = slug_of(language, path)
        up = "../" * (slug.count("/") + 1)
        switch = read(path).find("details", class_="languages")
        links = {a["lang"]: a["href"] for a in switch.find_all("a")}
        assert links == {
            each.tag: f"{up}{each.folder}/{slug}.html" for each in LANGUAGES
        }
        assert [a.text for a in switch.find_all("a")] == [x.name for x in LANGUAGES]
        assert switch.find("a", {"aria-current": "true"})["lang"] == language.tag


def test_buttons(chapters, slug_of, read, site):
    repository = addresses()["repository"]
    tag = f"v{version(ROOT)}"
    for language, path in chapters:
        links = [a["href"] for a in read(path).find(class_="actions").find_all("a")]
        *run, view, edit, report = links
        slug = slug_of(language, path)
        source = f"book/{language.folder}/{slug}.{'ipynb' if run else 'md'}"
        assert (ROOT / source).is_file()
        assert view == f"{repository}/blob/{tag}/{source}"
        assert edit == f"{repository}/edit/main/{source}"
        assert report.startswith(f"{repository}/issues/new?")
        query = parse_qs(urlsplit(report).query)
        assert source in query["title"][0]
        assert source in query["body"][0]
        if path.stem == "index":  # has nothing to run: it leads to what has
            (start,) = run
            assert (path.parent / start).is_file()
            continue
        if not run or slug.startswith("exercises/"):
            continue  # What opens an exercise is looked at in test_exercises.
        colab, download = run
        owner_and_name = repository.removeprefix("https://github.com/")
        assert colab == (
            "https://colab.research.google.com/github/"
            f"{owner_and_name}/blob/{tag}/{source}"
        )
        notebook = json.loads((path.parent / download).read_text("utf-8"))
        assert notebook == json.loads((ROOT / source).read_text("utf-8"))
        setup = next(cell for cell in notebook["cells"] if cell["id"] == "setup")
        release = f"{repository}/releases/download/{tag}"
        assert release in "".join(setup["source"])


def test_footer(chapters, read):
    for _, path in chapters:
        text = read(path).find("footer").text
        assert version(ROOT) in text
        assert "CC BY 4.0" in text
        assert "BSD-3-Clause" in text


# --- Glossary, references, package ---------------------------------------------


def fragments(page, name):
    """Return what a page's links to another page point to."""
    return {
        urlsplit(a["href"]).fragment
        for a in page.find_all("a", href=re.compile(rf"^{name}\.html#."))
    }


def test_terms_can_be_linked_to(site, read):
    from tools import glossary

    terms = glossary.load(ROOT)
    for root in (site, site.parent / "html" / "book"):
        for language in LANGUAGES:
            page = read(root / language.folder / "glossary.html")
            shown = page.select("dl.terms > dt")
            assert {dt["id"] for dt in shown} == {term.id for term in terms}
            words = [dt.find(string=True).strip() for dt in shown]
            assert words == sorted(words, key=glossary.sort_key)
            tags = {x.tag for x in {*LANGUAGES, ENGLISH} - {language}}
            for others in page.select(".elsewhere"):
                said = [span["lang"] for span in others.select("[lang]")]
                assert sorted(said) == sorted(tags)
            for path in (root / language.folder).glob("*.html"):
                links = fragments(read(path), "glossary")
                assert links <= {term.id for term in terms}
                assert path.stem != "grid-search" or len(links) >= 8


def test_terms_are_sorted_as_in_a_dictionary():
    from tools.glossary import sort_key

    for words in (
        ["acurácia", "época", "erro", "espaço"],
        ["época", "error"],
        ["ёмкость", "зерно", "йота", "кросс"],
    ):
        assert sorted(reversed(words), key=sort_key) == words


def test_every_work_is_listed_once(site, read):
    from tools import references

    works = references.load(ROOT)
    for language in LANGUAGES:
        page = read(site / language.folder / "references.html")
        links = [item.a["href"] for item in page.select("ul.works > li")]
        assert sorted(links) == sorted(work.address for work in works.values())
        assert all(item.find(class_="reason").text for item in page.select(".works li"))


def test_package_is_described_whole(site, read):
    names = {
        node.value
        for stub in (ROOT / "hpocourse").glob("**/__init__.pyi")
        for statement in ast.parse(stub.read_text("utf-8")).body
        if isinstance(statement, ast.Assign)
        for node in statement.value.elts
    }
    modules = {"datasets", "languages", "metrics", "networks", "plots", "search"}
    for language in LANGUAGES:
        found = set()
        for path in sorted((site / language.folder).glob("api-*.html")):
            page = read(path)
            described = page.select("section.api")
            assert described, path
            assert all(section["lang"] == "en" for section in described)
            found |= {section["id"] for section in described}
            # Written in the docstrings' syntax, and not shown in it.
            text = page.article.text
            assert "``" not in text
            assert ":func:" not in text
            assert "self" not in "".join(x.text for x in page.select(".signature"))
        assert names - modules <= found
        text = read(site / language.folder / "api-datasets.html").article.text
        assert "Dataset.folds(k: int = 5)" in text
        assert missed_names(site / language.folder, read) == set()


def missed_names(folder, read):
    """Return the names of the package to which the overview does not lead."""
    page = read(folder / "api.html")
    listed = page.select_one("article")
    missed = set()
    for path in sorted(folder.glob("api-*.html")):
        assert listed.find("a", href=path.name)
        for section in read(path).select("section.api, section.api section"):
            place = listed.find(id=section["id"])  # Here it once was described.
            link = place and place.a
            if not link or link["href"] != f"{path.name}#{section['id']}":
                missed.add(section["id"])
    return missed


def test_a_name_that_the_overview_misses_is_found(site, read, tmp_path):
    for name in ("api", "api-metrics"):
        text = (site / "pt" / f"{name}.html").read_text("utf-8")
        text = text.replace("#evaluate_regressor", "#gone")
        (tmp_path / f"{name}.html").write_text(text, "utf-8")
    assert missed_names(tmp_path, read) == {"evaluate_regressor"}


def kinds_of_tuples(page):
    """Return the types on a page that are shown as a tuple."""
    return [kind.text for kind in page.select(".kind") if kind.text.startswith("(")]


def test_several_errors_are_no_tuple(site, read):
    pages = [read(path) for path in sorted((site / "pt").glob("api-*.html"))]
    assert [kind for page in pages for kind in kinds_of_tuples(page)] == []
    shown = {kind.text for page in pages for kind in page.select(".kind")}
    assert "TypeError, ValueError" in shown
    tuples = '<span class="kind">(TypeError, ValueError)</span>'
    assert kinds_of_tuples(html(tuples)) == ["(TypeError, ValueError)"]


@pytest.mark.slow
def test_package_is_read_and_not_imported():
    code = (
        "import sys; sys.path.insert(0, 'site'); import hpocourse_source as package; "
        "print('load_digits' in package.public_names()['datasets'], "
        "{'numpy', 'sklearn', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "True set()", done.stderr


# --- Numbers and formulas ----------------------------------------------------


FIGURE = {"pt": "Figura", "es": "Figura", "ru": "Рис."}


def chapter_number(slug):
    """Return the number that a chapter has in each language."""
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    slugs = re.findall(r"- file: book/pt/(\S+)", toc)
    return slugs.index(slug)  # The index has none.


@pytest.mark.parametrize("folder", FIGURE)
def test_chapters_and_figures_are_numbered(site, read, folder):
    number = chapter_number("grid-search")
    page = read(site / folder / "grid-search.html")
    assert page.h1.find(class_="section-number").text.strip() == f"{number}."
    numbers = [span.text.strip() for span in page.find_all(class_="caption-number")]
    assert numbers[0] == f"{FIGURE[folder]} {number}.1"
    assert len(numbers) == len(set(numbers)) > 3
    for name in ("index", "glossary", "references", "api"):
        page = read(site / folder / f"{name}.html")
        assert page.h1.find(class_="section-number") is None


def test_combined_book_numbers_each_language_from_one(site, read):
    book = site.parent / "html" / "book"
    number = chapter_number("grid-search")
    for folder, name in FIGURE.items():
        page = read(book / folder / "grid-search.html")
        assert page.h1.find(class_="section-number").text.strip() == f"{number}."
        first = page.find(class_="caption-number").text.strip()
        assert first == f"{name} {number}.1"


def test_combined_book_speaks_the_language_of_each_page(site, read, english_left):
    book = site.parent / "html" / "book"
    for language in LANGUAGES:
        page = read(book / language.folder / "grid-search.html")
        assert page.html["lang"] == language.tag
        assert english_left(page, language.catalogue) == []
        canonical = page.find("link", rel="canonical")["href"]
        assert canonical == f"{SITE}{language.folder}/grid-search.html"
        for path in (book / language.folder).glob("*.html"):
            assert broken_links(path, read(path)) == []


def test_formulas_are_rendered_and_styled_where_they_are(chapters, read):
    with_formulas = 0
    for _, path in chapters:
        page = read(path)
        rendered = page.find_all(class_="katex")
        style = page.find("link", href=re.compile(r"katex\.min\.css$"))
        assert bool(rendered) == bool(style), path
        assert not page.find(class_="katex-error")
        with_formulas += bool(rendered)
    assert with_formulas >= 3


def test_style_of_formulas_fits_their_renderer():
    folder = ROOT / "site" / "theme" / "static" / "katex"
    style = (folder / "katex.min.css").read_text("utf-8")
    assert f'content:"{katex.katex_version}"' in style
    fonts = set(re.findall(r"url\((fonts/[^)]+)\)", style))
    assert fonts == {f"fonts/{path.name}" for path in (folder / "fonts").iterdir()}


# --- Root pages --------------------------------------------------------------


def loads(page):
    """Return what a page loads by itself."""
    tags = page.find_all(["script", "img", "iframe", "source"], src=True)
    styles = page.find_all("link", rel=["stylesheet", "icon", "preload"])
    found = [tag["src"] for tag in tags] + [link["href"] for link in styles]
    found += re.findall(r"url\(([^)]+)\)|@import", str(page))
    return [address for address in found if not address.startswith("data:")]


@pytest.mark.parametrize("name", ["index.html", "404.html"])
def test_root_pages_stand_alone_and_work_without_scripts(site, read, name):
    page = read(site / name)
    assert loads(page) == []
    cards = page.find_all(class_="card")
    assert [card["lang"] for card in cards] == [each.tag for each in LANGUAGES]
    assert not any(card.has_attr("hidden") for card in cards)
    for card, language in zip(cards, LANGUAGES, strict=True):
        link = card if card.name == "a" else card.a
        base = "" if name == "index.html" else urlsplit(SITE).path
        assert link["href"] == f"{base}{language.folder}/index.html"


def test_what_a_page_loads_is_found():
    page = html('<script src="a.js"></script><style>p{background:url(b.png)}</style>')
    assert loads(page) == ["a.js", "b.png"]


# --- Dates -------------------------------------------------------------------


def test_dates_are_those_of_the_last_commits(tmp_path):
    from hpocourse_pages import commit_dates

    def git(*arguments, day="2025-01-02"):
        stamp = f"{day}T12:00:00"
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            env={
                **__import__("os").environ,
                "GIT_AUTHOR_DATE": stamp,
                "GIT_COMMITTER_DATE": stamp,
            },
        )

    assert commit_dates(tmp_path) == {}
    git("init", "-q")
    (tmp_path / "book").mkdir()
    for name in ("first.md", "второй.md"):
        (tmp_path / "book" / name).write_text(name, "utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    (tmp_path / "book" / "first.md").write_text("changed", "utf-8")
    git("commit", "-qam", "two", day="2025-03-04")
    assert commit_dates(tmp_path) == {
        "book/first.md": "2025-03-04",
        "book/второй.md": "2025-01-02",
    }
    git("clone", "-q", "--depth=1", f"file://{tmp_path}", "shallow")
    assert commit_dates(tmp_path / "shallow") == {}
