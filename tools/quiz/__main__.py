"""Show the questions in the chapters: ``python -m tools.quiz [--check | --moodle]``.

The questions of a chapter stand beside it in ``CHAPTER.quiz.yml``; its cell
``self-check`` is made from them.
"""

import argparse
import shutil
import sys
from pathlib import Path

from hpocourse.languages import LANGUAGES
from tools.checks import Page
from tools.checks.quiz import check_all
from tools.notebooks import ROOT, UnreadableError, find_notebooks, label, read, write
from tools.quiz.cell import CELL, find_cell, render
from tools.quiz.data import Question, QuizError, data_path, load
from tools.quiz.moodle import title_of, to_xml

__all__ = ["export", "main", "show"]


def show(root: Path = ROOT) -> dict[Path, bool]:
    """Write every chapter's questions into its notebook.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``.

    Returns
    -------
    dict of Path to bool
        The notebooks with questions, and whether each changed.

    Raises
    ------
    QuizError
        If questions cannot be used; nothing is written then.
    """
    notebooks = {}
    for path in find_notebooks(root=root):
        if not data_path(path).exists():
            continue
        page = Page.load(path, root)
        cell = find_cell(page.notebook)
        questions = load(data_path(path), root)
        if cell is None:
            missing = f"{page.name} has no Markdown cell {CELL!r}: add an empty one"
            raise QuizError(label(data_path(path), root), [missing])
        cell.source = render(questions, page.language)
        notebooks[path] = page.notebook
    return {path: write(path, notebook) for path, notebook in notebooks.items()}


def export(root: Path = ROOT) -> dict[Path, int]:
    """Write every chapter's questions for Moodle, below ``_build/quiz``.

    Returns
    -------
    dict of Path to int
        The files, and how many questions are in each.
    """
    out = root / "_build" / "quiz"
    shutil.rmtree(out, ignore_errors=True)
    written = {}

    def save(path: Path, chapters: list[tuple[str, str, list[Question]]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_xml(chapters), "utf-8", newline="\n")
        written[path] = sum(len(questions) for _, _, questions in chapters)

    for language in LANGUAGES:
        folder = root / "book" / language.folder
        chapters = []
        for path in find_notebooks(language.folder, root):
            if data_path(path).exists():
                slug = path.relative_to(folder).with_suffix("").as_posix()
                chapter = slug, title_of(read(path)), load(data_path(path), root)
                save(out / language.folder / f"{slug}.xml", [chapter])
                chapters.append(chapter)
        if chapters:
            save(out / f"hpocourse-{language.folder}.xml", chapters)
    return written


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the status is 1 if something is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.quiz", description=(__doc__ or "").split("\n", 1)[0]
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--check", action="store_true", help="only say which cells differ"
    )
    choice.add_argument(
        "--moodle", action="store_true", help="write Moodle's files, too"
    )
    options = parser.parse_args(arguments)
    try:
        if options.check:
            problems = check_all()
            for problem in problems:
                print(problem)
            return int(bool(problems))
        for path, changed in show().items():
            print(f"{label(path)}: {'changed' if changed else 'same'}")
        if options.moodle:
            for path, count in export().items():
                print(f"{label(path)}: {count} questions")
    except (QuizError, UnreadableError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
