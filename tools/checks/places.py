"""What a language of the registry needs outside of its folder of the book."""

from collections.abc import Iterator
from pathlib import Path

from hpocourse.languages import ENGLISH, LANGUAGES
from tools.checks.page import Problem
from tools.notebooks import ROOT

__all__ = ["check"]


def check(root: Path = ROOT) -> Iterator[Problem]:
    """Yield the catalogues and parts of the table of contents that are missing.

    Parameters
    ----------
    root : Path, optional
        The folder that holds ``book/``; what is not there at all, as in a sample, is
        not looked for.

    Yields
    ------
    Problem
        One for each file or part.
    """
    toc = root / "_toc.yml"
    lines = toc.read_text("utf-8").splitlines() if toc.exists() else []
    for language in LANGUAGES:
        for domain in ("site", "hpocourse"):
            # The package's messages are in English themselves.
            if domain == "hpocourse" and language == ENGLISH:
                continue
            folder = root / domain / "locale"
            path = folder / language.catalogue / "LC_MESSAGES" / f"{domain}.po"
            if folder.exists() and not path.exists():
                name = path.relative_to(root).as_posix()
                yield Problem(name, "", "is missing: translate a copy of another one")
        index = f"- file: book/{language.folder}/index"
        if lines and index not in (line.strip() for line in lines):
            message = f"has no part for {language.folder!r}: {index}"
            yield Problem(toc.name, "", message)
