"""The fonts of formulas, with no more letters than the formulas of a book have.

KaTeX's fonts hold hundreds of signs, and a chapter of the course needs some dozens;
whole, they were half of what a chapter weighs. Each book gets its own when it is built,
so that a formula with a new letter needs no thought. Hints for coarse screens are left
out, as in most fonts of the web: they were a third of what remained.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from fontTools import subset
from hpocourse_pages import ROOT
from sphinx.application import Sphinx

__all__ = ["FONTS", "letters_of_font", "letters_of_formulas", "setup", "shrink"]

FONTS = ROOT / "site" / "theme" / "static" / "katex" / "fonts"
#: What begins the visible half of a formula; the other half is MathML.
VISIBLE = '<span class="katex-html" aria-hidden="true">'


#: The font or family of what has a class, as in KaTeX's style; all else has its
#: parent's.
FAMILIES = {
    "Main-Regular": "mainrm textrm",
    "Main-Bold": "mathbf textbf",
    "Main-Italic": "mathit textit",
    "Math": "boldsymbol mathnormal",
    "AMS": "amsrm mathbb textbb",
    "Caligraphic": "mathcal",
    "Fraktur": "mathboldfrak mathfrak textboldfrak textfrak",
    "SansSerif": "mathboldsf mathitsf mathsf mathsfit textboldsf textitsf textsf",
    "Script": "mathscr textscr",
    "Typewriter": "mathtt texttt",
}
OF_CLASS = {name: family for family, each in FAMILIES.items() for name in each.split()}


def _visible(html: str) -> Iterator[tuple[str, str]]:
    """Yield families and texts of the visible half of a formula that is open."""
    families = ["Main-Regular"]
    for found in re.finditer(r'<span(?: class="([^"]*)")?|(</span)|>([^<]+)', html):
        classes, end, text = found.groups()
        if text:
            yield families[-1], unescape(text)
        elif end:
            families.pop()
            if not families:
                return
        else:
            own = [
                OF_CLASS[each] for each in (classes or "").split() if each in OF_CLASS
            ]
            families.append(own[-1] if own else families[-1])


def letters_of_formulas(html: str) -> dict[str, set[str]]:
    """Return the characters that the formulas of a page show, by family of fonts.

    >>> page = f'a{VISIBLE}<span class="mord mathnormal">x</span>&lt;</span>b'
    >>> letters_of_formulas(page)
    {'Math': {'x'}, 'Main-Regular': {'<'}}
    """
    letters: dict[str, set[str]] = {}
    for formula in html.split(VISIBLE)[1:]:
        for family, text in _visible(formula):
            letters.setdefault(family, set()).update(text)
    return letters


def letters_of_font(path: Path, letters: dict[str, set[str]]) -> set[str]:
    """Return what a font has to hold; one of large signs, whatever is shown."""
    name = path.stem.removeprefix("KaTeX_")
    for family in (name, name.partition("-")[0]):
        if family in FAMILIES:
            return letters.get(family, set())
    return set().union(*letters.values())


def shrink(source: Path, target: Path, letters: set[str]) -> None:
    """Write a font that has only some of its letters; the same ones, the same file.

    Parameters
    ----------
    source, target : Path
        The whole font, and where to write.
    letters : set of str
        What stays, as far as the font has it.
    """
    options = subset.Options(hinting=False, name_IDs=[], notdef_outline=False)
    options.flavor = "woff2"
    with subset.load_font(str(source), options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join(sorted(letters)))
        subsetter.subset(font)
        subset.save_font(font, str(target), options)


def _shrink_all(app: Sphinx, exception: Exception | None) -> None:
    folder = Path(app.outdir) / "_static" / "katex" / "fonts"
    if exception is not None or not folder.exists():
        return
    pages = sorted(Path(app.outdir).rglob("*.html"))
    letters = letters_of_formulas("".join(page.read_text("utf-8") for page in pages))
    for path in FONTS.glob("*.woff2"):
        shrink(path, folder / path.name, letters_of_font(path, letters))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what happens to fonts when a book is built.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        The extension's metadata.
    """
    app.connect("build-finished", _shrink_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
