"""A course folder: nbgrader's, with a record of each student beside the gradebook."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
from click import ClickException
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from traitlets.config import Config, PyFileConfigLoader

from ._execute import SafeExecute

SETTINGS = "nbgrader_config.py"
TEMPLATE = '''"""Settings of nbgrader and of the sandbox."""

from hpocourse.grading import configure

c = get_config()
configure(c)
c.CourseDirectory.course_id = {name!r}

# The values in use; take the "# " away to change one.
# c.SafeExecute.timeout = 30  # seconds of a cell
# c.SandboxedKernel.seconds = 300  # of a notebook
# c.SandboxedKernel.memory = 2048  # megabytes
# c.SandboxedKernel.processes = 64
'''


class CourseError(ClickException):
    """Something is missing in the course folder; says what to do."""


def configure(config: Config) -> None:
    """Make nbgrader leave the course's stubs, and run submissions in the sandbox."""
    config.ClearSolutions.code_stub = {"python": "..."}
    config.SandboxedKernel.course = os.getcwd()  # where nbgrader's own commands run
    usual = Autograde.class_traits()["autograde_preprocessors"].default()
    config.Autograde.autograde_preprocessors = [
        SafeExecute if each is Execute else each for each in usual
    ]


@dataclass
class Record:
    """What is known of one student's work on one chapter.

    Attributes
    ----------
    student, name, moodle : str
        The key in the gradebook, the name, and Moodle's number.
    assignment : str
        What was handed in: the chapter with its language.
    status, reason : str
        ``collected``, ``graded``, ``refused`` or ``failed``, and why.
    notes, flags : list of str
        What the instructor should know, and should look at.
    """

    student: str
    name: str = ""
    moodle: str = ""
    assignment: str = ""
    status: str = "refused"
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    @property
    def language(self) -> str:
        """The language of what was handed in, ``ru`` of ``grid-search-ru``."""
        return self.assignment.rpartition("-")[2]


class Course:
    """One course folder.

    Parameters
    ----------
    folder : str or Path
        The folder that ``init`` has made.

    Raises
    ------
    CourseError
        If it is none.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).resolve()
        if not (self.folder / SETTINGS).is_file():
            raise CourseError(
                f"{self.folder} is no course folder: it has no {SETTINGS}. Make one "
                "with: hpocourse-grade init --course FOLDER"
            )
        if set("*?[]{}") & set(str(self.folder)):
            raise CourseError(
                f"nbgrader takes * ? [ ] {{ }} in a path for patterns: rename "
                f"{self.folder}"
            )
        self.config = PyFileConfigLoader(SETTINGS, str(self.folder)).load_config()
        self.config.CourseDirectory.root = str(self.folder)
        self.config.SandboxedKernel.course = str(self.folder)
        # nbgrader calls alembic as a program.
        programs = str(Path(sys.executable).parent)
        if programs not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = programs + os.pathsep + os.environ["PATH"]
        self.log = logging.Logger("grading", logging.ERROR)  # not on the terminal
        file = logging.FileHandler(self.folder / "grading.log", delay=True)
        file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        self.log.addHandler(file)

    def convert(
        self, step: type[BaseConverter], assignment: str, student: str = "*"
    ) -> None:
        """Take a step of nbgrader's anew."""
        directory = CourseDirectory(
            config=self.config, assignment_id=assignment, student_id=student
        )
        step(directory, config=self.config, log=self.log, force=True).start()

    def gradebook(self) -> Gradebook:
        """Open the gradebook, in a ``with`` statement."""
        address = CourseDirectory(config=self.config).db_url
        return Gradebook(address, self.config.CourseDirectory.course_id)

    def released(self, chapter: str) -> dict[str, NotebookNode]:
        """Return the released notebooks of a chapter, by assignment."""
        paths = sorted(self.folder.glob(f"release/{chapter}-*/{chapter}.ipynb"))
        return {path.parent.name: nbformat.read(path, as_version=4) for path in paths}

    def chapter(self, chapter: str | None) -> str:
        """Return a chapter that has been released; the only one by default.

        Raises
        ------
        CourseError
            If there is none, or if there are several and none is named.
        """
        known = sorted({path.stem for path in self.folder.glob("release/*/*.ipynb")})
        if chapter is None and len(known) == 1:
            return known[0]
        if chapter in known:
            return str(chapter)
        wanted = "which chapter? --chapter" if chapter is None else f"{chapter!r}:"
        names = ", ".join(known) or "none; begin with: hpocourse-grade release CHAPTER"
        raise CourseError(f"{wanted} of those released ({names})")

    def records(self, chapter: str) -> dict[str, Record]:
        """Return the records of a chapter's students."""
        path = self.folder / f"students-{chapter}.json"
        if not path.is_file():
            return {}
        found = json.loads(path.read_text("utf-8"))
        return {each["student"]: Record(**each) for each in found}

    def save(self, chapter: str, records: dict[str, Record]) -> None:
        """Write the records of a chapter's students, sorted."""
        path = self.folder / f"students-{chapter}.json"
        found = [asdict(records[student]) for student in sorted(records)]
        scratch = path.with_suffix(".new")
        text = json.dumps(found, ensure_ascii=False, indent=1)
        scratch.write_text(text + "\n", "utf-8")
        scratch.replace(path)

    def notebook(self, step: str, record: Record) -> Path:
        """Return the path of a student's notebook in a step of nbgrader's."""
        chapter = record.assignment.rpartition("-")[0]
        folder = self.folder / step / record.student / record.assignment
        return folder / f"{chapter}.ipynb"

    def remove_score(self, record: Record) -> None:
        """Remove what the gradebook has of a student's work."""
        with self.gradebook() as book, suppress(MissingEntry):
            book.remove_submission(record.assignment, record.student)

    def forget(self, record: Record) -> None:
        """Remove a submission's score, and all that was made of it."""
        if record.assignment:
            self.remove_score(record)
            for step in ("submitted", "autograded", "visible", "feedback"):
                shutil.rmtree(self.notebook(step, record).parent, ignore_errors=True)


def init(folder: Path) -> bool:
    """Lay a course folder; return whether there was none."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / SETTINGS
    if path.exists():
        return False
    path.write_text(TEMPLATE.format(name=folder.resolve().name), "utf-8")
    with Course(folder).gradebook():
        return True
