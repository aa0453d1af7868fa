"""Lay a new chapter in all languages: ``python -m tools.chapter SLUG AFTER``.

Notebooks, questions, table of contents and the rows of the index's tables are
laid with ``TODO`` wherever a sentence is to be written; the checks name each.
"""

import argparse
import re
import sys
from pathlib import Path

import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from hpocourse.languages import LANGUAGES
from tools.notebooks import ROOT, TODO, find_notebooks, label, read, write
from tools.quiz.cell import CELL, render
from tools.quiz.data import data_path, load
from tools.restore import clean
from tools.setup_cell import setup_source

__all__ = ["lay", "main"]

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# The cells at the end of every chapter, whose headings are those of the one before.
LAST = ("experiment", "closing")


def _heading(notebook: NotebookNode, name: str) -> str:
    for cell in notebook.cells:
        if cell.get("id") == name:
            return cell.source.split("\n")[0]
    return f"## {TODO}"


def _notebook(
    folder: str, title: str, before: NotebookNode, root: Path
) -> NotebookNode:
    """Return a chapter of which everything is still to be written."""
    setup = new_code_cell(
        setup_source(folder, root), id="setup", metadata={"tags": ["remove-cell"]}
    )
    cells = [
        new_markdown_cell(f"# {title}\n\n{TODO}", id="opening"),
        setup,
        new_markdown_cell(f"## {TODO}\n\n{TODO}", id="first-intro"),
        new_code_cell(f"# {TODO}", id="first"),
        new_markdown_cell(TODO, id="first-read"),
        new_markdown_cell(TODO, id=CELL),
    ]
    for name in LAST:
        source = f"{_heading(before, name)}\n\n- {TODO}"
        cells.append(new_markdown_cell(source, id=name))
    notebook = new_notebook(cells=cells)
    notebook.metadata["hpocourse"] = {"language": folder, "description": TODO}
    clean(notebook)
    return notebook


def _questions() -> str:
    """Return one question whose words are to be written."""
    option = {"text": TODO, "why": TODO}
    options = [{**option, "text": f"{TODO} {each}"} for each in "abc"]
    options[0]["right"] = True
    question = {"id": "first-question", "question": TODO, "options": options}
    return yaml.safe_dump([question], allow_unicode=True, sort_keys=False)


def _index(index: NotebookNode, slug: str, title: str, after: str) -> None:
    """Give the chapter its rows in the index's tables, below those of another."""
    for cell in index.cells:
        rows = []
        for line in cell.source.split("\n"):
            rows.append(line)
            if line.startswith("|") and f"]({after}.ipynb)" in line:
                parts = [
                    f"[{title}]({slug}.ipynb)" if f"({after}.ipynb)" in part else TODO
                    for part in line.strip("|").split("|")
                ]
                rows.append(f"| {' | '.join(parts)} |")
        cell.source = "\n".join(rows)


def _chapters(toc: str) -> list[str]:
    """Return the chapters that a table of contents numbers, as addresses have them."""
    files = [
        page["file"]
        for part in yaml.safe_load(toc)["parts"]
        for index in part["chapters"]
        for tree in index.get("subtrees", [])
        if tree.get("numbered")
        for page in tree["sections"]
    ]
    return list(dict.fromkeys(each.rpartition("/")[2] for each in files))


def lay(
    slug: str, after: str, titles: dict[str, str] | None = None, root: Path = ROOT
) -> list[Path]:
    """Lay a chapter in all languages.

    Parameters
    ----------
    slug : str
        What the chapter is called in addresses: ``"early-stopping"``.
    after : str
        The chapter below which it stands.
    titles : dict of str, optional
        Its title by the folder of the language; ``TODO`` where it is left out.
    root : Path, optional
        The folder that holds ``book/``.

    Returns
    -------
    list of Path
        The files that were made or changed.

    Raises
    ------
    ValueError
        If a name cannot be used, or a file is there already; nothing is
        written then.
    """
    titles = titles or {}
    if not SLUG.fullmatch(slug):
        raise ValueError(f"the slug must be English words in kebab-case, got {slug!r}")
    folders = [each.folder for each in LANGUAGES]
    if unknown := sorted(set(titles) - set(folders)):
        raise ValueError(f"no language {unknown[0]!r}; there are: {', '.join(folders)}")
    toc = (root / "_toc.yml").read_text("utf-8")
    # Below another page, the index or an exercise, the table of contents would break.
    chapters = _chapters(toc)
    if after not in chapters:
        raise ValueError(f"{after!r} is no chapter; there are: {', '.join(chapters)}")
    made: dict[Path, NotebookNode | str] = {}
    for folder in folders:
        book, title = root / "book" / folder, titles.get(folder, TODO)
        path, previous = book / f"{slug}.ipynb", book / f"{after}.ipynb"
        line = re.compile(rf"^( *- file: book/{folder}/){re.escape(after)}$", re.M)
        if path.exists():
            raise ValueError(f"{label(path, root)} is there already")
        if not previous.exists() or not line.search(toc):
            names = [each.stem for each in find_notebooks(folder, root)]
            raise ValueError(
                f"no chapter {after!r} in {folder!r} after which to lay {slug!r}; "
                f"there are: {', '.join(names)}"
            )
        toc = line.sub(rf"\g<0>\n\g<1>{slug}", toc)
        made[path] = _notebook(folder, title, read(previous, root), root)
        made[data_path(path)] = _questions()
        index = read(book / "index.ipynb", root)
        _index(index, slug, title, after)
        made[book / "index.ipynb"] = index
    made[root / "_toc.yml"] = toc
    for path, content in made.items():
        if isinstance(content, str):
            path.write_text(content, "utf-8", newline="\n")
    for path, content in made.items():
        if not isinstance(content, str):
            for cell in content.cells:
                if cell.id == CELL and data_path(path) in made:
                    cell.source = render(load(data_path(path), root), path.parent.name)
            write(path, content)
    return list(made)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.chapter",
        usage="make chapter SLUG=early-stopping AFTER=asha TITLES=\"'pt=…' …\"",
        description=(__doc__ or "").split("\n\n", 1)[1],
    )
    parser.add_argument("slug", help="what it is called in addresses")
    parser.add_argument("after", help="the chapter below which it stands")
    parser.add_argument("titles", nargs="*", help="LANGUAGE=TITLE")
    options = parser.parse_args(arguments)
    try:
        titles = dict(each.split("=", 1) for each in options.titles)
    except ValueError:
        parser.error(f"titles must read LANGUAGE=TITLE, got {options.titles}")
    try:
        paths = lay(options.slug, options.after, titles)
    except ValueError as error:
        parser.error(str(error))
    for path in paths:
        print(label(path))
    print("Now write what is marked TODO; `make check` names each place.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
