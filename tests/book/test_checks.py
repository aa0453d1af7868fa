"""A small book is broken in one place; the check for it says where and how."""

import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)

from tests.sample import SAMPLE
from tools.checks import PAGE_CHECKS, check_book, load_pages, typography
from tools.checks import __main__ as command
from tools.checks.prose_parity import compare_prose
from tools.checks.reading_time import reading_minutes
from tools.notebooks import read, write
from tools.setup_cell import repository


def test_good_book_has_no_problems(book):
    assert list(map(str, book.problems())) == []


def source(cell, old, new):
    """Return a change that replaces something in the source of a cell."""

    def change(notebook, cells):
        assert old in cells[cell].source
        cells[cell].source = cells[cell].source.replace(old, new)

    return change


def texts(cell, **new):
    """Return a change of a figure's caption, name or alt."""

    def change(notebook, cells):
        mystnb = cells[cell].metadata["mystnb"]
        for key, value in new.items():
            part = mystnb["image" if key == "alt" else "figure"]
            if value is None:
                del part[key]
            else:
                part[key] = value

    return change


def both(*changes):
    def change(notebook, cells):
        for each in changes:
            each(notebook, cells)

    return change


def metadata(cell, key, value):
    def change(notebook, cells):
        cells[cell].metadata[key] = value

    return change


def about(key, value):
    def change(notebook, cells):
        notebook.metadata["hpocourse"][key] = value

    return change


def output(cell, *outputs):
    def change(notebook, cells):
        cells[cell].outputs = list(outputs)

    return change


def stdout(text):
    return output("score", new_output("stream", text=text))


def insert(after, cell):
    def change(notebook, cells):
        place = [each.id for each in notebook.cells].index(after) + 1
        notebook.cells.insert(place, cell)

    return change


def remove(cell):
    def change(notebook, cells):
        notebook.cells.remove(cells[cell])

    return change


def swap(notebook, cells):
    notebook.cells[3], notebook.cells[5] = notebook.cells[5], notebook.cells[3]


def rename(cell, name):
    def change(notebook, cells):
        cells[cell].id = name

    return change


def say(cell, text):
    """Return a change that adds a paragraph to the prose of a cell."""

    def change(notebook, cells):
        cells[cell].source += f"\n\n{text}"

    return change


LONG = "\n".join(["x = 1"] * 21)
CAPTION = "A nota cresce com o número de dados de treino."
ENGLISH = "This paragraph was never translated and still stands in plain English."
PORTUGUESE = "# Este comentário ficou em português e ninguém reparou nele até agora."
LABELS = new_markdown_cell(
    "(fig-sample-pt)=\n### Outra vez a mesma amostra", id="again"
)
ERROR = new_output("error", ename="ValueError", evalue="C must be positive")
HTML_1 = new_output("execute_result", {"text/html": "<td>1</td>", "text/plain": "1"})
HTML_2 = new_output("execute_result", {"text/html": "<td>2</td>", "text/plain": "1"})
IGNORED = {"tags": ["nbval-ignore-output"]}
PLOT = "figure"
CLOSING = new_markdown_cell(
    "Leia [Folds](https://example.org/folds) e [Gone](https://example.org/gone).",
    id="closing",
)


def foreign_metadata(notebook, cells):
    notebook.metadata["colab"] = {"provenance": []}


def second_image(notebook, cells):
    cells[PLOT].outputs = cells[PLOT].outputs * 2


def shown(**size):
    """Return a change of how large the figure says it is shown."""

    def change(notebook, cells):
        cells[PLOT].outputs[0].metadata = {"image/png": size} if size else {}

    return change


def draw(call):
    """Return a change that draws more."""
    return source(PLOT, "plt.show()", f"{call}\nplt.show()")


