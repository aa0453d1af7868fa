"""Each subject of the sources is taught where the table says so."""

import pytest

from tools import coverage
from tools.notebooks import ROOT

# How many subjects each of the five documents has.
SUBJECTS = {"000": 15, "001": 13, "002": 19, "003": 7, "004": 16}


def test_real_table(record_property):
    rows, problems = coverage.load()
    assert not problems, "\n".join(map(str, problems))
    for document, count in SUBJECTS.items():
        assert sum(row.id.startswith(document) for row in rows) == count
    assert len(rows) == sum(SUBJECTS.values())
    record_property("summary", coverage.summary(rows))


def test_every_cell_is_there_in_every_language():
    problems = coverage.check()
    assert not problems, "\n".join(map(str, problems))


def test_chapters_of_the_book_have_no_open_rows():
    """A row may be open only for a page that does not exist yet."""
    rows, _ = coverage.load()
    late = [
        f"{row.id}: {slug}"
        for row in rows
        for slug in row.open
        if f"book/pt/{slug}\n" in (ROOT / "_toc.yml").read_text("utf-8")
    ]
    assert late == []


TABLE = """\
# What is taught

| id | subject | chapter | cells |
| --- | --- | --- | --- |
| 000-01 | a number | sample | sample: score-intro, score |
| 000-02 | a drawing | sample, other | sample: figure |
| 001-01 | further reading | references | references: references |
| 001-02 | what comes later | other | — |
"""


@pytest.fixture
def table(book):
    """Return a function that writes the table and says what is wrong with it."""

    def write(old="", new=""):
        assert old in TABLE
        path = book.root / coverage.FILE
        path.write_text(TABLE.replace(old, new) if old else TABLE, "utf-8")
        return list(map(str, coverage.check(book.root)))

    return write


def test_good_table(book, table):
    assert table() == []
    rows, _ = coverage.load(book.root)
    assert [row.open for row in rows] == [(), ("other",), (), ("other",)]
    assert coverage.summary(rows) == (
        "2 of the 4 subjects of the sources are taught; open: 000-02, 001-02"
    )


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("| id | subject", "| number | subject", "a table of the columns id, subject"),
        ("000-02 |", "second |", "no row of the table: 'second | a drawing"),
        ("| — |", "|", "no row of the table: '001-02 | what comes later | other'"),
        ("000-02 |", "000-03 |", "000-03 cannot follow 000-01"),
        ("000-02 |", "000-01 |", "000-01 cannot follow 000-01"),
        ("001-01 |", "001-05 |", "001-05 cannot follow 000-02"),
        ("sample: figure", "figure", "'figure' must read `chapter: cell, cell`"),
        ("sample: figure", "sample:", "'sample:' must read `chapter: cell, cell`"),
        ("sample: figure", "example: figure", "cells of 'example', which the row"),
        ("| a drawing |", "| |", "000-02: names no subject"),
        ("sample: figure", "sample: figures", "book/pt/sample has no 'figures'"),
        ("references: references", "references: more", "references has no 'more'"),
        ("| — |", "| other: one |", "001-02: there is no book/pt/other"),
    ],
)
def test_caught(table, old, new, difference):
    lines = table(old, new)
    assert any(difference in line for line in lines), lines


def test_a_cell_that_is_gone_in_one_language_is_caught(book, table):
    book.edit("ru", lambda notebook, cells: cells["figure"].update(id="drawing"))
    assert table() == [
        "book/COVERAGE.md: 000-02: book/ru/sample has no 'figure'",
    ]


def test_command(book, table, monkeypatch, capsys):
    table("sample: figure", "sample: gone")
    load, check = coverage.load, coverage.check
    monkeypatch.setattr(coverage, "load", lambda root=book.root: load(root))
    monkeypatch.setattr(coverage, "check", lambda: check(book.root))
    assert coverage.main() == 1
    said = capsys.readouterr().out
    assert "001-02  other: what comes later" in said
    assert "book/es/sample has no 'gone'" in said
