"""Markdown as Moodle shows it: HTML, with formulas for its MathJax."""

from collections.abc import Iterable
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

__all__ = ["MARKDOWN", "plain", "to_html"]


def _formula(content: str, how: dict[str, Any]) -> str:
    formula = escape(content, quote=False)
    return rf"\[{formula}\]" if how["display_mode"] else rf"\({formula}\)"


MARKDOWN = (
    MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, renderer=_formula)
)


def to_html(text: str) -> str:
    """Return the HTML of a piece of Markdown."""
    return MARKDOWN.render(text).strip()


def _words(tokens: Iterable[Token]) -> str:
    return "".join(
        " " if token.type in {"softbreak", "hardbreak"} else token.content
        for token in tokens
    )


def plain(text: str) -> str:
    """Return the first block of a piece of Markdown without its markup."""
    blocks = (token for token in MARKDOWN.parse(text) if token.type == "inline")
    return _words(next(blocks).children or [])
