"""The built site, a server of it and a browser that reaches no other host."""

import os
import re
import shutil
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

import pytest
import sphinx
import sphinx_book_theme
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from bs4.element import PreformattedString
from filelock import FileLock

from hpocourse import languages

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "site"))

from hpocourse_pages import LANGUAGES, translations  # noqa: E402

FOLDERS = [language.folder for language in LANGUAGES]
BROWSER = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def _run_build(root, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "tools.build", *arguments],
        cwd=root,
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="session")
def run_build():
    """Return a function that runs `python -m tools.build` in a tree."""
    return _run_build


@pytest.fixture(scope="session")
def copy_tree():
    """Return a function that copies what building takes into a folder."""

    def copy(folder):
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        for name in ("book", "hpocourse", "site", "tools"):
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        for name in ("_config.yml", "_toc.yml", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        return folder

    return copy


@pytest.fixture(scope="session")
def site():
    """Return the folder of the site as `make book` leaves it."""
    build = ROOT / "_build"
    build.mkdir(exist_ok=True)
    # Several workers ask for it; the first one builds.
    with FileLock(build / ".tests.lock"):
        result = _run_build(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    return build / "site"


@pytest.fixture(scope="session")
def chapters(site):
    """Return (language, path) of every page that has a source, exercises included."""
    pages = [
        (language, path)
        for language in LANGUAGES
        for path in sorted((site / language.folder).rglob("*.html"))
        if path.name != "search.html"
    ]
    assert len(pages) >= 6
    assert any(path.parent.name == "exercises" for _, path in pages)
    return pages


@pytest.fixture(scope="session")
def slug_of(site):
    """Return a function that names a page below its edition: exercises/grid-search."""

    def name(language, path):
        return path.relative_to(site / language.folder).with_suffix("").as_posix()

    return name


@pytest.fixture(scope="session")
def read():
    """Return a function that parses a page."""

    @cache
    def parse(path):
        return BeautifulSoup(path.read_text("utf-8"), "html.parser")

    return parse


# --- English that is left ------------------------------------------------------

# Words that no page of the course has in its interface, in any of its languages.
ENGLISH = re.compile(
    r"\b(the|of|and|this|that|to|from|with|your|is|are|by|on|in|for|page|pages|search"
    r"|searching|results|found|next|previous|back|top|copy|copied|code|show|hide"
    r"|toggle|open|close|source|download|edit|report|figure|table|section|link|skip"
    r"|content|contents|language|mode|light|dark|color|colors|version|updated|text"
    r"|license|navigation|index|menu|theme|note|warning|output|issue|launch)\b",
    re.IGNORECASE,
)
ATTRIBUTES = (
    "title",
    "aria-label",
    "placeholder",
    "alt",
    "data-copy",
    "data-copied",
    "data-auto",
    "data-light",
    "data-dark",
)
# What is named so in every language.
NAMES = re.compile(r"CC BY 4\.0|BSD-3-Clause|GitHub|Colab|JavaScript|hpocourse[\w.]*")


def _theme_messages():
    """Return the English texts that Sphinx and the theme of Jupyter Book have."""
    folder = Path(sphinx_book_theme.__file__).parent / "theme" / "sphinx_book_theme"
    files = [
        Path(sphinx.__file__).parent / "locale" / "ru" / "LC_MESSAGES" / "sphinx.po",
        folder / "static" / "locales" / "ru" / "LC_MESSAGES" / "booktheme.po",
    ]
    messages = set()
    for file in files:
        with file.open("rb") as handle:
            for message in read_po(handle):
                if isinstance(message.id, str) and " " in message.id:
                    messages.add(message.id)
    return messages


def interface_texts(page):
    """Yield what a page shows that is not the author's text."""
    article = page.find("article")
    inside_article = {id(each) for each in article.descendants} if article else set()
    # Names are the same in every language.
    code = {id(each) for tag in page.find_all("code") for each in tag.descendants}
    # Of what is inside, the interface owns numbers, links, buttons and folds.
    owners = page.select(
        "article :is(.caption-number, .headerlink, .copy), article .hidden summary"
    )
    owned = {id(each) for tag in owners for each in tag.descendants}
    for text in page.find_all(string=True):
        if isinstance(text, PreformattedString) or text.parent.name in (
            "script",
            "style",
        ):
            continue
        if id(text) in code:
            continue
        if id(text) not in inside_article or id(text) in owned:
            yield text
    for element in page.find_all(True):
        for name in ATTRIBUTES:
            # What a figure shows is the author's to say.
            figure = element.name == "img" and id(element) in inside_article
            if element.has_attr(name) and not figure:
                yield element[name]


@pytest.fixture(scope="session")
def english_left():
    """Return a function that lists what a page's interface leaves in English."""
    messages = _theme_messages()

    def check(page, catalogue):
        if catalogue == languages.ENGLISH.catalogue:
            return []  # It is the author's own.
        translated = set(translations(catalogue)._catalog.values())
        left = []
        for text in interface_texts(page):
            text = " ".join(text.split())
            bare = NAMES.sub("", text)
            if text in translated:
                continue
            if ENGLISH.search(bare) or any(message in bare for message in messages):
                left.append(text)
        return left

    return check


# --- A server and a browser ----------------------------------------------------


@pytest.fixture(scope="module")
def address(site):
    """Return the address of a server of the site on this machine."""
    from tools.serve import start

    with start(site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    """Return a browser, which is closed before other modules are tested."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=BROWSER
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe():
    """Return a function that lists what axe finds against WCAG 2.2 A and AA."""
    from axe_playwright_python.sync_playwright import Axe

    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    options = {
        "runOnly": {"type": "tag", "values": rules},
        # What is right need not be told, nor where it stands: half of axe's time.
        "resultTypes": ["violations"],
        "selectors": False,
    }

    def check(page):
        found = Axe().run(page, options=options).response["violations"]
        return [(each["id"], each["nodes"][0]["html"][:120]) for each in found]

    return check


@pytest.fixture
def visit(chromium):
    """Return a function that opens an address and notes what goes wrong.

    The page gets ``foreign``, the requests to other hosts, and ``errors``.
    """
    contexts = []

    def open_page(address, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.foreign, page.errors, page.responses = [], [], []
        page.on(
            "request",
            lambda request: (
                None
                if re.match(r"(http://127\.0\.0\.1[:/]|file:|data:|blob:)", request.url)
                else page.foreign.append(request.url)
            ),
        )
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                page.errors.append(message.text) if message.type == "error" else None
            ),
        )
        page.on("response", lambda response: page.responses.append(response))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
