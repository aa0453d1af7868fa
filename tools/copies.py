"""The command of each kind of copy: build the editions, then make one of each."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from hpocourse.languages import LANGUAGES, Language, get_language
from tools.build import build
from tools.notebooks import ROOT

__all__ = ["run"]


def run(
    name: str,
    description: str,
    make: Callable[[list[Language]], Iterable[tuple[Path, str]]],
) -> int:
    """Run the command of a kind of copy.

    Parameters
    ----------
    name : str
        The module, as ``python -m`` calls it.
    description : str
        What the command does.
    make : callable
        Takes the languages; yields each copy's path, and what to say of it beside
        its size.

    Returns
    -------
    int
        The exit status: 1 where an edition has a fault.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=description)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="default: all")
    named = parser.parse_args().languages
    try:
        chosen = [get_language(each) for each in named] or list(LANGUAGES)
    except ValueError as error:
        parser.error(str(error))
    if not build([language.folder for language in chosen]):
        return 1
    for path, more in make(chosen):
        size = path.stat().st_size / 1e6
        print(f"{path.relative_to(ROOT).as_posix()}  ({more}{size:.1f} MB)")
    return 0