# What is broken: check, language, cell named in the message, change, difference.
BROKEN = {
    "id not kebab-case": ("structure", "pt", "My_Cell", rename(PLOT, "My_Cell"),
                          "id 'My_Cell' is not in kebab-case"),
    "metadata of another": ("structure", "pt", "", foreign_metadata,
                            "metadata 'colab' does not belong in the book"),
    "raw cell": ("structure", "pt", "raw",
                 insert("title", new_raw_cell("raw", id="raw")), "is a raw cell"),
    "label": ("structure", "pt", "title", source("title", "# Uma", "(a-pt)=\n# Uma"),
              "shows the label '(a-pt)=' as text in Colab"),
    "blurred figure": ("figures", "pt", PLOT, shown(width=2, height=2),
                       "has 2 × 2 pixels, to show 2 × 2"),
    "figure of no size": ("figures", "pt", PLOT, shown(), "does not say how large"),
    "unfolded figure": ("figures", "pt", PLOT, metadata(PLOT, "tags", []),
                        "only draws"),
    "two images": ("figures", "pt", PLOT, second_image, "shows 2 images"),
    "other language": ("structure", "es", "", about("language", "pt"),
                       "hpocourse.language is 'pt', must be 'es'"),
    "no description": ("structure", "pt", "", about("description", ""),
                       "description is missing"),
    "metadata of Colab": ("structure", "pt", "score", metadata("score", "outputId", 1),
                          "metadata 'outputId' does not belong"),
    "setup cell edited": ("structure", "pt", "setup",
                          source("setup", 'set_language("pt")', 'set_language("es")'),
                          "instead of 'hpocourse.set_language(\"pt\")'"),
    "no setup cell": ("structure", "pt", "load", remove("setup"),
                      "the first code cell must be the setup cell"),
    "setup cell shown": ("structure", "pt", "setup", metadata("setup", "tags", []),
                         "tags are []"),
    "hidden cell": ("structure", "pt", "score",
                    metadata("score", "tags", ["hide-cell"]), "tag 'hide-cell'"),
    "timing compared": ("structure", "pt", "score",
                        metadata("score", "tags", ["timing"]), "'nbval-ignore-output'"),
    "hidden from budget": ("structure", "pt", "score",
                           source("score", "rng =", "# NBVAL_SKIP\nrng ="),
                           "NBVAL_SKIP"),
    "long cell": ("structure", "pt", "score",
                  source("score", "rng =", f"{LONG}\nrng ="),
                  "has 25 lines, at most 20"),
    "long line": ("structure", "pt", "score",
                  source("score", "rng =", f"rng = {'1 + ' * 20}1\nrng ="),
                  "line 2 has 87 columns, at most 79"),
    "empty cell": ("structure", "pt", "figure-intro",
                   lambda notebook, cells: cells["figure-intro"].update(source=" "),
                   "is empty"),
    "code after code": ("structure", "pt", "figure", remove("figure-intro"),
                        "follows code cell score without a sentence"),
    "error stored": ("outputs", "pt", "score", output("score", ERROR),
                     "fails with ValueError: C must be positive"),
    "stderr": ("outputs", "pt", "score",
               output("score", new_output("stream", name="stderr", text="oh\n")),
               "writes to stderr: 'oh'"),
    "warning": ("outputs", "pt", "score", stdout("FutureWarning: x is old\n"),
                "shows a warning: 'FutureWarning:'"),
    "memory address": ("outputs", "pt", "score", stdout("<f at 0x7f31c04d2e60>"),
                       "a memory address: '0x7f31c04d2e60'"),
    "absolute path": ("outputs", "pt", "score", stdout("kept in /home/me/a.csv"),
                      "an absolute path: '/home/me/a.csv'"),
    "silent cell": ("outputs", "pt", "score", output("score"), "is silent"),
    "Spanish description": ("language", "pt", "",
                            about("description", "La búsqueda en rejilla desde cero: "
                                  "cuánto cuesta y por qué pierde."),
                            "description in 'es'"),
    "Portuguese labels": ("language", "es", "",
                          both(source("score", "la nota media vale",
                                      "quanto a nota não mudou"),
                               source("figure", "nota del modelo",
                                      "esforço depois das correções")),
                          "short shown strings in 'pt'"),
    "no caption": ("figures", "pt", PLOT, texts(PLOT, caption=None), "has no caption"),
    "no alt": ("figures", "pt", PLOT, texts(PLOT, alt=None), "has no alt"),
    "alt is caption": ("figures", "pt", PLOT,
                       texts(PLOT, alt=CAPTION),
                       "alt repeats the caption"),
    "short alt": ("figures", "pt", PLOT, texts(PLOT, alt="Uma linha."),
                  "alt has 10 characters, at least 40"),
    "name of another language": ("figures", "es", PLOT,
                                 texts(PLOT, name="fig-sample-pt"),
                                 "'fig-sample-pt' must read fig-SOMETHING-es"),
    "figure without image": ("figures", "pt", PLOT, output(PLOT), "has no image"),
    "Markdown image": ("figures", "pt", "title", say("title", "![](a.png)"),
                       "image 'a.png' has no text alternative"),
    "letters in a line's color": (
        "letters", "pt", PLOT, draw('plt.annotate("a", (1, 1), color="C1")'),
        "annotate writes in 'C1': take text_color(…)"),
    "letters in a method's color": (
        "letters", "pt", PLOT, draw('plt.text(1, 1, "a", c=METHOD_COLORS["tpe"])'),
        "text writes in METHOD_COLORS['tpe']"),
    "white letters": (
        "letters", "pt", PLOT, draw("plt.legend(labelcolor='white')"),
        "legend writes in 'white'"),
    "letters on a dark cell": (
        "letters", "pt", PLOT, draw('sns.heatmap(x, annot=True, annot_kws={})'),
        "heatmap writes in white where it is dark"),
    "label twice": ("names", "pt", "figure", insert("title", LABELS),
                    "label 'fig-sample-pt' is already used"),
    "decimal point": ("typography", "ru", "score-intro",
                      source("score-intro", "0,734", "0.734"), "a decimal point"),
    "space in number": ("typography", "ru", "title", say("title", "Их 10 000."),
                        "an ordinary space inside a number"),
    "hyphen": ("typography", "ru", "title", say("title", "Модель - это функция."),
               "a hyphen instead of a dash"),
    "unit": ("typography", "ru", "title", say("title", "Это 5 мс."),
             "no non-breaking space between number and unit"),
    "percent in Portuguese": ("typography", "pt", "score-intro",
                              source("score-intro", "73,4%", "73,4 %"),
                              "a space before the percent sign"),
    "percent in Spanish": ("typography", "es", "score-intro",
                           source("score-intro", "73,4\u00a0%", "73,4%"),
                           "no non-breaking space before the percent sign"),
    "question in Spanish": ("typography", "es", "figure-intro",
                            source("figure-intro", "¿Por", "Por"), "but 0 × '¿'"),
    "exclamation in Spanish": ("typography", "es", "figure-intro",
                               source("figure-intro", "crece?", "crece? Mira!"),
                               "but 0 × '¡'"),
    "quotes in Russian": ("typography", "ru", "figure-intro",
                          source("figure-intro", "«больше»", '"больше"'),
                          "instead of «ёлочки»"),
    "caption's typography": ("typography", "pt", PLOT,
                             texts(PLOT, caption="A nota chega a 0.734 no fim."),
                             "a decimal point"),
    "label's ending": ("typography", "pt", "title",
                       source("title", "# Uma", "(sample)=\n# Uma"),
                       "label 'sample' must be ASCII and end in '-pt'"),
    "link's ending": ("typography", "es", "title",
                      source("title", "#fig-sample-es", "#fig-sample-pt"),
                      "link '#fig-sample-pt' must point to a label that ends in '-es'"),
    "English prose": ("language", "es", "figure-intro", say("figure-intro", ENGLISH),
                      "prose in 'en'"),
    "Portuguese comment": ("language", "es", "score",
                           source("score", "rng =", f"{PORTUGUESE}\nrng ="),
                           "comments in 'pt'"),
    "Spanish alt": ("language", "pt", PLOT,
                    texts(PLOT, alt="Una línea que sube de izquierda a derecha y "
                          "después queda plana hasta el final."), "alt in 'es'"),
    "number not shown": ("numbers", "pt", "score-intro",
                         source("score-intro", "0,734", "0,751"), "says '0,751'"),
    "whole number not shown": ("numbers", "pt", "title",
                               source("title", "48 ajustes", "49 ajustes"),
                               "says '49'"),
    "number in formula": ("numbers", "pt", "title",
                          source("title", "0{,}734", "0{,}751"), "says '0,751'"),
    "number in caption": ("numbers", "pt", PLOT,
                          texts(PLOT, caption="A nota chega a 0,81 no fim."),
                          "says '0,81'"),
    "wrong sum": ("numbers", "pt", "title", say("title", r"São $3 \cdot 4 + 1 = 14$."),
                  "the result is 13"),
    "wrong large product": ("numbers", "pt", "title",
                            say("title", r"São $2 \cdot 9000 = 18\,500$."),
                            "the result is 18000"),
    "link to no term": ("glossary", "pt", "title",
                        source("title", "#model", "#modelo"), "links to no term"),
    "term linked twice": ("glossary", "pt", "score-intro",
                          say("score-intro", "O [modelo](glossary.md#model)."),
                          "links to 'model' again, as did cell title"),
    "words of another term": ("glossary", "es", "title",
                              source("title", "[modelo](glossary.md#model)",
                                     "[SVR](glossary.md#model)"),
                              "links 'SVR' to the term 'modelo'"),
    "not the first use": ("glossary", "ru", "title",
                          source("title", "Эта небольшая", "Модель: эта небольшая"),
                          "links 'модель' to the glossary, but not where it first is"),
    "few terms": ("glossary", "pt", "",
                  source("figure-intro", "[curva](glossary.md#curve)", "curva"),
                  "links 3 terms to the glossary, must be 4 to 14"),
    "rival": ("glossary", "ru", "score-intro",
              say("score-intro", "Оценка по блокам."),
              "says 'блок' ('Оценка по блокам.'); the course's term is 'фолд'"),
    "rival in a caption": ("glossary", "pt", PLOT,
                           texts(PLOT, caption="A nota cresce com os folds."),
                           "says 'folds'"),
    "work unknown": ("references", "pt", "closing",
                     insert("figure", CLOSING),
                     "links to https://example.org/gone, which is not in"),
    "cell missing": ("parity", "es", "figure-intro", remove("figure-intro"),
                     "is missing here, is in book/pt/sample.ipynb"),
    "cell added": ("parity", "ru", "more",
                   insert("title", new_markdown_cell("Ещё", id="more")),
                   "is not in book/pt/sample.ipynb"),
    "other order": ("parity", "es", "figure-intro", swap, "stands where score-intro"),
    "other type": ("parity", "es", "score-intro",
                   lambda notebook, cells: notebook.cells.__setitem__(
                       3, new_code_cell("import math", id="score-intro")),
                   "is code, but markdown"),
    "code": ("parity", "es", "score", source("score", "48", "47"),
             "code differs: 'fits, score = (47, 0.734)' instead of"),
    "name": ("parity", "ru", "score", source("score", "rng", "generator"),
             "code differs: 'generator = "),
    "string that is no text": ("parity", "ru", "load",
                               source("load", "numpy as np", "numpy as n"),
                               "code differs: 'import numpy as n'"),
    "format in shown text": ("parity", "es", "score", source("score", ":.3f", ":.2f"),
                             "code differs: \"print(f'{score:.2f}')\""),
    "tags": ("parity", "es", "score", metadata("score", "tags", IGNORED["tags"]),
             "tags differ: ['nbval-ignore-output'] instead of []"),
    "figure's name": ("parity", "es", PLOT, texts(PLOT, name="fig-other-es"),
                      "mystnb differ"),
    "output": ("parity", "es", "score", stdout("la nota media vale 0.735\n"),
               "outputs differ: '0.735' instead of '0.734'"),
    "kind of output": ("parity", "ru", "score",
                       output("score", new_output("display_data",
                                                  {"text/plain": "0.734"})),
                       "kinds of output differ"),
    "heading": ("parity", "es", "score-intro", source("score-intro", "##", "###"),
                "heading levels differ: [3] instead of [2]"),
    "formula": ("parity", "es", "title", source("title", "R^2", "R^3"),
                "formulas differ: missing 'R^2=0.734'; added 'R^3=0.734'"),
    "code span": ("parity", "ru", "title", source("title", "`SVR`", "`SVC`"),
                  "code spans differ: missing 'SVR'; added 'SVC'"),
    "link": ("parity", "es", "title",
             source("title", "(#fig-sample-es)", "(#other-es)"),
             "links differ: missing '#fig-sample-*'; added '#other-*'"),
    "image": ("parity", "es", "title", say("title", "![Una foto](a.png)"),
              "images differ: added 'a.png'"),
    "table": ("parity", "es", "title", say("title", "| a | b |\n| --- | --- |"),
              "tables differ: 1 rows instead of 0"),
    "details": ("parity", "es", "title", say("title", "<details>\n\nSí.\n\n</details>"),
                "HTML elements differ: added 'details'"),
    "number": ("parity", "es", "score-intro", source("score-intro", "0,734", "0,743"),
               "numbers differ: missing '0.734'; added '0.743'"),
    "number in words": ("parity", "es", "score-intro",
                        source("score-intro", "3 pliegues", "4 pliegues"),
                        "numbers differ: added '4'"),
    "length": ("parity", "es", "title",
               lambda notebook, cells: cells["title"].update(
                   source="# Una muestra\n\nEl modelo `SVR` predice "
                   "$R^2 = 0{,}734$: 48, 25. [Ver](#fig-sample-es)"), "length differs"),
    "not translated": ("parity", "es", "score",
                       source("score", "la nota media vale", "a nota média vale"),
                       "not translated: 'a nota média vale …'"),
    "description": ("parity", "es", "", about("description", "Uma frase só."),
                    "description not translated"),
    "no output": ("parity", "es", "score", output("score"), "has no output"),
    "change without a note": ("parity", "es", "title",
                              metadata("title", "hpocourse", {"source": "pt:1:1"}),
                              "`make sync CHAPTER=sample FROM=pt TO=es` notes"),
    "budget": ("budget", "pt", "score", metadata("score", "tags", IGNORED["tags"]),
               "is one of 1 cells of 9 whose output is not compared (11.1%"),
    "reading time": ("time", "es", "title", source("title", "unos 5", "unos 10"),
                     "says 10 minutes of reading; its words and lines"),
    "no reading time": ("time", "ru", "title", source("title", "около 5", "около"),
                        "does not say how long it takes to read: 5 minutes"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_caught(book, name):
    check, language, cell, change, difference = BROKEN[name]
    book.edit(language, change)
    where = f"book/{language}/sample.ipynb" + (f": cell {cell}:" if cell else ":")
    lines = list(map(str, book.problems()))
    assert any(where in line and difference in line for line in lines), lines
    if check in PAGE_CHECKS:
        # The check does it, and not another one that happens to look there.
        lines = list(map(str, PAGE_CHECKS[check](book.page(language))))
        assert any(where in line and difference in line for line in lines), lines


def test_letters_that_can_be_read(book):
    calls = (
        'plt.annotate("a", (1, 1), color=text_color("C1"))',
        'plt.text(1, 1, "a", color="black")',
        'plt.annotate("", (1, 1), arrowprops={"color": "C1"})',
        'sns.heatmap(x, annot=True, annot_kws={"color": "black"})',
        'sns.heatmap(x, cmap="viridis")',
    )
    book.edit("pt", draw("\n".join(calls)))
    assert list(PAGE_CHECKS["letters"](book.page("pt"))) == []


def test_reading_time_grows_with_words_and_shown_code(book):
    def lengthen(notebook, cells):
        cells["score-intro"].source += "\n\n" + "palavra " * 1500

    def write_code(notebook, cells):
        cells["score"].source = "\n".join(["x = 1"] * 300)

    def fold(notebook, cells):
        cells["score"].metadata["tags"] = ["hide-input"]

    # Means of three editions: 500 words are 5 minutes, 100 lines are 10.
    for change, minutes in ((lengthen, 5), (write_code, 15), (fold, 5)):
        book.edit("pt", change, executed=False)
        pages = [book.page(language) for language in SAMPLE]
        assert reading_minutes(pages) == minutes


def test_reading_time_in_the_index(book):
    row = "| 5\u00a0min | [Uma](sample.ipynb) |"
    index = new_notebook(
        cells=[new_markdown_cell(row, id="map")],
        metadata={"hpocourse": {"language": "pt"}},
    )
    write(book.path("pt").with_name("index.ipynb"), index)
    said = "reading for sample"
    assert said not in " ".join(map(str, book.problems()))
    index.cells[0].source = row.replace("5", "25")
    write(book.path("pt").with_name("index.ipynb"), index)
    assert (
        "book/pt/index.ipynb: cell map: says 25 minutes of reading for sample; its "
        "words and lines of code make 5"
    ) in list(map(str, book.problems()))


@pytest.mark.parametrize(
    ("target", "differs"),
    [
        # Of others, the same address is the same place, whatever it contains.
        ("https://example.org/en/page.html", False),
        # The course's own leads to one of its editions.
        (f"{repository()}/tree/main/book/en/index.ipynb", True),
        ("#fig-sample-en", True),
    ],
)
def test_same_address_in_an_edition_in_english(target, differs):
    cell = new_markdown_cell(f"[x]({target})")
    said = [*compare_prose(cell, cell, "pt", "en")]
    assert any("links differ" in each for each in said) == differs


def test_every_check_has_something_broken():
    checks = {check for check, *_ in BROKEN.values()}
    assert checks == {*PAGE_CHECKS, "parity", "names", "budget", "time"}


def test_text_outputs_compare_without_letters(book):
    # In f-strings, tables and values alike: a table whose words differ passes.
    for language, word in (("pt", "linha"), ("es", "fila"), ("ru", "строка")):
        data = {"text/html": f"<b>{word}</b> 1", "text/plain": f"  {word}    1"}
        result = new_output("execute_result", data)
        book.edit(language, output("score", result))
    assert not [problem for problem in book.problems() if "output" in str(problem)]
    book.edit("pt", output("score", HTML_1))
    book.edit("es", output("score", HTML_2))
    assert "outputs differ: '2' instead of '1'" in " ".join(map(str, book.problems()))


def test_not_executed_is_caught(book):
    book.edit("pt", source("score", "48", "49"), executed=False)
    (problem,) = PAGE_CHECKS["outputs"](book.page("pt"))
    assert str(problem) == (
        "book/pt/sample.ipynb: the code changed since it was executed: `make run`"
    )

    def forget(notebook, cells):
        cells["score"].execution_count = 7

    book.edit("es", forget, executed=False)
    (problem,) = PAGE_CHECKS["outputs"](book.page("es"))
    assert "cell score: execution count is 7, must be 3" in str(problem)


def test_other_format_is_caught(book):
    path = book.path("pt")
    path.write_text(path.read_text("utf-8").replace("\n ", "\n  "), "utf-8")
    (problem,) = PAGE_CHECKS["structure"](book.page("pt"))
    assert "not written in the book's format" in str(problem)


def test_id_twice_is_caught(book):
    path = book.path("pt")
    text = path.read_text("utf-8").replace('"id": "figure"', '"id": "score"')
    path.write_text(text, "utf-8")
    lines = list(map(str, PAGE_CHECKS["structure"](book.page("pt"))))
    assert "book/pt/sample.ipynb: cell score: id 'score' is used 2 times" in lines


def test_missing_language_is_caught(book):
    book.path("ru").unlink()
    lines = list(map(str, book.problems()))
    assert lines == [
        "book/pt/sample.ipynb: is missing in 'ru': "
        "`make sync CHAPTER=sample FROM=pt TO=ru`"
    ]


@pytest.mark.parametrize("exempt", ["told by the paper", {"0,751": "by the paper"}])
def test_number_with_a_reason_passes(book, exempt):
    book.edit("pt", source("score-intro", "0,734", "0,751"))
    book.edit("pt", metadata("score-intro", "hpocourse", {"numbers": exempt}))
    assert PAGE_CHECKS["numbers"](book.page("pt")) == []


def test_spaces_in_a_number_with_a_reason_do_not_count(book):
    book.edit("pt", say("score-intro", "Ou 17\u00a0%."))
    (problem,) = PAGE_CHECKS["numbers"](book.page("pt"))
    assert "17" in str(problem)
    book.edit("pt", metadata("score-intro", "hpocourse", {"numbers": {"17%": "why"}}))
    assert PAGE_CHECKS["numbers"](book.page("pt")) == []


def test_rounded_number_passes_in_its_section_only(book):
    book.edit("pt", stdout("0.81349\n"))
    book.edit("pt", say("score-intro", "Ou 0,81, que são 81%."))
    assert PAGE_CHECKS["numbers"](book.page("pt")) == []
    book.edit("pt", say("title", "Ou 0,81."))
    (problem,) = PAGE_CHECKS["numbers"](book.page("pt"))
    assert "cell title: says '0,81'" in str(problem)


def test_right_equation_proves_its_numbers(book):
    text = r"São 361 treinos, pois $3 \cdot 6 \cdot 20 + 1 = 361$."
    book.edit("pt", say("title", text))
    assert PAGE_CHECKS["numbers"](book.page("pt")) == []


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ('"outputs"', '"outcome"', "not a valid notebook"),
        ('"nbformat_minor": 5', '"nbformat_minor": 4', "nbformat is 4.4, must be 4.5"),
        (' "cells"', '<<<<<<< HEAD\n "cells"', "has the mark '<<<<<<<' of a merge"),
        ('"cells"', '"rooms"', "is no notebook of format 4"),
    ],
)
def test_file_that_is_no_notebook(book, old, new, difference):
    path = book.path("pt")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    lines = list(map(str, book.problems()))
    assert any(f"pt/sample.ipynb: {difference}" in line for line in lines), lines
    # Of a page that is there, nobody says that it is missing.
    assert not any("is missing in" in line for line in lines), lines


