"""Show the questions of a chapter in the cell ``self-check`` of its notebook."""

from dataclasses import dataclass

from nbformat import NotebookNode

from hpocourse.languages import get_language
from tools.quiz.data import Question

__all__ = ["CELL", "Words", "find_cell", "render"]

CELL = "self-check"


@dataclass(frozen=True)
class Words:
    """What the cell says besides the questions.

    Attributes
    ----------
    heading, answer : str
        The cell's heading, and what opens an answer.
    letters : str
        By which the options are called, in their order.
    """

    heading: str
    answer: str
    letters: str = "abcd"


WORDS = {
    "pt": Words("Confira se entendeu", "Resposta"),
    "es": Words("Comprueba si lo entendiste", "Respuesta"),
    "ru": Words("Проверим себя", "Ответ", letters="абвг"),
}


def _question(number: int, question: Question, words: Words) -> str:
    options = list(zip(words.letters, question.options, strict=False))
    letter, right = options.pop(question.right)
    offered = zip(words.letters, question.options, strict=False)
    return "\n".join(
        [
            f"**{number}.** {question.text}",
            "",
            *(f"- ({name}) {option.text}" for name, option in offered),
            "",
            "<details>",
            f"<summary>{words.answer}</summary>",
            "",
            f"**({letter})** {right.why}",
            "",
            *(f"- ({name}) {option.why}" for name, option in options),
            "",
            "</details>",
        ]
    )


def render(questions: list[Question], language: str) -> str:
    """Return the source of the cell with these questions.

    Parameters
    ----------
    questions : list of Question
        The questions of a chapter, in their order.
    language : str
        The language in which they are written.
    """
    words = WORDS[get_language(language).folder]
    shown = (
        _question(number, question, words)
        for number, question in enumerate(questions, start=1)
    )
    return "\n\n".join([f"## {words.heading}", *shown])


def find_cell(notebook: NotebookNode) -> NotebookNode | None:
    """Return the Markdown cell ``self-check`` of a notebook, if it has one."""
    for cell in notebook.cells:
        if cell.get("id") == CELL and cell.cell_type == "markdown":
            return cell
    return None
