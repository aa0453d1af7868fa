"""Code goes from one language to the others; no translation is lost."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.sample import SAMPLE
from tools import sync as command
from tools.agreement import is_noted
from tools.codetext import shown_strings, skeleton, slots
from tools.notebooks import read, write
from tools.restore import clean
from tools.setup_cell import setup_source
from tools.sync import sync
from tools.transplant import transplant

PT = """\
# A semente fica fixa,
# para repetir.
model = fit(C=1.0)  # rápido
%time model.score()
print(f"nota {model.score:.3f} em {n} ajustes")
ax.set(title="Título", xlabel="gamma")
table = table.rename(columns={"score": "nota"})
assert model.score > 0.5, "baixa demais"
"""
RU = """\
# Зерно закреплено.
model = fit(C=1.0)  # быстро
%time model.score()
print(f"оценка {model.score:.3f} за {n} обучений")
ax.set(title="Заголовок", xlabel="gamma")
table = table.rename(columns={"score": "оценка"})
assert model.score > 0.5, "слишком низкая"
"""


def test_same_code_is_the_translation_unchanged():
    done = transplant(PT, RU)
    assert done.text == RU
    assert done.missing == done.dropped == done.doubtful == []


def test_only_text_differs_between_translations():
    assert skeleton(PT) == skeleton(RU)
    assert skeleton(PT) != skeleton(RU.replace("C=1.0", "C=10"))
    assert skeleton(PT) != skeleton(RU.replace('"score"', '"оценка"'))
    assert skeleton(PT) != skeleton(RU.replace(":.3f", ":.2f"))
    assert skeleton(PT) != skeleton(RU.replace("%time", "%timeit"))


def test_renamed_variable_and_changed_value():
    done = transplant(PT.replace("model", "svr").replace("1.0", "10"), RU)
    assert done.text == RU.replace("model", "svr").replace("1.0", "10")
    assert not done.missing
    assert not done.dropped
    assert ("# rápido", "# быстро") in done.doubtful


def test_inserted_and_removed_lines():
    source = PT.replace('ax.set(title="Título", xlabel="gamma")\n', "")
    source += 'print("fim da célula")\n'
    done = transplant(source, RU)
    assert done.missing == ['"fim da célula"']
    assert done.dropped == ['"Заголовок"', '"gamma"']
    assert 'print(f"оценка {model.score:.3f} за {n} обучений")' in done.text
    assert skeleton(done.text) == skeleton(source)


def test_text_that_does_not_fit_is_dropped_and_said():
    done = transplant('print(f"{a} com {b}")', 'print(f"{a}")')
    assert done.text == 'print(f"{a} com {b}")'
    assert done.missing == ['f"{a} com {b}"']
    assert done.dropped == ['f"{a}"']


def test_translation_that_would_break_the_code_is_not_taken():
    # Two strings on two lines are one text in parentheses only.
    old = 'labels = (\n    "uma "\n    "curva"\n)'
    done = transplant('labels = "a curve"', old)
    assert done.text == 'labels = "a curve"'
    assert done.missing == ['"a curve"']
    assert len(done.dropped) == 1


def test_comment_keeps_the_new_indentation():
    source = "if x:\n    # por que\n    y = f(1)\n"
    done = transplant(source, "# почему\n# именно\ny = f(1)\n")
    assert done.text == "if x:\n    # почему\n    # именно\n    y = f(1)\n"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('ax.text(0, 1, "a", ha="center")', ["a"]),
        ('ax.legend(["a", "b"], loc="best")', ["a", "b"]),
        ('ax.plot(x, y, "o-", label="a")', ["a"]),
        ('titles = {"key": "a"}\nother = {"key": "b"}', ["a"]),
        ('table.columns = ["a"]\ntable["b"] = 1', ["a"]),
        ('print("a" if x == "b" else "c", end="d")', ["a", "c"]),
        ('print(", ".join("a" for _ in x), results["b"])', [", "]),
        ('print("a %d" % f("b"))', ["a %d"]),
        ('assert x == "b", "a"', ["a"]),
        ('raise ValueError("a")', ["a"]),
        ('sns.heatmap(x, cbar_kws={"label": "a", "shrink": "b"})', ["a"]),
        ('def f(x, kind="b", *, title="a"):\n    return kind', ["a"]),
        ('def f():\n    """a"""', ["a"]),
        ("print(f'a {x}')", ["a …"]),
        ('model = SVR(kernel="b")', []),
        ('%%bash\necho "b"', []),
        ('!ls "b"\nprint("a")', ["a"]),
    ],
)
def test_what_is_shown(source, shown):
    assert list(shown_strings(source)) == shown


def test_slots_are_where_they_say():
    for source in (PT, RU):
        for slot in slots(source):
            assert source[slot.start : slot.end] == slot.text
    assert [slot.key for slot in slots(PT)][:3] == ["comment", "trailing", "print"]


class Chapter:
    """One chapter in a book of its own."""

    def __init__(self, root):
        self.root = root
        about = {"figure": {"caption": "Uma legenda", "name": "fig-a-pt"}}
        about["image"] = {"alt": "Uma descrição"}
        cells = [
            new_markdown_cell("(a-pt)=\n# Título [aqui](#a-pt)", id="title"),
            new_code_cell(
                setup_source("pt"), id="setup", metadata={"tags": ["remove-cell"]}
            ),
            new_code_cell("# por que\nprint('soma', 1 + 1)", id="sum"),
            new_code_cell("plt.plot([1, 2])", id="plot", metadata={"mystnb": about}),
        ]
        notebook = new_notebook(cells=cells)
        notebook.metadata["hpocourse"] = {"language": "pt", "description": "Uma frase"}
        clean(notebook)
        self.save("pt", notebook)

    def path(self, language):
        return self.root / "book" / language / "a.ipynb"

    def load(self, language):
        notebook = read(self.path(language))
        return notebook, {cell.id: cell for cell in notebook.cells}

    def save(self, language, notebook):
        self.path(language).parent.mkdir(parents=True, exist_ok=True)
        write(self.path(language), notebook)

    def sync(self, **options):
        reports = sync("a", "pt", root=self.root, **options)
        return reports[self.path("es")]

    def translate(self):
        self.sync()
        notebook, cells = self.load("es")
        notebook.metadata["hpocourse"]["description"] = "Una frase"
        cells["title"].source = "(a-es)=\n# Encabezado [aquí](#a-es)"
        cells["sum"].source = "# el porqué\nprint('total', 1 + 1)"
        cells["sum"].outputs = [new_output("stream", text="total 2\n")]
        mystnb = cells["plot"].metadata["mystnb"]
        mystnb["figure"]["caption"] = "Un pie"
        mystnb["image"]["alt"] = "Una descripción"
        self.save("es", notebook)
        return self


@pytest.fixture
def chapter(tmp_path, three_languages):
    return Chapter(tmp_path)


def test_missing_notebook_is_created_to_be_translated(chapter):
    report = chapter.sync()
    assert report.created
    assert report.look == [
        "description: to translate",
        "cell title: to translate",
        "cell sum: to translate",
        "cell plot: to translate",
    ]
    notebook, cells = chapter.load("es")
    assert notebook.metadata["hpocourse"]["language"] == "es"
    assert cells["setup"].source == setup_source("es")
    assert cells["title"].source == "(a-es)=\n# Título [aqui](#a-es)"
    assert cells["plot"].metadata["mystnb"]["figure"]["name"] == "fig-a-es"
    assert "cell title: to translate" in chapter.sync().look  # until it is


def test_translated_notebook_stays_as_it_is(chapter):
    chapter.translate().sync()  # notes that the translation has been written
    before = chapter.path("es").read_bytes()
    report = chapter.sync()
    assert (report.look, report.dropped, report.changed) == ([], [], False)
    assert chapter.path("es").read_bytes() == before
    _, cells = chapter.load("es")
    assert cells["sum"].outputs[0].text == "total 2\n"


@pytest.mark.parametrize("origin", SAMPLE)
def test_nothing_to_carry_changes_no_file(chapter, origin):
    chapter.translate().sync()
    notebook, cells = chapter.load("pt")
    # The same code on other lines is the same code.
    cells["sum"].source = "# por que\nprint(\n    'soma',\n    1 + 1,\n)"
    chapter.save("pt", notebook)
    before = {each: chapter.path(each).read_bytes() for each in SAMPLE}
    reports = sync("a", origin, root=chapter.root)
    assert not any(report.changed for report in reports.values())
    assert before == {each: chapter.path(each).read_bytes() for each in before}


def test_only_the_language_asked_for_is_written(chapter):
    chapter.translate().sync()
    notebook, cells = chapter.load("pt")
    cells["sum"].source = "# por que\nprint('soma', 2 + 2)"
    chapter.save("pt", notebook)
    before = chapter.path("es").read_bytes()
    assert list(sync("a", "pt", ["ru"], chapter.root)) == [chapter.path("ru")]
    assert "2 + 2" in chapter.load("ru")[1]["sum"].source
    assert chapter.path("es").read_bytes() == before


def test_followed_change_must_be_noted(chapter):
    chapter.translate().sync()
    for language, word in (("pt", "Outro título"), ("es", "Otro encabezado")):
        notebook, cells = chapter.load(language)
        cells["title"].source = f"(a-{language})=\n# {word} [aqui](#a-{language})"
        chapter.save(language, notebook)
    source, cell = chapter.load("pt")[1]["title"], chapter.load("es")[1]["title"]
    assert not is_noted(cell, source)
    assert chapter.sync().look == []
    assert is_noted(chapter.load("es")[1]["title"], source)


def test_notebooks_of_colab_are_carried_and_brought_back(chapter):
    chapter.translate().sync()
    before = chapter.path("es").read_bytes()
    for language in ("pt", "es"):
        data = json.loads(chapter.path(language).read_text("utf-8"))
        data["nbformat_minor"] = 0
        for cell in data["cells"]:
            cell["metadata"]["id"] = cell.pop("id")
        chapter.path(language).write_text(json.dumps(data), "utf-8")
    assert chapter.sync().look == []
    assert json.loads(chapter.path("es").read_text("utf-8"))["nbformat_minor"] == 5
    assert [c.id for c in chapter.load("es")[0].cells] == [
        cell["id"] for cell in json.loads(before)["cells"]
    ]


def test_lost_ids_are_named_and_nothing_is_written(chapter):
    chapter.sync()
    data = json.loads(chapter.path("ru").read_text("utf-8"))
    del data["cells"][2]["id"]
    chapter.path("ru").write_text(json.dumps(data), "utf-8")
    notebook, cells = chapter.load("pt")
    cells["sum"].source = "print('soma', 2 + 2)"
    chapter.save("pt", notebook)
    before = chapter.path("es").read_bytes()
    with pytest.raises(ValueError, match="these cells have lost their ids"):
        chapter.sync()
    assert chapter.path("es").read_bytes() == before


def test_code_order_and_tags_are_carried(chapter):
    chapter.translate().sync()
    notebook, cells = chapter.load("pt")
    cells["sum"].source = "# por que\nprint('soma', 2 + 2)"
    cells["sum"].metadata["tags"] = ["nbval-ignore-output"]
    notebook.cells.insert(2, new_markdown_cell("Texto novo", id="more"))
    notebook.cells.append(notebook.cells.pop(3))
    chapter.save("pt", notebook)
    report = chapter.sync()
    notebook, cells = chapter.load("es")
    assert [c.id for c in notebook.cells] == ["title", "setup", "more", "plot", "sum"]
    assert cells["sum"].source == "# el porqué\nprint('total', 2 + 2)"
    assert cells["sum"].metadata["tags"] == ["nbval-ignore-output"]
    assert cells["sum"].outputs == []
    assert cells["title"].source.startswith("(a-es)=\n# Encabezado")
    assert cells["plot"].metadata["mystnb"]["figure"]["caption"] == "Un pie"
    assert "cell more: to translate" in report.look
    assert "cell sum: carried to changed code: 'total'  ('soma')" in report.look
    assert report.dropped == []


def test_changed_prose_is_listed_until_it_is_mended(chapter):
    chapter.translate().sync()
    notebook, cells = chapter.load("pt")
    cells["title"].source = "(a-pt)=\n# Outro título [aqui](#a-pt)"
    chapter.save("pt", notebook)
    line = "cell title: prose changed in pt, not yet here"
    assert chapter.sync().look == [line]
    assert chapter.sync().look == [line]
    notebook, cells = chapter.load("es")
    cells["title"].source = "(a-es)=\n# Otro encabezado [aquí](#a-es)"
    chapter.save("es", notebook)
    assert chapter.sync().look == []


def test_changed_comment_and_caption_are_listed_and_can_be_accepted(chapter):
    chapter.translate().sync()
    notebook, cells = chapter.load("pt")
    cells["sum"].source = "# outra razão\nprint('soma', 1 + 1)"
    cells["plot"].metadata["mystnb"]["figure"]["caption"] = "Outra legenda"
    chapter.save("pt", notebook)
    assert chapter.sync().look == [
        "cell sum: texts of the code changed in pt, not yet here",
        "cell plot: texts of the code changed in pt, not yet here",
    ]
    chapter.sync(accept=True)
    assert chapter.sync().look == []


def test_dropped_translations_are_printed(chapter, monkeypatch, capsys):
    chapter.translate().sync()
    notebook, cells = chapter.load("pt")
    notebook.cells.remove(cells["plot"])
    cells["sum"].source = "1 + 1"
    chapter.save("pt", notebook)
    root = chapter.root
    monkeypatch.setattr(command, "sync", lambda a, b, to, accept: sync(a, b, to, root))
    assert command.main(["a", "pt"]) == 0
    said = capsys.readouterr().out
    for text in ("sum: # el porqué", "sum: 'total'", "plot: Un pie", "Una descripción"):
        assert text in said
    assert "Now execute what changed: make run" in said


def test_only_what_make_run_executes_is_to_be_run(chapter, monkeypatch, capsys):
    path = chapter.path("pt")
    exercise = path.parent / "exercises" / path.name
    exercise.parent.mkdir()
    exercise.write_bytes(path.read_bytes())
    plain = path.with_name("plain.ipynb")
    notebook, _ = chapter.load("pt")
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    write(plain, notebook)
    for changed, told in ((path, True), (exercise, False), (plain, False)):
        reports = {changed: command.Report(changed=True)}
        monkeypatch.setattr(command, "sync", lambda *_, accept, said=reports: said)
        assert command.main(["a", "pt"]) == 0
        assert ("make run" in capsys.readouterr().out) is told


def test_unknown_chapter_and_language(chapter, capsys):
    with pytest.raises(ValueError, match="no chapter 'b' in 'pt'; there are: a"):
        sync("b", "pt", root=chapter.root)
    with pytest.raises(ValueError, match="from 'pt' to 'pt'; choose among es, ru"):
        sync("a", "pt", ["pt"], chapter.root)
    with pytest.raises(SystemExit):
        command.main(["grid-search", "xx"])
    assert "xx" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main([])
    assert "make sync CHAPTER=grid-search FROM=pt TO=ru" in capsys.readouterr().err
