import copy
import csv
import warnings

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import MissingEntry
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import SAWarning

from hpocourse.grading import _grade, _sandbox, _tables
from hpocourse.grading._cli import commands
from hpocourse.grading._collect import collect
from hpocourse.grading._feedback import annotate
from hpocourse.grading._tables import Task, find_work
from hpocourse.languages import use_language
from tests.sample import SAMPLE

from .conftest import CHAPTER, SECRET


def run(*arguments):
    done = CliRunner().invoke(commands, list(map(str, arguments)))
    return done.exit_code, done.output


@pytest.fixture
def course(make_course):
    """Return a course that has collected the work of one student, Иванов Иван."""
    made = make_course("pt")
    download = made.folder / "download" / "Иванов Иван_101_assignsubmission_file_"
    download.mkdir(parents=True)
    notebook = copy.deepcopy(made.released(CHAPTER)["tiny-pt"])
    nbformat.write(notebook, download / "Копия блокнота tiny.ipynb")
    (record,) = collect(made, CHAPTER, download.parent)
    assert record.status == "collected"
    return made


def give_points(course):
    """Do what grading does, without a kernel: 2 points of check-1, and a comment."""
    records = course.records(CHAPTER)
    (record,) = records.values()
    warnings.simplefilter("ignore", SAWarning)  # of nbgrader's own queries
    with course.gradebook() as book:
        book.update_or_create_student(record.student)
        book.update_or_create_submission(record.assignment, record.student)
        for cell, score in (("check-1", 2), ("check-2", 0), ("answer-3", None)):
            grade = book.find_grade(cell, CHAPTER, record.assignment, record.student)
            grade.auto_score, grade.needs_manual_grade = score, score is None
        comment = book.find_comment(
            "answer-1", CHAPTER, record.assignment, record.student
        )
        comment.manual_comment = "Muito bem."
        book.db.commit()
    record.status = "graded"
    course.save(CHAPTER, records)
    return record


def test_released_notebook_is_the_students_version(released):
    text = nbformat.writes(released)
    assert SECRET not in text
    assert "SOLUTION" not in text
    by_id = {cell.id: cell.source for cell in released.cells}
    assert by_id["answer-1"] == "def double(x):\n    ..."
    assert by_id["answer-3"] == "*Escreva aqui a sua resposta.*"
    assert by_id["check-1"] == "assert double(1) == 2"


def test_commands_say_what_is_wrong(tmp_path, make_course, exercises):
    assert run("export", "--course", tmp_path)[0] == 1
    assert "no course folder" in run("export", "--course", tmp_path)[1]
    strange = tmp_path / "[1]"
    assert "rename" in run("init", "--course", strange)[1]
    empty = make_course()
    _code, out = run("collect", tmp_path, "--course", empty.folder)
    assert "none; begin with: hpocourse-grade release" in out
    _code, out = run("release", "grid", "--lang", "ru", "--course", empty.folder)
    assert "no exercises of the chapter 'grid' in Русский" in out
    assert "grid-search" in out
    _code, out = run("export", "--chapter", "x", "--course", make_course("es").folder)
    assert "'x': of those released (tiny)" in out
    (tmp_path / "a.csv").write_text("a,b\n")
    course = make_course("ru")
    arguments = ("--moodle", tmp_path / "a.csv", "--course", course.folder)
    assert "no column of points" in run("export", *arguments)[1]


@pytest.mark.slow
def test_commands_can_be_run_again(tmp_path, exercises):
    folder = tmp_path / "курс"
    assert "a course folder" in run("init", "--course", folder)[1]
    settings = (folder / "nbgrader_config.py").read_text("utf-8")
    assert "already" in run("init", "--course", folder)[1]
    assert (folder / "nbgrader_config.py").read_text("utf-8") == settings
    arguments = ("release", CHAPTER, "--lang", "es", "--from", exercises("es"))
    code, out = run(*arguments, "--course", folder)
    assert code == 0, out
    path = folder / "release/tiny-es/tiny.ipynb"
    first = path.read_bytes(), path.stat().st_mtime_ns
    assert run(*arguments, "--course", folder) == (0, out)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == first


def test_language_is_found_by_what_was_handed_in(make_course, tmp_path):
    course = make_course(*SAMPLE)
    for language, notebook in course.released(CHAPTER).items():
        path = tmp_path / f"студент-{language}" / "x.ipynb"
        path.parent.mkdir()
        nbformat.write(notebook, path)
    (tmp_path / "tiny.ipynb").write_text("{}")
    found = {record.student: record for record in collect(course, CHAPTER, tmp_path)}
    for language in SAMPLE:
        assert found[f"студент-tiny-{language}"].assignment == f"tiny-{language}"
    assert "does not say whose" in found["tiny.ipynb"].reason


