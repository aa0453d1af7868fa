"""What a student gets back: their work run once more, without any hidden test.

What is shown comes from a kernel that has never seen a hidden test, so that nothing
of one can be in it, whatever the student's code does: no code, no traceback, no
printed argument. Only points and comments come from the gradebook.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from tqdm import tqdm

from ..languages import gettext as _
from ..languages import use_language
from ._course import Course, Record
from ._execute import SafeExecute
from ._tables import Task, Work, find_work

# Work may hold scripts: none of them runs, and the page asks for nothing elsewhere.
NO_SCRIPTS = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'; img-src data:; font-src data:\">"
)


def _run(course: Course, record: Record) -> NotebookNode:
    """Return a submission, executed with the visible tests; kept for the next time."""
    path = course.notebook("visible", record)
    if not path.is_file():
        notebook = nbformat.read(course.notebook("submitted", record), as_version=4)
        SafeExecute(config=course.config, log=course.log).preprocess(notebook, {})
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
    return nbformat.read(path, as_version=4)


def _points(got: Task | Work) -> str:
    text = _("Points: {score} of {points}")
    return f"**{text.format(score=f'{got.score:g}', points=f'{got.points:g}')}**"


def _verdict(task: Task, cell: NotebookNode) -> str:
    """Return what is said below a graded cell."""
    if task.unread:
        return _("Nobody has read this answer yet.")
    lines = [_points(task)]
    failed = any(each.output_type == "error" for each in cell.get("outputs", []))
    if cell.cell_type == "code" and task.score < task.points and not failed:
        lines.append(
            _("The visible checks passed; those on other data did not all pass.")
        )
    return "  \n> ".join(lines)


def annotate(notebook: NotebookNode, work: Work, name: str) -> NotebookNode:
    """Return a notebook with points and comments below the cells.

    Parameters
    ----------
    notebook : NotebookNode
        The student's work, executed.
    work : Work
        What the gradebook says.
    name : str
        The student's name.
    """
    head = f"# {name}\n\n{_points(work)}"
    cells = [new_markdown_cell(head, id="points")]
    tasks = {task.name: task for task in work.tasks}
    for cell in notebook.cells:
        cells.append(cell)
        said = []
        if task := tasks.get(cell.id):
            said.append(_verdict(task, cell))
        if comment := work.comments.get(cell.id):
            quoted = comment.replace("\n", "\n> ")
            said.append(_("Comment: {comment}").format(comment=quoted))
        if said:
            text = "\n>\n> ".join(said)
            cells.append(new_markdown_cell(f"> {text}", id=f"{cell.id}-said"))
    notebook.cells = cells
    return notebook


def _write(course: Course, record: Record, work: Work, exporter: HTMLExporter) -> Path:
    """Write one student's page."""
    with use_language(record.language):
        notebook = annotate(_run(course, record), work, record.name)
    exporter.language_code = record.language
    html, _resources = exporter.from_notebook_node(notebook)
    html = html.replace("<head>", f"<head>{NO_SCRIPTS}", 1)
    page = course.notebook("feedback", record).with_suffix(".html")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(html, "utf-8")
    return page


def feedback(course: Course, chapter: str) -> tuple[list[Path], Path | None]:
    """Write a page for each student who has points.

    Parameters
    ----------
    course : Course
        The course.
    chapter : str
        The chapter.

    Returns
    -------
    tuple of list of Path, and Path or None
        The pages; and a zip for Moodle, where work came from there.
    """
    graded = [each for each in find_work(course, chapter) if each[1].tasks]
    exporter = HTMLExporter(config=course.config, log=course.log)
    pages, for_moodle = [], {}
    for record, work in tqdm(graded, desc="feedback", unit="page", disable=not graded):
        page = _write(course, record, work, exporter)
        pages.append(page)
        if record.moodle:
            folder = f"{record.name}_{record.moodle}_assignsubmission_file_"
            for_moodle[f"{folder}/{page.name}"] = page
    if not for_moodle:
        return pages, None
    path = course.folder / f"feedback-{chapter}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, page in for_moodle.items():
            archive.write(page, name)
    return pages, path
