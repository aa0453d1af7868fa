"""Carry code to other languages: ``python -m tools.sync CHAPTER FROM [--to …]``.

Code, order, ids, tags and all other metadata come from the language named;
prose, comments, shown strings and figure texts stay those of each language.
What then needs a look is listed, and so is every translation that is dropped.
"""

import argparse
import copy
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from hpocourse.languages import LANGUAGES, get_language
from tools.agreement import (
    NEVER,
    agreement,
    differ,
    digest,
    has_words,
    note,
    state_of,
    texts_of,
    why,
)
from tools.codetext import skeleton
from tools.exercises import is_exercise
from tools.notebooks import (
    ROOT,
    code_cells,
    figure,
    find_notebooks,
    is_setup,
    label,
    read,
    write,
)
from tools.restore import restore
from tools.setup_cell import setup_source
from tools.transplant import transplant

__all__ = ["Report", "localize", "main", "sync", "sync_notebook"]


@dataclass
class Report:
    """What a notebook's reader now has to look at, and what was dropped."""

    look: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    changed: bool = False
    created: bool = False


def localize(text: str, source: str, target: str) -> str:
    """Adapt the endings of labels and the language inside addresses."""
    text = re.sub(rf"(?<=[A-Za-z0-9])-{source}(?=[)`>,\]]|$)", f"-{target}", text)
    return text.replace(f"/{source}/", f"/{target}/")


def _carry_figure(cell: NotebookNode, old: NotebookNode | None, ending: str) -> None:
    """Give a cell copied from the source the figure texts of the target."""
    mystnb = cell.metadata.get("mystnb", {})
    about = figure(old) if old is not None else {}
    for part, keys in (("figure", ("caption", "name")), ("image", ("alt",))):
        for key in keys:
            if key in mystnb.get(part, {}):
                if key == "name":
                    name = mystnb[part][key]
                    mystnb[part][key] = re.sub(r"-[a-z]{2}$", f"-{ending}", name)
                elif key in about:
                    mystnb[part][key] = about[key]


def _sync_cell(
    source: NotebookNode, old: NotebookNode | None, origin: str, target: str
) -> tuple[NotebookNode, Report]:
    """Return one cell of the target and what has to be said about it."""
    cell, report = copy.deepcopy(source), Report()
    own = dict(source.metadata.get("hpocourse", {}))
    own.pop("source", None)
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    if old is None:
        if cell.cell_type == "markdown":
            cell.source = localize(cell.source, origin, target)
        _carry_figure(cell, None, target)
        if has_words(cell):
            own["source"] = f"{origin}:{NEVER}:{digest(cell)}"
            report.look.append("to translate")
    else:
        missing = False
        if cell.cell_type == "code":
            done = transplant(source.source, old.source)
            cell.source, missing = done.text, bool(done.missing)
            same = skeleton(source.source) == skeleton(old.source)
            if same and not (done.missing or done.dropped):
                cell.source = old.source  # The same code, on other lines perhaps.
            report.look += [f"to translate: {text}" for text in done.missing]
            report.look += [
                f"carried to changed code: {ours}  ({theirs})"
                for theirs, ours in done.doubtful
            ]
            report.dropped += done.dropped
            if cell.source == old.source:
                cell.outputs = copy.deepcopy(old.outputs)
                cell.execution_count = old.execution_count
        else:
            cell.source = old.source
        _carry_figure(cell, old, target)
        there, here = figure(old), figure(cell)
        for key in ("caption", "alt"):
            if key in there and key not in here:
                report.dropped.append(f"{key}: {there[key]}")
            elif key in here and key not in there:
                report.look.append(f"to translate: {key}: {here[key]}")
                missing = True
        if texts_of(cell):
            own["source"], look = agreement(
                cell, digest(old), state_of(old), source, origin
            )
            if missing:
                own["source"] = f"{origin}:{NEVER}:{digest(cell)}"
            elif look:
                report.look.append(why(own["source"], cell, origin))
    note(cell, own, own.pop("source", None))
    if old is not None and not report.look:
        # Who has nothing to carry finds the file as it was.
        state, bare = state_of(old), copy.deepcopy(cell)
        note(bare, own, state)
        if bare == old and not differ(state, state_of(cell)):
            return bare, report
    return cell, report


