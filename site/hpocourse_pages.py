"""What every page of the site knows: addresses, catalogues, and the root pages."""

import gettext
import re
import shutil
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).resolve().parent.parent
# `jupyter-book build .` does not look for modules where the book lies.
sys.path.insert(0, str(ROOT))

from hpocourse.languages import LANGUAGES, Language, get_language  # noqa: E402
from tools import glossary  # noqa: E402
from tools.setup_cell import repository, version  # noqa: E402

__all__ = [
    "LANGUAGES",
    "ROOT",
    "Language",
    "addresses",
    "commit_dates",
    "get_language",
    "glossary_terms",
    "language_of",
    "page_address",
    "render_page",
    "site_address",
    "toc_pages",
    "translations",
    "version",
    "write_root_pages",
]

SITE = ROOT / "site"


def site_address(repository: str) -> str:
    """Return the address at which GitHub Pages publishes a repository.

    Parameters
    ----------
    repository : str
        The address of the repository: ``https://github.com/OWNER/NAME``.

    Returns
    -------
    str
        The address of the site, with a slash at the end.
    """
    found = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+?)(\.git)?/?", repository)
    if found is None:
        raise ValueError(
            "pyproject.toml: the address of the repository must look like "
            f"https://github.com/OWNER/NAME, got {repository!r}"
        )
    host = f"{found[1].lower()}.github.io"
    return f"https://{host}/" + ("" if found[2].lower() == host else f"{found[2]}/")


def language_of(path: Path) -> Language:
    """Return the language of a source of the book.

    Parameters
    ----------
    path : Path
        A file below ``book/`` and the folder of a language.
    """
    return get_language(path.relative_to(ROOT / "book").parts[0])


@cache
def addresses() -> dict[str, str]:
    """Return the addresses from which all others are made.

    Returns
    -------
    dict of str
        ``repository``, ``site``, and ``colab``, each without what follows it.
    """
    address = repository(ROOT).rstrip("/")
    return {
        "repository": address,
        "site": site_address(address),
        "colab": f"https://colab.research.google.com/github{urlsplit(address).path}",
    }


@cache
def toc_pages() -> frozenset[str]:
    """Return the pages that the table of contents names: ``"pt/grid-search"``."""
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    return frozenset(
        re.findall(r"\bbook/(\S+?/\S+?)(?:\.ipynb|\.md)?$", toc, re.MULTILINE)
    )


def page_address(page: str) -> str:
    """Return the address of a page of the site, ``"pt/grid-search"`` for example."""
    folder, slug = page.split("/", 1)
    end = "" if slug == "index" else f"{slug}.html"
    return f"{addresses()['site']}{folder}/{end}"


def commit_dates(root: Path = ROOT) -> dict[str, str]:
    """Return the date of the last commit of each file of the book.

    Parameters
    ----------
    root : Path, optional
        The root of the repository.

    Returns
    -------
    dict of str
        ISO dates by path from the root. Empty where there is no history, or
        only its end, as in the shallow clones that workflows make.
    """

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), "-c", "core.quotePath=off", *arguments]
        found = subprocess.run(
            command, capture_output=True, check=False, text=True, encoding="utf-8"
        )
        return found.stdout if found.returncode == 0 else ""

    if shutil.which("git") is None:
        return {}
    if git("rev-parse", "--is-shallow-repository").strip() != "false":
        return {}
    dates: dict[str, str] = {}
    log = git("log", "--format=%x00%cs", "--name-only", "--relative", "--", "book")
    for commit in log.split("\0")[1:]:
        day, *files = commit.split("\n")
        for file in filter(None, files):
            dates.setdefault(file, day)
    return dates


@cache
def translations(catalogue: str) -> gettext.NullTranslations:
    """Return the site's catalogue of one language, compiled in memory.

    Parameters
    ----------
    catalogue : str
        Name of the catalogue, such as ``"pt_BR"``.
    """
    with (SITE / "locale" / catalogue / "LC_MESSAGES" / "site.po").open("rb") as file:
        messages = read_po(file, locale=catalogue)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def glossary_terms(folder: str) -> dict[str, str]:
    """Return what each term of the glossary means, by its id.

    Parameters
    ----------
    folder : str
        The folder of the language below ``book/``.
    """
    return {term.id: term.means[folder] for term in glossary.load(ROOT)}


def render_page(name: str, languages: tuple[Language, ...], **values: object) -> str:
    """Return a page that stands outside the editions, and loads nothing.

    Parameters
    ----------
    name : str
        A template of ``site/pages``.
    languages : tuple of Language
        The languages that the page speaks.
    **values : object
        What else the template shows.
    """
    theme = SITE / "theme"
    jinja = Environment(
        loader=FileSystemLoader([SITE / "pages", theme, theme / "static"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return jinja.get_template(name).render(
        languages=[
            (language, translations(language.catalogue).gettext)
            for language in languages
        ],
        site=addresses()["site"],
        folders=[language.folder for language in languages],
        icon=(theme / "static" / "mark.svg").read_text("utf-8").strip(),
        **values,
    )


def write_root_pages(folder: Path) -> None:
    """Write what stands above the editions, most of it for machines.

    The page that sends a reader to a language and the page for 404 are one file
    each that loads nothing, so that they work at any address.

    Parameters
    ----------
    folder : Path
        Where the site lies, above the editions.
    """
    folder.mkdir(parents=True, exist_ok=True)
    slugs = sorted({page.split("/", 1)[1] for page in toc_pages()})
    for name in ("index.html", "404.html", "sitemap.xml", "robots.txt"):
        text = render_page(
            name,
            LANGUAGES,
            base=urlsplit(addresses()["site"]).path,
            translated=[
                [(x, page_address(f"{x.folder}/{slug}")) for x in LANGUAGES]
                for slug in slugs
            ],
        )
        (folder / name).write_text(text, "utf-8")
    shutil.copy(SITE / "pages" / "card.png", folder)
    # GitHub is not to leave out folders whose names begin with an underscore.
    (folder / ".nojekyll").touch()
