"""The self-checks: written once as data, shown in the chapters, given to Moodle."""

from tools.quiz.cell import CELL, render
from tools.quiz.data import Option, Question, QuizError, data_path, load
from tools.quiz.moodle import to_xml

__all__ = [
    "CELL",
    "Option",
    "Question",
    "QuizError",
    "data_path",
    "load",
    "render",
    "to_xml",
]
