"""Write questions in Moodle's XML format, which its question bank imports.

The format is described on https://docs.moodle.org/en/Moodle_XML_format; what is
written here is what Moodle's own import reads of a multiple-choice question.
"""

import textwrap
from collections.abc import Iterable, Iterator
from itertools import pairwise
from xml.sax.saxutils import escape

from nbformat import NotebookNode

from tools.quiz.data import Question
from tools.quiz.markup import MARKDOWN, plain, to_html

__all__ = ["title_of", "to_xml"]

CATEGORY = """\
  <question type="category">
    <category><text>$course$/top/hpocourse/{name}</text></category>
  </question>
"""
QUESTION = """\
  <question type="multichoice">
    <name><text>{name}</text></name>
    <questiontext format="html"><text>{text}</text></questiontext>
    <generalfeedback format="html"><text></text></generalfeedback>
    <defaultgrade>1.0000000</defaultgrade>
    <penalty>{penalty:.7f}</penalty>
    <hidden>0</hidden>
    <idnumber>{slug}-{id}</idnumber>
    <single>true</single>
    <shuffleanswers>true</shuffleanswers>
    <answernumbering>abc</answernumbering>
    <showstandardinstruction>1</showstandardinstruction>
{answers}  </question>
"""
ANSWER = """\
    <answer fraction="{fraction}" format="html">
      <text>{text}</text>
      <feedback format="html"><text>{why}</text></feedback>
    </answer>
"""


def title_of(notebook: NotebookNode) -> str:
    """Return the first heading of a notebook without its markup."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            tokens = MARKDOWN.parse(cell.source)
            for before, token in pairwise(tokens):
                if before.type == "heading_open":
                    return plain(token.content)
    raise ValueError("the notebook has no heading: write its title as '# …'")


def _html(text: str) -> str:
    """Return a piece of Markdown as HTML that XML leaves alone."""
    html = to_html(text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{html}]]>"


def _question(slug: str, number: int, question: Question) -> str:
    answers = (
        ANSWER.format(
            fraction=100 if option.right else 0,
            text=_html(option.text),
            why=_html(option.why),
        )
        for option in question.options
    )
    name = textwrap.shorten(plain(question.text), 80, placeholder="…")
    return QUESTION.format(
        name=escape(f"{number}. {name}"),
        text=_html(question.text),
        # Whoever tries one option after the other ends with nothing.
        penalty=1 / (len(question.options) - 1),
        slug=slug,
        id=question.id,
        answers="".join(answers),
    )


def _chapter(slug: str, title: str, questions: list[Question]) -> Iterator[str]:
    # A single slash would begin a category inside the category.
    yield CATEGORY.format(name=escape(title.replace("/", "//")))
    for number, question in enumerate(questions, start=1):
        yield _question(slug, number, question)


def to_xml(chapters: Iterable[tuple[str, str, list[Question]]]) -> str:
    """Return the questions of chapters as a file for Moodle.

    Parameters
    ----------
    chapters : iterable of tuple
        The slug, the title and the questions of each chapter; the title is the
        name of its category.
    """
    parts = (part for chapter in chapters for part in _chapter(*chapter))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{"".join(parts)}</quiz>\n'