@pytest.mark.parametrize(
    ("spoil", "difference"),
    [
        (lambda data: b"", "is empty: `git checkout -- book/es/sample.ipynb`"),
        (lambda data: data[:-100], "is not JSON, or cut off"),
        (lambda data: data.replace(b"{", b"\xff", 1), "is not UTF-8"),
        (lambda data: b"[]", "is no notebook of format 4"),
        (lambda data: b"<<<<<<< HEAD\n" + data, "in line 1: keep one side"),
        (lambda data: b"\xef\xbb\xbf" + data, "not written in the book's format"),
    ],
    ids=[
        "empty",
        "cut off",
        "not UTF-8",
        "a list",
        "merge conflict",
        "byte order mark",
    ],
)
def test_spoilt_file_is_named_without_traceback(
    book, monkeypatch, capsys, spoil, difference
):
    path = book.path("es")
    path.write_bytes(spoil(path.read_bytes()))
    monkeypatch.setattr(command, "check_book", lambda only: check_book(book.root, only))
    monkeypatch.setattr(command, "load_pages", lambda: load_pages(book.root))
    assert command.main([]) == 1
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if "book/es/sample.ipynb: " in line] == said[:-1]
    assert difference in said[0]
    assert "problems;" in said[-1]


def test_command_names_problems_and_fails(book, monkeypatch, capsys):
    monkeypatch.setattr(command, "check_book", lambda only: check_book(book.root, only))
    monkeypatch.setattr(command, "load_pages", lambda: load_pages(book.root))
    assert command.main([str(book.path("pt"))]) == 0
    book.edit("es", source("score", "48", "47"))
    assert command.main([str(book.path("pt"))]) == 1
    said = capsys.readouterr().out
    assert "book/es/sample.ipynb: cell score: code differs" in said


def test_writing_is_stable(book):
    path = book.path("ru")
    before = path.read_bytes()
    assert not write(path, read(path))
    assert path.read_bytes() == before
    assert before.endswith(b"}\n")
    assert "оценка".encode() in before


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("pt", "vale 73\u00a0% da nota", "a space before the percent sign"),
        ("pt", "vale 73 % da nota", "a space before the percent sign"),
        ("es", "¿Qué vale la nota.", "0 × '?' but 1 × '¿'"),
        ("es", "Qué vale la nota?", "1 × '?' but 0 × '¿'"),
    ],
)
def test_typography_is_told(language, text, said):
    (message,) = typography.check_text(text, language)
    assert said in message
