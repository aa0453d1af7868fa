"""The command ``hpocourse-grade``."""

from __future__ import annotations

from pathlib import Path

import click

from ..languages import LANGUAGES, get_language
from ._collect import collect
from ._course import Course, init
from ._feedback import feedback
from ._grade import grade
from ._release import release
from ._sandbox import check_sandbox
from ._tables import export, fill_worksheet, make_table

FOLDER = click.Path(file_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
HERE = "The course folder; default: here."
LANGUAGE = click.Choice([each.folder for each in LANGUAGES])


_course = click.option(
    "--course", type=Course, default=".", metavar="DIRECTORY", help=HERE
)
_chapter = click.option(
    "--chapter", help="The chapter, where more than one has been released."
)
_sandbox = click.option(
    "--no-sandbox",
    is_flag=True,
    help="Run the students' code without protection, with your own rights.",
)


def _show(text: str) -> None:
    """Print a line; what students have named could hold codes that move the cursor."""
    click.echo("".join(each if each.isprintable() else "?" for each in text))


def _protect(course: Course, no_sandbox: bool) -> None:
    """Have the students' code run in the sandbox, unless nobody wants one."""
    course.config.SafeExecute.sandbox = not no_sandbox
    if not no_sandbox:
        check_sandbox(course.folder)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Collect, grade and return the exercises of hpocourse."""


@commands.command("init")
@click.option("--course", "folder", type=FOLDER, default=".", help=HERE)
def _init(folder: Path) -> None:
    """Lay a course folder."""
    made = init(folder)
    click.echo(f"{folder}: {'a course folder' if made else 'already a course folder'}")


@commands.command("release")
@click.argument("chapter")
@click.option("--lang", required=True, type=LANGUAGE, help="The language.")
@click.option(
    "--from", "folder", type=EXISTING, help="A folder with your own CHAPTER.ipynb."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Make a private variant; keep the number to yourself, and let it be long.",
)
@_course
def _release(
    chapter: str, lang: str, folder: Path | None, seed: int | None, course: Course
) -> None:
    """Make the students' version of a CHAPTER's exercises."""
    path = release(course, chapter, get_language(lang), folder, seed)
    click.echo(f"for the students: {path}")


@commands.command("collect")
@click.argument("download", type=EXISTING)
@_chapter
@_course
def _collect(download: Path, chapter: str | None, course: Course) -> None:
    """Take a DOWNLOAD, a folder or a zip, of what was handed in."""
    found = collect(course, course.chapter(chapter), download)
    refused = [each for each in found if each.status == "refused"]
    for record in refused:
        _show(f"refused: {record.student}: {record.reason}")
    click.echo(f"{len(found)} found, {len(refused)} refused")


@commands.command("grade")
@click.option("--again", is_flag=True, help="Grade those that are graded, too.")
@_sandbox
@_chapter
@_course
def _grade(again: bool, no_sandbox: bool, chapter: str | None, course: Course) -> None:
    """Run and grade what was collected; print a table."""
    _protect(course, no_sandbox)
    chosen = course.chapter(chapter)
    grade(course, chosen, again)
    rows = [("student", "status", "points", "reason")]
    for row in make_table(course, chosen):
        points = f"{row['points']}/{row['maximum']}" if row["points"] else ""
        rows.append((row["student"], row["status"], points, row["reason"]))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for student, status, points, reason in rows:
        start = f"{student:{widths[0]}}  {status:{widths[1]}}  {points:>{widths[2]}}"
        _show(f"{start}  {reason}".rstrip())


@commands.command("feedback")
@_sandbox
@_chapter
@_course
def _feedback(no_sandbox: bool, chapter: str | None, course: Course) -> None:
    """Write a page for each student who has points."""
    _protect(course, no_sandbox)
    pages, archive = feedback(course, course.chapter(chapter))
    click.echo(f"{len(pages)} pages")
    if archive is not None:
        click.echo(f"for Moodle: {archive}")


@commands.command("export")
@click.option(
    "--moodle", "worksheet", type=FILE, help="Moodle's worksheet, to be filled in."
)
@_chapter
@_course
def _export(worksheet: Path | None, chapter: str | None, course: Course) -> None:
    """Write the points as CSV."""
    chosen = course.chapter(chapter)
    if worksheet is None:
        click.echo(str(export(course, chosen)))
    else:
        path, filled, unread = fill_worksheet(course, chosen, worksheet)
        click.echo(f"{path}: {filled} rows filled in")
        if unread:
            click.echo(f"{unread} of them have an open answer that nobody has read yet")
