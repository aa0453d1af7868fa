"""Pages in plain Markdown, such as the glossary: checked like prose of notebooks."""

import re
from pathlib import Path

from nbformat.v4 import new_markdown_cell, new_notebook

from hpocourse.languages import LANGUAGES
from tools.checks import glossary, language, typography
from tools.checks.page import Page, Problem
from tools.checks.prose_parity import compare_prose, untranslated
from tools.notebooks import ROOT

__all__ = ["check_all", "load"]

FRONT = re.compile(r'\A---\ndescription: "([^"\n]+)"\n---\n+')
DESCRIPTION = range(50, 201)  # characters that search engines show


def load(path: Path, root: Path = ROOT) -> Page:
    """Return a page in Markdown as a notebook of one cell."""
    text = path.read_text("utf-8")
    found = FRONT.match(text)
    body = text[found.end() :] if found else text
    # Of a list of works, the keys are code and the rest is prose.
    body = re.sub(r"^([a-z0-9-]+): (.+)$", r"- `\1` \2", body, flags=re.MULTILINE)
    body = re.sub(r"^```\{works\}$(.*?)^```$", r"\1", body, flags=re.M | re.S)
    folder = path.parent.name
    about = {"language": folder, "description": found[1] if found else ""}
    return Page(
        name=path.relative_to(root).as_posix(),
        language=folder,
        slug=path.stem,
        notebook=new_notebook(
            cells=[new_markdown_cell(body, id="page")], metadata={"hpocourse": about}
        ),
        text=text,
        root=root,
    )


def check_all(root: Path = ROOT) -> list[Problem]:
    """Return what is wrong with the pages in Markdown, in all languages.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.
    """
    folders = [each.folder for each in LANGUAGES]
    pages = {
        (path.stem, folder): load(path, root)
        for folder in folders
        for path in sorted((root / "book" / folder).glob("*.md"))
    }
    problems = []
    for page in pages.values():
        problems += _alone(page)
    for slug in dict.fromkeys(slug for slug, _ in pages):
        chapter = {x: pages[slug, x] for x in folders if (slug, x) in pages}
        problems += _together(chapter, folders)
    return problems


def _alone(page: Page) -> list[Problem]:
    problems = []
    length = len(page.notebook.metadata["hpocourse"]["description"])
    if length not in DESCRIPTION:
        message = (
            f"description has {length} characters, must have {DESCRIPTION.start} to "
            f'{DESCRIPTION.stop - 1}: begin with "---", \'description: "…"\', "---"'
        )
        problems.append(page.problem(None, message))
    for check in (language.check, typography.check, glossary.check):
        problems += check(page)
    return problems


def _together(chapter: dict[str, Page], folders: list[str]) -> list[Problem]:
    first, *others = chapter.values()
    missing = [folder for folder in folders if folder not in chapter]
    problems = [first.problem(None, f"is missing in {folder!r}") for folder in missing]
    for other in others:
        cells = first.notebook.cells[0], other.notebook.cells[0]
        messages = [
            *compare_prose(*cells, first.language, other.language),
            *untranslated(*cells),
        ]
        problems += [
            other.problem(None, f"{message} (compared with {first.name})")
            for message in messages
        ]
    return problems
