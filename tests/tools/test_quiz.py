"""Questions are data: shown in the chapters, the same in all languages, for Moodle."""

import shutil
from copy import deepcopy
from html import unescape
from xml.etree import ElementTree

import pytest
import yaml
from nbformat.v4 import new_markdown_cell, new_notebook

from hpocourse.languages import LANGUAGES
from tools.checks import check_book
from tools.checks.markdown import parse
from tools.checks.quiz import check_all
from tools.notebooks import ROOT, find_notebooks, read, write
from tools.quiz import CELL, QuizError, data_path, load, render, to_xml
from tools.quiz import __main__ as command
from tools.quiz.markup import to_html
from tools.wording import wording

# The same questions in three languages, as plain data.
TEXTS = {
    "pt": (
        "Quanto vale $1 < 2$ em `a & b`, com 0,5?",
        "Sim, sempre",
        "Não, nunca",
        "Talvez",
        "Porque a conta é essa mesma",
    ),
    "es": (
        "¿Cuánto vale $1 < 2$ en `a & b`, con 0,5?",
        "Sí, siempre",
        "No, nunca",
        "Quizás",
        "Porque la cuenta es esa misma",
    ),
    "ru": (
        "Чему равно $1 < 2$ в `a & b`, если взять 0,5?",
        "Да, всегда",
        "Нет, никогда",
        "Возможно",
        "Потому что таков подсчёт",
    ),
}


def questions(language):
    """Return two questions as they stand in a file."""
    ask, yes, no, maybe, why = TEXTS[language]
    options = [
        {"text": yes, "why": f"{why} 1."},
        {"text": no, "right": True, "why": f"{why} 2."},
        {"text": maybe, "why": f"{why} 3."},
    ]
    return [
        {"id": "first", "question": ask, "options": options},
        {"id": "second-one", "question": ask, "options": deepcopy(options[::-1])},
    ]


def save(path, data):
    text = data if isinstance(data, str) else yaml.dump(data, allow_unicode=True)
    path.write_text(text, "utf-8")


