"""Read the questions of a chapter from its file ``CHAPTER.quiz.yml``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from markdown_it.token import Token

from tools.notebooks import ROOT, label
from tools.quiz.markup import MARKDOWN

__all__ = ["SUFFIX", "Option", "Question", "QuizError", "data_path", "load"]

SUFFIX = ".quiz.yml"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
COUNTS = (3, 4)  # how many options a question may have
QUESTION = {"id", "question", "options"}
OPTION = {"text", "why"}
# In double quotes, YAML reads the beginning of \times as a tab.
ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*(\\[0abtnvfreNLP])")


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from.

    Attributes
    ----------
    text : str
        The answer, one paragraph of Markdown.
    why : str
        Why it is right, or why it is wrong although it tempts.
    right : bool
        Whether it is the right one.
    """

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question with its options.

    Attributes
    ----------
    id : str
        Its name, the same in all languages.
    text : str
        What is asked, in Markdown.
    options : tuple of Option
        The answers, of which one is right.
    """

    id: str
    text: str
    options: tuple[Option, ...]

    @property
    def right(self) -> int:
        """The place of the right option."""
        return next(i for i, option in enumerate(self.options) if option.right)


class QuizError(ValueError):
    """A file of questions cannot be used.

    Attributes
    ----------
    name : str
        The path of the file, from the root.
    messages : list of str
        All that is wrong with it.
    """

    def __init__(self, name: str, messages: list[str]) -> None:
        super().__init__("\n".join(f"{name}: {message}" for message in messages))
        self.name = name
        self.messages = messages


class _Loader(yaml.SafeLoader):
    """Refuse what YAML accepts and nobody means: keys twice, formulas mangled."""

    def construct_mapping(self, node, deep=False):  # type: ignore[no-untyped-def]
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} is there twice",
                    problem_mark=node.start_mark,
                )
        return super().construct_mapping(node, deep)

    def construct_scalar(self, node):  # type: ignore[no-untyped-def]
        if node.style == '"':
            start, end = node.start_mark, node.end_mark
            found = ESCAPE.search(start.buffer[start.pointer : end.pointer])
            if found:
                raise yaml.MarkedYAMLError(
                    problem=f"found the control character {found[1]}",
                    problem_mark=start,
                )
        return super().construct_scalar(node)


def data_path(notebook: Path) -> Path:
    """Return the path of a notebook's questions."""
    return notebook.with_suffix(SUFFIX)


def _blocks(text: str) -> Iterator[str]:
    """Yield the kinds of the blocks of a piece of Markdown."""
    for token in MARKDOWN.parse(text):
        if token.level == 0 and token.nesting >= 0:
            yield token.type.removesuffix("_open")


def _tokens(text: str) -> Iterator[Token]:
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or []


def _markdown(text: str, *, single: bool) -> Iterator[str]:
    """Yield why a text cannot be shown both in a chapter and in Moodle."""
    blocks = list(_blocks(text))
    if single and blocks != ["paragraph"]:
        yield f"must be one paragraph, is {' and '.join(blocks)}"
    elif blocks[0] != "paragraph":
        yield f"must begin with a paragraph, begins with {blocks[0]}"
    for token in _tokens(text):
        target = str(token.attrGet("href") or "")
        if token.type in {"html_inline", "html_block"}:
            yield f"has raw HTML, {token.content.strip()[:30]!r}: write Markdown"
        elif token.type == "image":
            yield "has an image, which Moodle would not find: describe it in words"
        elif token.type == "link_open" and not target.startswith("http"):
            yield f"links to {target!r}, which is not in Moodle: give its full address"


def _text(item: dict[str, object], key: str, *, single: bool = True) -> Iterator[str]:
    """Yield what is wrong with the text under a key."""
    if key not in item:
        yield f"has no {key!r}"
    elif not isinstance(item[key], str):
        yield f"{key!r} is {item[key]!r}, not a text: put it in quotes"
    elif not str(item[key]).strip():
        yield f"{key!r} is empty"
    else:
        for message in _markdown(str(item[key]).strip(), single=single):
            yield f"{key!r} {message}"


def _unknown(item: dict[str, object], known: set[str]) -> Iterator[str]:
    for key in item:
        if key not in known:
            yield f"has an unknown key {key!r}: there are {', '.join(sorted(known))}"


def _option(item: object) -> Iterator[str]:
    if not isinstance(item, dict):
        yield f"is {item!r}, not a mapping with 'text' and 'why'"
        return
    yield from _unknown(item, OPTION | {"right"})
    yield from _text(item, "text")
    yield from _text(item, "why")
    if not isinstance(item.get("right", False), bool):
        yield f"'right' is {item['right']!r}: write true, or leave it out"


def _question(item: dict[str, object]) -> Iterator[str]:
    yield from _unknown(item, QUESTION)
    yield from _text(item, "question", single=False)
    options = item.get("options")
    if not isinstance(options, list) or len(options) not in COUNTS:
        seen = len(options) if isinstance(options, list) else "none"
        yield f"has {seen} options, must have {COUNTS[0]} or {COUNTS[1]}"
        return
    wrong = False
    for number, option in enumerate(options, start=1):
        for message in _option(option):
            wrong = True
            yield f"option {number} {message}"
    if wrong:
        return
    right = sum(option.get("right", False) for option in options)
    if right != 1:
        yield f"has {right or 'no'} right options: mark exactly one with 'right: true'"
    texts = [_clean(option["text"]) for option in options]
    for text in dict.fromkeys(texts):
        if texts.count(text) > 1:
            yield f"offers {text!r} twice"


def _problems(data: object) -> Iterator[str]:
    if not isinstance(data, list) or not data:
        yield "must be a list of questions, each beginning with '- id: …'"
        return
    seen: set[object] = set()
    for number, item in enumerate(data, start=1):
        if not isinstance(item, dict):
            yield f"question {number} is {item!r}, not a mapping with 'id'"
            continue
        name = item.get("id")
        if not isinstance(name, str) or not ID.fullmatch(name):
            yield f"question {number}: the id is {name!r}, must be like 'count-fits'"
        elif name in seen:
            yield f"question {name!r}: the id is there twice"
        seen.add(name)
        for message in _question(item):
            yield f"question {name!r}: {message}"


def _clean(text: str) -> str:
    """Return a paragraph on one line."""
    return re.sub(r"[ \t]*\n[ \t]*", " ", text.strip())


def load(path: Path, root: Path = ROOT) -> list[Question]:
    """Read the questions of a chapter.

    Parameters
    ----------
    path : Path
        A file ``CHAPTER.quiz.yml``.
    root : Path, optional
        The folder from which messages name the file.

    Raises
    ------
    QuizError
        If anything is wrong with the file; it says everything at once.
    """
    name = label(path, root)
    try:
        data = yaml.load(path.read_text("utf-8"), _Loader)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), str(error)
        if isinstance(error, yaml.MarkedYAMLError) and error.problem:
            problem = error.problem
        where = f"line {mark.line + 1}: " if mark else ""
        hint = (
            "" if "twice" in problem else ": put texts with \\ or : in 'single quotes'"
        )
        raise QuizError(name, [f"{where}{problem}{hint}"]) from error
    problems = list(_problems(data))
    if problems:
        raise QuizError(name, problems)
    return [
        Question(
            item["id"],
            item["question"].strip(),
            tuple(
                Option(
                    _clean(option["text"]),
                    _clean(option["why"]),
                    option.get("right", False),
                )
                for option in item["options"]
            ),
        )
        for item in data
    ]
