"""A class of thirty, among them everything that students and malice hand in."""

import copy
import io
import json
import os
import re
import socket
import zipfile
from pathlib import Path

import nbformat
import psutil
import pytest
from click.testing import CliRunner

from hpocourse.grading._cli import commands
from hpocourse.languages import LANGUAGES

from .conftest import CHAPTER, SECRET

pytestmark = [pytest.mark.slow, pytest.mark.needs("sandbox")]

SETTINGS = """
c.SafeExecute.timeout = 4
c.SafeExecute.iopub_timeout = 2
c.SandboxedKernel.seconds = 30
c.SandboxedKernel.memory = 400
c.SandboxedKernel.processes = 24
"""
DOUBLE = "def double(x):\n    return 2 * x"
SQUARE = "def square(x):\n    return x * x"
# In the languages of the expected pages, however many the course has.
THREE = [each.folder for each in LANGUAGES[:3]]
HALF = "5/10"  # all that a machine can give; the rest is read by a person


def answer(notebook, first=DOUBLE, second=SQUARE, text="Meu texto."):
    """Fill a released notebook in."""
    for cell in notebook.cells:
        given = {"answer-1": first, "answer-2": second, "answer-3": text}
        cell.source = given.get(cell.id) or cell.source
    return notebook


def attempt(code):
    """Return an answer that is right only if an attempt fails."""
    lines = "\n".join(f"        {line}" for line in code.split("\n"))
    return (
        f"def double(x):\n    try:\n{lines}\n    except Exception:\n"
        "        return 2 * x\n    return 'it worked'"
    )


def dumped(notebook):
    return json.dumps(notebook).encode()


def without(notebook, name):
    notebook.cells = [cell for cell in notebook.cells if cell.id != name]
    return notebook


def doubled(notebook):
    notebook.cells.insert(4, copy.deepcopy(notebook.cells[4]))
    return notebook


def stripped(notebook):
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def tampered(notebook):
    for cell in notebook.cells:
        if cell.id.startswith("check"):
            cell.metadata.nbgrader.points = 99
            cell.source = "pass"
    return notebook


def foreign(notebook):
    for cell in notebook.cells:
        if not cell.id.startswith("answer"):
            cell.source = f"# {cell.id}"
    return notebook


def colab(notebook):
    notebook.nbformat_minor = 0
    notebook.metadata = {"colab": {"provenance": []}}
    for cell in notebook.cells:
        del cell["id"]
        cell.metadata |= {"id": "x7Yz", "outputId": "1"}
    return notebook


def vs_code(notebook):
    notebook.metadata = {"kernelspec": {"name": ".venv", "display_name": "x"}}
    notebook.metadata["vscode"] = {"interpreter": {"hash": "0"}}
    for cell in notebook.cells:
        cell.metadata |= {"vscode": {"languageId": "python"}}
    return notebook