def sync_notebook(
    source: NotebookNode, old: NotebookNode | None, origin: str, target: str
) -> tuple[NotebookNode, Report]:
    """Return the target's notebook with the source's code.

    Parameters
    ----------
    source : NotebookNode
        The notebook whose code is carried.
    old : NotebookNode or None
        The target's notebook as it is, if there is one.
    origin, target : str
        The folders of the two languages.
    """
    report = Report(created=old is None)
    known = {} if old is None else {cell.id: cell for cell in old.cells}
    cells = []
    for theirs in source.cells:
        ours = known.pop(theirs.id, None)
        if ours is not None and ours.cell_type != theirs.cell_type:
            report.dropped += [f"cell {ours.id}: {text}" for text in texts_of(ours)]
            ours = None
        if is_setup(theirs):
            cell = copy.deepcopy(theirs)
            cell.source = setup_source(target)
        else:
            cell, said = _sync_cell(theirs, ours, origin, target)
            report.look += [f"cell {cell.id}: {line}" for line in said.look]
            report.dropped += [f"cell {cell.id}: {line}" for line in said.dropped]
        cells.append(cell)
    for cell in known.values():
        report.dropped += [f"cell {cell.id}: {text}" for text in texts_of(cell)]
    new = copy.deepcopy(source if old is None else old)
    new.cells = cells
    about = dict(new.metadata.get("hpocourse", {}))
    about["language"] = target
    if old is None:
        about.pop("executed", None)
        report.look.insert(0, "description: to translate")
    new.metadata["hpocourse"] = about
    return new, report


def _accept(notebook: NotebookNode, source: NotebookNode, origin: str) -> None:
    """Record that every text of a notebook agrees with the source's."""
    for cell, theirs in zip(notebook.cells, source.cells, strict=True):
        if "source" in cell.metadata.get("hpocourse", {}):
            state = f"{origin}:{digest(theirs)}:{digest(cell)}"
            cell.metadata["hpocourse"]["source"] = state


def sync(
    chapter: str,
    origin: str,
    to: list[str] | None = None,
    root: Path = ROOT,
    *,
    accept: bool = False,
) -> dict[Path, Report]:
    """Carry a chapter's code from one language to others.

    Parameters
    ----------
    chapter : str
        The slug of the chapter.
    origin : str
        The language whose code is carried, in any of its forms.
    to : list of str, optional
        The languages to which it is carried, all others by default.
    root : Path, optional
        The folder that holds ``book/``.
    accept : bool, optional
        Record the translations as they stand as up to date.

    Raises
    ------
    ValueError
        If the language, the chapter or its notebook cannot be used; nothing is
        written then.
    """
    folder = get_language(origin).folder
    others = [each.folder for each in LANGUAGES if each.folder != folder]
    targets = [get_language(each).folder for each in to or others]
    for target in targets:
        if target not in others:
            raise ValueError(
                f"cannot carry code from {folder!r} to {target!r}; "
                f"choose among {', '.join(others)}"
            )
    path = root / "book" / folder / f"{chapter}.ipynb"
    if not path.is_file():
        here = root / "book" / folder
        slugs = [
            each.relative_to(here).with_suffix("").as_posix()
            for each in find_notebooks(folder, root)
        ]
        raise ValueError(
            f"no chapter {chapter!r} in {folder!r}; there are: {', '.join(slugs)}"
        )
    source = restore(path, root)
    paths = {each: root / "book" / each / f"{chapter}.ipynb" for each in targets}
    before = {
        each: restore(paths[each], root) for each in targets if paths[each].exists()
    }
    reports = {}
    for target, there in paths.items():
        new, report = sync_notebook(source, before.get(target), folder, target)
        if accept:
            _accept(new, source, folder)
            report.look = []
        there.parent.mkdir(parents=True, exist_ok=True)
        report.changed = write(there, new)
        reports[there] = report
    return reports


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.sync",
        description=(__doc__ or "").split("\n\n", 1)[1],
        usage="make sync CHAPTER=grid-search FROM=pt TO=ru, or "
        "python -m tools.sync CHAPTER FROM [--to LANGUAGE ...] [--accept]",
    )
    parser.add_argument("chapter", help="the slug, such as grid-search")
    parser.add_argument("origin", metavar="from", help="the language, such as pt")
    parser.add_argument(
        "--to", nargs="*", help="the languages that are written, all others by default"
    )
    parser.add_argument(
        "--accept",
        action="store_true",
        help="the translations are up to date: list them no longer",
    )
    options = parser.parse_args(arguments)
    try:
        reports = sync(
            options.chapter, options.origin, options.to, accept=options.accept
        )
    except ValueError as error:
        parser.error(str(error))
    for path, report in reports.items():
        state = "created" if report.created else "changed" if report.changed else "same"
        print(f"{label(path)}: {state}")
        for title, lines in (("look at", report.look), ("dropped", report.dropped)):
            for line in lines:
                print(f"  {title}: {line}")
    # Exercises are not executed in place, nor what has no code.
    changed = [path for path, report in reports.items() if report.changed]
    if any(code_cells(read(path)) for path in changed if not is_exercise(path)):
        print("Now execute what changed: make run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
