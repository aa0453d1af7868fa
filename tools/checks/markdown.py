"""What a Markdown cell says: words, formulas, code, links, figures."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

__all__ = ["Prose", "parse"]

PARSER = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(dollarmath_plugin)
    .use(amsmath_plugin)
    .use(myst_block_plugin)
    .use(myst_role_plugin)
)


@dataclass
class Prose:
    """The parts of a piece of Markdown.

    Attributes
    ----------
    blocks : list of str
        The words, one string for each paragraph, heading, item or table cell;
        where code or a formula stood there is an empty pair of signs.
    own : list of str
        The same without emphasized words and titles of pages elsewhere, which
        may stand in another language.
    headings : list of int
        The levels of the headings.
    formulas, code, links, labels : list of str
        Formulas, code spans and blocks, targets of links and roles, and labels
        that links can point to.
    images : list of tuple of str
        Source and text alternative.
    html : list of str
        The names of raw HTML elements.
    rows : int
        The number of rows of tables.
    """

    blocks: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    rows: int = 0

    @property
    def text(self) -> str:
        """All words."""
        return "\n".join(self.blocks)


class _Html(HTMLParser):
    def __init__(self, prose: Prose) -> None:
        super().__init__()
        self.prose = prose
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.prose.html.append(tag)
        values = {key: value or "" for key, value in attrs}
        if tag == "img":
            self.prose.images.append((values.get("src", ""), values.get("alt", "")))
        elif "href" in values:
            self.prose.links.append(values["href"])

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _raw(html: str, prose: Prose) -> str:
    parser = _Html(prose)
    parser.feed(html)
    return "".join(parser.words)


def _is_foreign(token: Token) -> bool:
    """Return whether what follows may stand in another language."""
    target = str(token.attrGet("href") or "")
    return token.type == "em_open" or target.startswith(("http:", "https:"))


def _own(children: Iterable[Token]) -> Iterator[Token]:
    """Leave out what may stand in another language."""
    closing: list[str] = []
    for token in children:
        if closing and token.type == closing[-1]:
            closing.pop()
        elif closing or _is_foreign(token):
            if token.nesting == 1:
                closing.append(token.type.replace("_open", "_close"))
        else:
            yield token


def _inline(children: Iterable[Token], prose: Prose) -> str:
    words = []
    for token in children:
        match token.type:
            case "text":
                words.append(token.content)
            case "code_inline":
                prose.code.append(token.content)
                words.append("``")
            case "math_inline" | "math_inline_double":
                prose.formulas.append(token.content)
                words.append("$$")
            case "softbreak" | "hardbreak":
                words.append(" ")
            case "link_open":
                prose.links.append(str(token.attrGet("href")))
            case "image":
                alt = _inline(token.children or [], Prose())
                prose.images.append((str(token.attrGet("src")), alt))
            case "html_inline":
                words.append(_raw(token.content, prose))
            case "myst_role":
                prose.links.append(f"{token.meta['name']}:{token.content}")
                words.append("``")
    return "".join(words)


@lru_cache(maxsize=4096)
def parse(source: str) -> Prose:
    """Take a piece of Markdown apart."""
    prose = Prose()
    for token in PARSER.parse(source):
        match token.type:
            case "heading_open":
                prose.headings.append(int(token.tag[1]))
            case "inline":
                children = token.children or []
                prose.blocks.append(_inline(children, prose))
                prose.own.append(_inline(_own(children), Prose()))
            case "fence" | "code_block":
                prose.code.append(token.content)
            case "math_block" | "math_block_label" | "amsmath":
                prose.formulas.append(token.content)
            case "html_block":
                words = _raw(token.content, prose).strip()
                if words:
                    prose.blocks.append(words)
                    prose.own.append(words)
            case "myst_target":
                prose.labels.append(token.content)
            case "tr_open":
                prose.rows += 1
    prose.blocks = [re.sub(r"[ \t\n]+", " ", block) for block in prose.blocks]
    return prose
