"""Release a chapter's exercises: the students' version, without solutions."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.converters import GenerateAssignment

from ..languages import Language, use_language
from ..languages import gettext as _
from ._course import Course, CourseError

PACKAGE = Path(__file__).parent
# In the wheel; beside the package where that is a checkout of the repository.
PACKAGED = (PACKAGE / "exercises/{}", PACKAGE.parents[1] / "book/{}/exercises")


def find_source(chapter: str, language: Language, folder: Path | None) -> Path:
    """Return the path of an exercise notebook with its solutions.

    Raises
    ------
    CourseError
        If there is none of that name.
    """
    packaged = [Path(str(each).format(language.folder)) for each in PACKAGED]
    places = [folder] if folder else [each for each in packaged if each.is_dir()]
    for place in places:
        if (place / f"{chapter}.ipynb").is_file():
            return place / f"{chapter}.ipynb"
    known = sorted(path.stem for place in places for path in place.glob("*.ipynb"))
    raise CourseError(
        f"no exercises of the chapter {chapter!r} in {language.name}; there are: "
        f"{', '.join(known) or 'none'}"
    )


def release(
    course: Course, chapter: str, language: Language, folder: Path | None = None
) -> Path:
    """Make the students' version of a chapter's exercises.

    Parameters
    ----------
    course : Course
        The course.
    chapter : str
        The chapter's name.
    language : Language
        The language.
    folder : Path, optional
        Where to take the notebook from, in place of the course's own.

    Returns
    -------
    Path
        The notebook for the students.

    Raises
    ------
    CourseError
        If there are no such exercises.
    """
    source = find_source(chapter, language, folder)
    assignment = f"{chapter}-{language.folder}"
    kept = course.folder / "source" / assignment / source.name
    made = course.folder / "release" / assignment / source.name
    same = kept.is_file() and kept.read_bytes() == source.read_bytes()
    if same and made.is_file():
        return made
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, kept)
    with use_language(language):
        course.config.ClearSolutions.text_stub = _("*Write your answer here.*")
    GenerateAssignment(
        coursedir=course.directory(assignment),
        config=course.config,
        force=True,
        log=course.log,
    ).start()
    return made