def zipped(*members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()


def hand_in(course, canary, port):
    """Return each case: how it makes a file, the file's name, what must come of it."""
    name = f"{CHAPTER}.ipynb"

    def solved(first=DOUBLE, **others):
        return lambda notebook: dumped(answer(notebook, first, **others))

    def changed(change):
        return lambda notebook: dumped(change(answer(notebook)))

    loop = "while True:\n    pass"
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + loop
    bomb = "kept = []\nwhile True:\n    kept.append(b'1' * 10**7)"
    fork = "import os\nwhile True:\n    os.fork()"
    large = "with open('/tmp/x', 'wb') as file:\n    while True:\n"
    large += "        file.write(bytes(10**7))\n"
    leak = "def double(x):\n    print(x, In, globals())\n    return 2 * x"
    home = f"open({str(canary)!r}).read()"
    database = f"open({str(course / 'gradebook.db')!r}).read()"
    sources = f"import os\nos.listdir({str(course / 'source')!r})"
    warns = DOUBLE.replace("return", "warnings.warn('?'); return")
    net = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)"
    return {
        "perfect": (solved(), name, HALF),
        "half right": (solved(second="def square(x):\n    return 2 * x"), name, "2/10"),
        "empty": (lambda notebook: dumped(notebook), name, "0/10"),
        "syntax error": (solved("def double(x) return 2"), name, "3/10"),
        "infinite loop": (solved(loop), name, "3/10 .*answer-1: .*longer than 4 s"),
        "deaf loop": (solved(deaf), name, "0/10 .*answer-1: .*did not stop"),
        "memory bomb": (solved(bomb), name, "3/10"),
        "fork bomb": (solved(fork), name, "0/10 .*answer-1: .*too (many|much)"),
        "large file": (solved(large), name, "3/10"),
        "deleted test": (
            changed(lambda notebook: without(notebook, "check-2")),
            name,
            "refused .*missing.*check-2",
        ),
        "tampered points": (changed(tampered), name, f"{HALF} .*put back: check-1"),
        "stripped metadata": (changed(stripped), name, "refused .*stripped"),
        "duplicated cell": (changed(doubled), name, "refused .*check-1"),
        "renamed file": (solved(), "minhas respostas (2).ipynb", HALF),
        "wrong chapter": (changed(foreign), name, "refused .*another notebook"),
        "truncated JSON": (
            lambda notebook: dumped(answer(notebook))[:900],
            name,
            "refused .*breaks off",
        ),
        "not a notebook": (
            lambda notebook: b"x",
            "Ответ.docx",
            "refused .*no notebook",
        ),
        "zip out of bounds": (
            lambda notebook: zipped(("../../../pwned.ipynb", dumped(notebook))),
            "w.zip",
            "refused .*leads out",
        ),
        "zip bomb": (
            lambda notebook: zipped(("a.ipynb", bytes(90 * 2**20))),
            "w.zip",
            "refused .*90 MB",
        ),
        "zip": (
            lambda notebook: zipped((f"Моё/{name}", dumped(answer(notebook)))),
            "w.zip",
            HALF,
        ),
        "kernel exit": (
            solved(second="import os\nos._exit(0)"),
            name,
            "2/10 .*look at: os._exit",
        ),
        "gradebook": (solved(attempt(database)), name, f"{HALF} .*look at: open"),
        "hidden tests": (solved(attempt(sources)), name, HALF),
        "home folder": (solved(attempt(home)), name, f"{HALF} .*look at: open"),
        "network": (solved(attempt(net)), name, f"{HALF} .*import socket"),
        "ten megabytes": (
            solved("def double(x):\n    print('y' * 10**7)\n    return 2 * x"),
            name,
            HALF,
        ),
        "Colab": (changed(colab), f"Копия блокнота {name}", HALF),
        "VS Code": (changed(vs_code), name, HALF),
        "leak": (solved(leak), name, f"{HALF} .*look at: In"),
        "warning": (solved(f"import warnings\n{warns}"), name, HALF),
    }


class Classroom:
    """Thirty students, ten in each language, and a course that has taken them."""

    def __init__(self, course, folder):
        self.course, self.folder = course, folder
        self.canary = folder / "canary"
        self.canary.write_text("canary-of-the-instructor")
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        self.cases = hand_in(course.folder, self.canary, port)
        self.names = {}
        self.languages = {}
        download = folder / "Курс-tiny-77.zip"
        with zipfile.ZipFile(download, "w") as archive:
            for number, (case, (make, name, _outcome)) in enumerate(self.cases.items()):
                language = THREE[number % 3]
                released = course.released(CHAPTER)[f"{CHAPTER}-{language}"]
                student = f"Ñandú Жук {case}"
                self.names[case] = f"{student}_{100 + number}"
                self.languages[case] = language
                path = f"{student}_{100 + number}_assignsubmission_file_/{name}"
                archive.writestr(path, make(copy.deepcopy(released)))
        self.download = download

    def run(self, *arguments):
        done = CliRunner().invoke(
            commands,
            [*map(str, arguments), "--course", str(self.course.folder)],
            catch_exceptions=False,
        )
        assert done.exit_code == 0, done.output
        return done.stdout

    def rows(self, table):
        """Return the table's rows by case: points, or the status, and the reason."""
        found = {}
        for case, student in self.names.items():
            (line,) = (row for row in table.splitlines() if row.startswith(student))
            status, *rest = line.removeprefix(student).split()
            found[case] = " ".join(
                rest if "/" in "".join(rest[:1]) else [status, *rest]
            )
        return found


