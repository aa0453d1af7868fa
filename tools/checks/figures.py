"""Every figure has a caption, a name and a text alternative, is sharp and folded."""

import io
import re
from base64 import b64decode
from collections.abc import Iterator

from nbformat import NotebookNode
from PIL import Image

from tools.checks.markdown import parse
from tools.checks.page import Page, Problem
from tools.notebooks import cell_tags, figure

__all__ = ["check", "check_names"]

MIN_ALT = 40
#: A cell that makes a figure of its own only draws; what libraries draw is to be read.
DRAWS = re.compile(r"\bplt\.(?:figure|plot|scatter|subplots?|subplot_mosaic)\(")
IMAGES = ("image/png", "image/svg+xml", "image/jpeg")


def _is_image(output: NotebookNode) -> bool:
    return any(kind in output.get("data", {}) for kind in IMAGES)


def _blurred(output: NotebookNode) -> str:
    """Return in which way a picture has not two pixels for each of the page's."""
    with Image.open(io.BytesIO(b64decode(output.data["image/png"]))) as image:
        pixels = image.size
    said = output.metadata.get("image/png", {})
    shown = said.get("width"), said.get("height")
    if shown == (None, None):
        return "does not say how large it is shown"
    if tuple(n // 2 for n in pixels) != shown:
        return f"has {pixels[0]} × {pixels[1]} pixels, to show {shown[0]} × {shown[1]}"
    return ""


def check(page: Page) -> list[Problem]:
    """Return what is wrong with the figures of a page."""
    problems = []
    for cell in page.notebook.cells:
        find = _code if cell.cell_type == "code" else _markdown
        problems += find(page, cell)
    return problems


def _code(page: Page, cell: NotebookNode) -> Iterator[Problem]:
    images = sum(_is_image(output) for output in cell.outputs)
    about = figure(cell)
    for output in cell.outputs:
        if "image/png" in output.get("data", {}) and (why := _blurred(output)):
            yield page.problem(
                cell, f"its figure {why}: `make run` draws it with two pixels for one"
            )
    if not images:
        if about and page.is_fresh:
            yield page.problem(
                cell, f"has no image but figure metadata: {', '.join(about)}"
            )
        return
    if DRAWS.search(cell.source) and "hide-input" not in cell_tags(cell):
        yield page.problem(
            cell, "only draws: tag it `hide-input`, so that the site folds its code"
        )
    if images > 1:
        yield page.problem(cell, f"shows {images} images, at most one can be described")
    for key in ("caption", "name", "alt"):
        if not about.get(key, "").strip():
            yield page.problem(cell, f"its figure has no {key}")
    name, alt = about.get("name", ""), about.get("alt", "").strip()
    if name and not re.fullmatch(rf"fig-[a-z0-9-]+-{page.language}", name):
        yield page.problem(
            cell, f"figure name {name!r} must read fig-SOMETHING-{page.language}"
        )
    if alt and len(alt) < MIN_ALT:
        yield page.problem(
            cell, f"alt has {len(alt)} characters, at least {MIN_ALT}: {alt!r}"
        )
    if alt and alt.casefold() == about.get("caption", "").strip().casefold():
        yield page.problem(cell, f"alt repeats the caption: {alt!r}")


def _markdown(page: Page, cell: NotebookNode) -> Iterator[Problem]:
    for source, alt in parse(cell.source).images:
        if not alt.strip():
            yield page.problem(cell, f"image {source!r} has no text alternative")


def check_names(pages: list[Page]) -> list[Problem]:
    """Return names of figures and labels that the book uses twice."""
    seen: dict[str, str] = {}
    problems = []
    for page in pages:
        for cell in page.notebook.cells:
            if cell.cell_type == "code":
                names = [about["name"]] if "name" in (about := figure(cell)) else []
            else:
                names = parse(cell.source).labels
            for name in names:
                place = f"{page.name}, cell {cell.get('id')}"
                if name in seen:
                    message = f"label {name!r} is already used in {seen[name]}"
                    problems.append(page.problem(cell, message))
                seen.setdefault(name, place)
    return problems