def test_without_a_sandbox_nothing_runs_unless_asked_for(make_course, monkeypatch):
    monkeypatch.setattr(_sandbox.shutil, "which", lambda name: None)
    folder = make_course("pt").folder
    for command in ("grade", "feedback"):
        code, out = run(command, "--course", folder)
        assert code == 1
        assert "bwrap is not on this machine: install bubblewrap" in out
        assert run(command, "--no-sandbox", "--course", folder)[0] == 0


def test_names_cannot_move_the_cursor(make_course, tmp_path):
    (tmp_path / "Ana").mkdir()
    (tmp_path / "Ana" / "\x1b[2Jx.pdf").write_text("x")
    _code, out = run("collect", tmp_path, "--course", make_course("pt").folder)
    assert "refused: Ana: no notebook" in out
    assert "\x1b" not in out


def test_two_notebooks_that_differ_are_refused(make_course, released, tmp_path):
    course = make_course("pt")
    (tmp_path / "Ana").mkdir()
    for name in ("tiny", "tiny (1)"):
        nbformat.write(released, tmp_path / "Ana" / f"{name}.ipynb")
    (record,) = collect(course, CHAPTER, tmp_path)
    assert record.status == "collected"  # the same file twice
    other = copy.deepcopy(released)
    other.cells[3].source = "1"
    nbformat.write(other, tmp_path / "Ana" / "tiny (1).ipynb")
    (record,) = collect(course, CHAPTER, tmp_path)
    assert record.reason.endswith("they differ: tiny (1).ipynb, tiny.ipynb")


def test_tables(course, tmp_path):
    record = give_points(course)
    code, out = run("export", "--course", course.folder)
    assert code == 0, out
    text = (course.folder / "grades-tiny.csv").read_text("utf-8-sig")
    (row,) = csv.DictReader(text.splitlines())
    assert row["student"] == record.student == "Иванов Иван_101"
    assert (row["points"], row["maximum"], row["unread"]) == ("2", "10", "answer-3")
    assert (row["status"], row["language"]) == ("graded", "pt")
    assert row["reason"] == "to be read: answer-3; check-2: 0 of 3"
    assert (row["check-1"], row["check-2"]) == ("2", "0")
    sheet = tmp_path / "Оценки.csv"
    sheet.write_text(
        "Идентификатор,Полное имя,Оценка,Максимальная оценка\n"
        'Участник101,"Иванов, Иван",,10\nУчастник1101,Другой,3,10\n',
        "utf-8-sig",
    )
    code, out = run("export", "--moodle", sheet, "--course", course.folder)
    assert "1 rows filled in" in out
    assert "1 of them have an open answer that nobody has read yet" in out
    head, *rows = csv.reader((course.folder / "moodle-tiny.csv").open())
    assert head[0] == "Идентификатор"
    assert rows == [
        ["Участник101", "Иванов, Иван", "2", "10"],
        ["Участник1101", "Другой", "3", "10"],
    ]


def test_failed_grading_leaves_no_score(course, monkeypatch):
    record = give_points(course)

    def fail(self):
        raise NbGraderException("no kernel")

    monkeypatch.setattr(_grade.Autograde, "start", fail)
    _grade.grade(course, CHAPTER, again=True)
    with course.gradebook() as book, pytest.raises(MissingEntry):
        book.find_submission(record.assignment, record.student)
    (row,) = _tables.make_table(course, CHAPTER)
    assert (row["status"], row["points"]) == ("failed", "")
    assert "no kernel" in row["reason"]


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("pt", ["Pontos: 2 de 10", "Comentário: Muito bem.", "ainda não foi lida"]),
        ("es", ["Puntos: 2 de 10", "Comentario: Muito bem.", "todavía no se ha leído"]),
        ("ru", ["Баллы: 2 из 10", "Комментарий: Muito bem.", "ещё не прочитан"]),
    ],
)
def test_points_and_comments_are_in_the_student_s_language(course, language, texts):
    give_points(course)
    ((record, work),) = find_work(course, CHAPTER)
    assert work.tasks[0] == Task("check-1", 2, 2, False)
    notebook = nbformat.read(course.notebook("submitted", record), 4)
    with use_language(language):
        made = annotate(notebook, work, record.name)
    said = {cell.id: cell.source for cell in made.cells}
    assert texts[0] in said["points"]
    assert texts[1] in said["answer-1-said"]
    assert texts[2] in said["answer-3-said"]
    nbformat.validate(made)