@pytest.fixture(scope="module")
def classroom(make_course, tmp_path_factory):
    course = make_course(*THREE, settings=SETTINGS)
    made = Classroom(course, tmp_path_factory.mktemp("class"))
    yield made
    made.listener.close()


@pytest.fixture(scope="module")
def graded(classroom):
    collected = classroom.run("collect", classroom.download)
    table = classroom.run("grade")
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if f"/tmp/hpocourse-{os.getpid()}-" in " ".join(process.info["cmdline"] or [])
    ]
    return collected, table, left


def test_every_submission_has_its_points_or_its_reason(classroom, graded):
    collected, table, _left = graded
    assert len(classroom.cases) == 30
    assert [*classroom.languages.values()].count("ru") == 10
    rows = classroom.rows(table)
    wrong = {
        case: rows[case]
        for case, (_make, _name, outcome) in classroom.cases.items()
        if not re.match(outcome, rows[case])
    }
    assert wrong == {}
    assert "30 found, 8 refused" in collected


def test_nothing_is_left_behind(classroom, graded):
    _collected, _table, left = graded
    assert left == []
    assert not list(Path("/tmp").glob(f"hpocourse-{os.getpid()}-*"))
    assert not list(classroom.folder.rglob("pwned*"))
    classroom.listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        classroom.listener.accept()
    with socket.create_connection(classroom.listener.getsockname()):
        classroom.listener.accept()[0].close()  # from outside it can be reached


def test_grading_again_changes_nothing(classroom, graded):
    _collected, table, _left = graded
    paths = [*classroom.course.folder.rglob("autograded/**/*.ipynb")]
    assert len(paths) == 22
    before = [path.stat().st_mtime_ns for path in paths]
    classroom.run("collect", classroom.download)
    assert classroom.run("grade") == table
    assert [path.stat().st_mtime_ns for path in paths] == before


def test_feedback_shows_errors_and_no_hidden_test(classroom, graded):
    out = classroom.run("feedback")
    assert "22 pages" in out
    folder = classroom.course.folder
    pages = {
        case: folder / f"feedback/{name}/{CHAPTER}-{classroom.languages[case]}"
        for case, name in classroom.names.items()
    }
    texts = {
        case: (path / f"{CHAPTER}.html").read_text("utf-8")
        for case, path in pages.items()
        if path.exists()
    }
    assert len(texts) == 22
    for case, text in texts.items():
        for secret in (SECRET, "HIDDEN", "canary-of", "double(21)", "square(-3)"):
            assert secret not in text, (case, secret)
        assert "Content-Security-Policy" in text
    # What was graded has them, in outputs, too: the search finds what is there.
    student, language = classroom.names["leak"], classroom.languages["leak"]
    path = folder / f"autograded/{student}/{CHAPTER}-{language}/{CHAPTER}.ipynb"
    outputs = [cell.get("outputs") for cell in nbformat.read(path, 4).cells]
    assert SECRET in str(outputs)
    assert "SyntaxError" in texts["syntax error"]
    assert len(texts["ten megabytes"]) < 2_000_000
    points = {"pt": "Pontos: 5 de 10", "es": "Puntos: 5 de 10", "ru": "Баллы: 5 из 10"}
    assert points[classroom.languages["perfect"]] in texts["perfect"]
    with zipfile.ZipFile(folder / f"feedback-{CHAPTER}.zip") as archive:
        names = archive.namelist()
    assert f"Ñandú Жук perfect_100_assignsubmission_file_/{CHAPTER}.html" in names


def test_a_worse_second_version_leaves_no_score(classroom, graded, tmp_path):
    _collected, table, _left = graded
    student = classroom.names["perfect"]
    path = tmp_path / f"{student}_assignsubmission_file_" / f"{CHAPTER}.ipynb"
    path.parent.mkdir()
    path.write_text("{")
    out = classroom.run("collect", tmp_path)
    assert f"refused: {student}" in out
    assert classroom.rows(classroom.run("grade"))["perfect"].startswith("refused")
    assert not list(classroom.course.folder.glob(f"autograded/{student}/*"))
    classroom.run("collect", classroom.download)
    assert classroom.run("grade") == table  # the version before counts again
