"""Show the questions of a chapter in the cell ``self-check`` of its notebook."""

from nbformat import NotebookNode

from tools.quiz.data import Question
from tools.wording import Wording, wording

__all__ = ["CELL", "find_cell", "render"]

CELL = "self-check"


def _question(number: int, question: Question, words: Wording) -> str:
    options = list(zip(words.quiz_letters, question.options, strict=False))
    letter, right = options.pop(question.right)
    offered = zip(words.quiz_letters, question.options, strict=False)
    return "\n".join(
        [
            f"**{number}.** {question.text}",
            "",
            *(f"- ({name}) {option.text}" for name, option in offered),
            "",
            "<details>",
            f"<summary>{words.quiz_answer}</summary>",
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
    words = wording(language)
    shown = (
        _question(number, question, words)
        for number, question in enumerate(questions, start=1)
    )
    return "\n\n".join([f"## {words.quiz_heading}", *shown])


def find_cell(notebook: NotebookNode) -> NotebookNode | None:
    """Return the Markdown cell ``self-check`` of a notebook, if it has one."""
    for cell in notebook.cells:
        if cell.get("id") == CELL and cell.cell_type == "markdown":
            return cell
    return None