@pytest.fixture
def book(tmp_path, three_languages):
    """Return the root of a book of one chapter whose cells show the data."""
    for name in ("pyproject.toml", "hpocourse/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for language in TEXTS:
        folder = tmp_path / "book" / language
        folder.mkdir(parents=True)
        cells = [
            new_markdown_cell("(label)=\n# A/B & `C`", id="title"),
            new_markdown_cell("…", id=CELL),
        ]
        write(folder / "chapter.ipynb", new_notebook(cells=cells))
        save(folder / "chapter.quiz.yml", questions(language))
    command.show(tmp_path)
    return tmp_path


def data(book, language="pt"):
    return book / "book" / language / "chapter.quiz.yml"


def notebook(book, language="pt"):
    return data(book, language).with_name("chapter.ipynb")


def source(path):
    return next(cell for cell in read(path).cells if cell.id == CELL).source


def edit(path, change):
    """Let a function change the data of a file."""
    changed = yaml.safe_load(path.read_text("utf-8"))
    change(changed)
    save(path, changed)


# What a chapter shows.


def test_cell_is_made_from_the_data(book):
    text = source(notebook(book))
    assert text.startswith(
        "## Confira se entendeu\n\n"
        "**1.** Quanto vale $1 < 2$ em `a & b`, com 0,5?\n\n"
        "- (a) Sim, sempre\n- (b) Não, nunca\n- (c) Talvez\n\n"
        "<details>\n<summary>Resposta</summary>\n\n"
        "**(b)** Porque a conta é essa mesma 2.\n\n"
        "- (a) Porque a conta é essa mesma 1.\n"
        "- (c) Porque a conta é essa mesma 3.\n\n"
        "</details>\n\n**2.** "
    )
    assert "(б) Нет, никогда" in source(notebook(book, "ru"))
    # Markdown inside of the toggle is read as Markdown.
    prose = parse(text)
    assert prose.html == ["details", "summary"] * 2
    assert prose.formulas == ["1 < 2"] * 2
    assert check_all(book) == []
    assert set(command.show(book).values()) == {False}


@pytest.mark.parametrize("language", [each.folder for each in LANGUAGES])
def test_every_language_has_its_words(language):
    words = wording(language)
    assert words.quiz_heading
    assert words.quiz_answer
    assert len(words.quiz_letters) == 4


def test_changed_cell_is_reported_and_mended(book, capsys, monkeypatch):
    broken = read(notebook(book))
    broken.cells[-1].source += "\n\nMais uma."
    write(notebook(book), broken)
    (problem,) = check_all(book)
    assert str(problem) == (
        "book/pt/chapter.ipynb: cell self-check: differs from "
        "book/pt/chapter.quiz.yml: edit that, then `make quiz`"
    )
    assert problem in check_book(book)
    monkeypatch.setattr(command, "check_all", lambda: check_all(book))
    assert command.main(["--check"]) == 1
    assert "differs from" in capsys.readouterr().out
    assert command.show(book)[notebook(book)]
    assert check_all(book) == []


def test_changed_data_are_reported(book):
    edit(data(book), lambda data: data[0]["options"][0].update(why="Outra razão 1."))
    assert [problem.cell for problem in check_all(book)] == [CELL]


def test_cell_without_data_and_data_without_cell(book):
    data(book, "es").unlink()
    data(book, "ru").rename(data(book, "ru").with_name("other.quiz.yml"))
    empty = read(notebook(book))
    del empty.cells[-1]
    write(notebook(book), empty)
    assert list(map(str, check_all(book))) == [
        "book/pt/chapter.ipynb: has no Markdown cell 'self-check' to show "
        "book/pt/chapter.quiz.yml",
        "book/es/chapter.ipynb: cell self-check: has no data: write "
        "book/es/chapter.quiz.yml",
        "book/ru/chapter.ipynb: cell self-check: has no data: write "
        "book/ru/chapter.quiz.yml",
        "book/ru/other.quiz.yml: belongs to no notebook of this name",
    ]
    with pytest.raises(QuizError, match="has no Markdown cell 'self-check': add"):
        command.show(book)


# What data must be.


def option(number, **new):
    return lambda data: data[0]["options"][number].update(new)


def drop(number, key):
    return lambda data: data[0]["options"][number].pop(key)


def question(**new):
    return lambda data: data[0].update(new)


BAD = {
    "no right option": (drop(1, "right"), "'first': has no right options: mark exact"),
    "two right options": (option(0, right=True), "'first': has 2 right options"),
    "right is a word": (option(0, right="sim"), "option 1 'right' is 'sim': write tr"),
    "no why": (drop(2, "why"), "question 'first': option 3 has no 'why'"),
    "empty why": (option(2, why=" "), "'first': option 3 'why' is empty"),
    "no text": (drop(0, "text"), "'first': option 1 has no 'text'"),
    "a number": (option(0, text=40), "'text' is 40, not a text: put it in quotes"),
    "a truth": (option(0, text=False), "'text' is False, not a text: put it in quot"),
    "same option": (option(0, text="Não, nunca"), "'first': offers 'Não, nunca' twic"),
    "unknown key": (question(hint="…"), "'first': has an unknown key 'hint': there"),
    "unknown in option": (option(1, wy="…"), "option 2 has an unknown key 'wy': there"),
    "two options": (
        lambda data: data[0]["options"].pop(),
        "'first': has 2 options, must have 3 or 4",
    ),
    "no options": (question(options=None), "'first': has none options, must have"),
    "option is text": (
        question(options=["a", "b", "c"]),
        "option 1 is 'a', not a mapping with 'text' and 'why'",
    ),
    "no question": (
        lambda data: data[0].pop("question"),
        "question 'first': has no 'question'",
    ),
    "same id": (question(id="second-one"), "'second-one': the id is there twice"),
    "bad id": (question(id="Um id"), "question 1: the id is 'Um id', must be like"),
    "no id": (lambda data: data[0].pop("id"), "question 1: the id is None, must be"),
    "list in option": (option(0, text="1. a"), "'text' must be one paragraph, is ord"),
    "two paragraphs": (option(0, why="a\n\nb"), "is paragraph and paragraph"),
    "heading": (question(question="# A"), "must begin with a paragraph, begins with"),
    "html": (option(0, text="a <b>c</b>"), "'text' has raw HTML, '<b>': write Markd"),
    "image": (option(0, why="![a](b.png)"), "'why' has an image, which Moodle"),
    "link": (option(0, why="[a](b.ipynb)"), "'why' links to 'b.ipynb', which is not"),
    "not a question": (lambda data: data.insert(0, "Como?"), "question 1 is 'Como?'"),
    "empty file": (lambda data: data.clear(), "must be a list of questions, each beg"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_data(book, name):
    change, message = BAD[name]
    edit(data(book), change)
    with pytest.raises(QuizError) as caught:
        load(data(book), book)
    assert str(caught.value).startswith("book/pt/chapter.quiz.yml: ")
    assert message in str(caught.value)
    before = notebook(book).read_bytes()
    with pytest.raises(QuizError):
        command.show(book)
    assert notebook(book).read_bytes() == before
    assert message in str(check_all(book)[0])


def test_everything_is_said_at_once(book):
    edit(data(book), drop(0, "why"))
    edit(data(book), lambda data: data[1].update(id="Second"))
    with pytest.raises(QuizError) as caught:
        load(data(book), book)
    assert len(caught.value.messages) == 2


YAML = """\
- id: first
  question: Uma pergunta de $1 \\times 2$?
  options:
    - {{text: {}, why: a}}
    - {{text: b, why: b, right: true}}
    - {{text: c, why: c}}
"""
BAD_YAML = {
    r'"$1 \times 2$"': r"line 4: found the control character \\t: put texts",
    r'"$\nu$"': r"line 4: found the control character \\n: put texts",
    r'"$\cdot$"': "line 4: found unknown escape character 'c': put texts with",
    '"a': "line 7: .*: put texts with .* in 'single quotes'",
    "a, why: b": "line 4: the key 'why' is there twice$",
    "a: b": "line 4: .*: put texts with .* in 'single quotes'",
}


@pytest.mark.parametrize("text", BAD_YAML)
def test_bad_yaml(tmp_path, text):
    save(tmp_path / "a.quiz.yml", YAML.format(text))
    with pytest.raises(QuizError, match=f"a.quiz.yml: {BAD_YAML[text]}"):
        load(tmp_path / "a.quiz.yml", tmp_path)


@pytest.mark.parametrize(
    "text", [r"'$1 \times 2$'", r"$1 \times 2$", r'"$1 \\times 2$"']
)
def test_good_yaml(tmp_path, text):
    save(tmp_path / "a.quiz.yml", YAML.format(text))
    (loaded,) = load(tmp_path / "a.quiz.yml", tmp_path)
    assert loaded.options[0].text == r"$1 \times 2$"
    assert loaded.right == 1


def test_example_in_the_documentation(tmp_path):
    _, example = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("```yaml\n")
    save(tmp_path / "a.quiz.yml", example.split("```")[0])
    (loaded,) = load(tmp_path / "a.quiz.yml", tmp_path)
    assert loaded.right == 2


# The same in all languages.

DIFFERENT = {
    "order": (
        lambda data: data.reverse(),
        "the questions are ['second-one', 'first'] instead of ['first', 'second-one']",
    ),
    "missing question": (
        lambda data: data.pop(),
        "the questions are ['first'] instead of ['first', 'second-one']",
    ),
    "number of options": (
        lambda data: data[0]["options"].append({"text": "Otro", "why": "Por nada."}),
        "question 'first': has 4 options instead of 3",
    ),
    "right one": (
        lambda data: data[0]["options"].insert(0, data[0]["options"].pop(1)),
        "question 'first': option 1 is right instead of 2",
    ),
    "formula": (
        question(question="¿Cuánto vale $1 < 3$ en `a & b`, con 0,5?"),
        "question 'first': 'question': formulas differ: missing '1<2'; added '1<3'",
    ),
    "code": (
        question(question="¿Cuánto vale $1 < 2$ en `a`, con 0,5?"),
        "question 'first': 'question': code spans differ",
    ),
    "number": (
        option(2, why="Porque la cuenta es 7."),
        "question 'first': option 3 'why': numbers differ: missing '3'; added '7'",
    ),
    "translation": (
        option(0, why="Porque a conta é essa mesma 1."),
        "question 'first': option 1 'why': not translated: 'Porque a conta",
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_languages_differ(book, name):
    change, message = DIFFERENT[name]
    edit(data(book, "es"), change)
    command.show(book)
    problems = check_all(book)
    assert problems[0].notebook == "book/es/chapter.quiz.yml"
    assert problems[0].message.startswith(message)
    assert problems[0].message.endswith("(compared with 'pt')")


# What Moodle reads.


def text_of(element, path):
    return element.findtext(f"{path}/text")


def imported(path):
    """Read a file as Moodle's import does: categories and their questions."""
    quiz = ElementTree.parse(path).getroot()
    assert quiz.tag == "quiz"
    assert path.read_text("utf-8").startswith("<?xml")
    categories = {}
    for element in quiz:
        assert element.tag == "question"
        if element.get("type") == "category":
            categories[text_of(element, "category")] = found = []
            continue
        assert element.get("type") == "multichoice"
        assert text_of(element, "name").strip()
        assert element.find("questiontext").get("format") == "html"
        assert element.findtext("single") == "true"
        assert element.findtext("shuffleanswers") == "true"
        assert element.findtext("answernumbering") == "abc"
        assert float(element.findtext("defaultgrade")) == 1
        answers = element.findall("answer")
        assert all(answer.get("format") == "html" for answer in answers)
        feedback = [answer.find("feedback") for answer in answers]
        assert all(each.get("format") == "html" for each in feedback)
        fractions = [answer.get("fraction") for answer in answers]
        assert sorted(fractions) == ["0"] * (len(answers) - 1) + ["100"]
        # One of the penalties that Moodle's form offers.
        assert element.findtext("penalty") in {"0.5000000", "0.3333333"}
        found.append(element)
    return categories


def contents(element):
    """Return what a question says, as HTML, and which option is right."""
    answers = element.findall("answer")
    return (
        text_of(element, "questiontext"),
        [(text_of(each, "."), text_of(each, "feedback")) for each in answers],
        [each.get("fraction") for each in answers].index("100"),
    )


def expected(question):
    return (
        to_html(question.text),
        [(to_html(each.text), to_html(each.why)) for each in question.options],
        question.right,
    )


def test_moodle_gets_what_the_data_say(book):
    files = command.export(book)
    names = [path.relative_to(book / "_build/quiz").as_posix() for path in files]
    assert names == [
        *("pt/chapter.xml", "hpocourse-pt.xml", "es/chapter.xml", "hpocourse-es.xml"),
        *("ru/chapter.xml", "hpocourse-ru.xml"),
    ]
    assert set(files.values()) == {2}
    for path in files:
        language = path.stem[-2:] if path.parent.name == "quiz" else path.parent.name
        # The slash of a title does not begin a category of its own.
        ((category, found),) = imported(path).items()
        assert category == "$course$/top/hpocourse/A//B & C"
        loaded = load(data(book, language), book)
        assert list(map(contents, found)) == list(map(expected, loaded))
        assert [each.findtext("idnumber") for each in found] == [
            "chapter-first",
            "chapter-second-one",
        ]
    html = contents(next(iter(imported(next(iter(files))).values()))[0])[0]
    assert html == (
        r'<p>Quanto vale <span class="math inline">\(1 &lt; 2\)</span> em '
        "<code>a &amp; b</code>, com 0,5?</p>"
    )
    assert r"\(1 < 2\)" in unescape(html)


def test_text_that_looks_like_xml(tmp_path):
    save(tmp_path / "a.quiz.yml", YAML.format("'`x[y[0]]>1` & $a[b[0]]>1$'"))
    loaded = load(tmp_path / "a.quiz.yml")
    (tmp_path / "a.xml").write_text(to_xml([("a", "<A> & B", loaded)]), "utf-8")
    ((category, found),) = imported(tmp_path / "a.xml").items()
    assert category.endswith("/<A> & B")
    assert list(map(contents, found)) == list(map(expected, loaded))


def test_command_writes_and_says_where(book, capsys, monkeypatch):
    for name in ("show", "export"):
        call = getattr(command, name)
        monkeypatch.setattr(command, name, lambda call=call: call(book))
    assert command.main(["--moodle"]) == 0
    said = capsys.readouterr().out
    assert "chapter.ipynb: same" in said
    assert "_build/quiz/hpocourse-ru.xml: 2 questions" in said
    edit(data(book), drop(0, "why"))
    assert command.main([]) == 1
    assert "'first': option 1 has no 'why'" in capsys.readouterr().err


# The book itself.


def test_real_questions():
    assert list(map(str, check_all())) == []


def test_real_questions_for_moodle(tmp_path):
    chapters = [path for path in find_notebooks() if data_path(path).exists()]
    assert {path.stem for path in chapters} >= {"grid-search"}
    for path in chapters:
        loaded = load(data_path(path))
        title = command.title_of(read(path))
        target = tmp_path / "a.xml"
        target.write_text(to_xml([(path.stem, title, loaded)]), "utf-8")
        ((_, found),) = imported(target).items()
        assert list(map(contents, found)) == list(map(expected, loaded))
        assert source(path) == render(loaded, path.parent.name)
