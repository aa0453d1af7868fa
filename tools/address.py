"""Restamp address and version: ``python -m tools.address [URL]``.

With a URL the repository's address is rewritten wherever it stands; without
one, setup cells and links to a tag are brought up to the current version.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from tools.exercises import find_exercises
from tools.notebooks import (
    ROOT,
    find_notebooks,
    folder_of,
    is_setup,
    label,
    read,
    write,
)
from tools.setup_cell import repository, setup_source, version

__all__ = ["handled_files", "main", "parse", "restamp", "stragglers"]

# The files, beside the notebooks, in which the address may stand.
HANDLED = (
    "pyproject.toml",
    "README.md",
    "CONTRIBUTING.md",
    "CITATION.cff",
    "_config.yml",
    "site/**/*",
    ".github/**/*",
)
VERSION = r"\d+\.\d+\.\d+(?:(?:a|b|rc|\.dev|\.post)\d+)?"


def parse(address: str) -> tuple[str, str]:
    """Return the owner and the name in the address of a repository on GitHub.

    Raises
    ------
    ValueError
        If the address has another form.
    """
    cleaned = address.strip().rstrip("/").removesuffix(".git")
    found = re.fullmatch(r"https://github\.com/([A-Za-z0-9-]+)/([\w.-]+)", cleaned)
    if found is None:
        raise ValueError(
            f"not the address of a repository on GitHub: {address!r}; give it as "
            "https://github.com/OWNER/REPOSITORY"
        )
    return found[1], found[2]


def _patterns(owner: str, name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what matches a repository's address, and that of its pages."""
    place = (
        r"github\.com|githubusercontent\.com|/github(?:/[a-z]+){0,3}|/repos|"
        r"(?<![\w/])gh"
    )
    return (
        re.compile(rf"((?:{place})[/:]){re.escape(owner)}/{re.escape(name)}(?![\w-])"),
        re.compile(rf"(?i:{re.escape(owner)})\.github\.io/{re.escape(name)}(?![\w-])"),
    )


def handled_files(root: Path = ROOT) -> list[Path]:
    """Return the files in which the address is rewritten, notebooks included."""
    found = {
        path for glob in HANDLED for path in root.glob(glob) if path.is_file()
    } | set(find_notebooks(root=root) + find_exercises(root=root))
    return sorted(found)


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def restamp(address: str | None = None, root: Path = ROOT) -> list[Path]:
    """Rewrite address and version and return the files that changed.

    Parameters
    ----------
    address : str, optional
        The new address; the current one where it is left out.
    root : Path, optional
        The root of the checkout.
    """
    owner, name = parse(repository(root))
    new_owner, new_name = parse(address or repository(root))
    repo, pages = _patterns(owner, name)
    tagged = re.compile(
        rf"(/{re.escape(new_owner)}/{re.escape(new_name)}/"
        rf"(?:blob|tree|raw|archive/refs/tags|releases/tag)/v){VERSION}"
    )
    current, changed = version(root), []
    for path in handled_files(root):
        text = _text(path)
        if text is None:
            continue
        new = repo.sub(rf"\g<1>{new_owner}/{new_name}", text)
        new = pages.sub(f"{new_owner.lower()}.github.io/{new_name}", new)
        new = tagged.sub(rf"\g<1>{current}", new)
        if path.name == "CITATION.cff":
            new = re.sub(
                rf"^version: (['\"]?){VERSION}\1$",
                rf"version: \g<1>{current}\g<1>",
                new,
                flags=re.MULTILINE,
            )
        if new != text:
            path.write_text(new, "utf-8", newline="\n")
            changed.append(path)
    for path in find_notebooks(root=root) + find_exercises(root=root):
        notebook = read(path)
        for cell in filter(is_setup, notebook.cells):
            cell.source = setup_source(folder_of(path), root)
        if write(path, notebook) and path not in changed:
            changed.append(path)
    return changed


def stragglers(root: Path = ROOT) -> list[str]:
    """Return the places where the address stands and would not be rewritten.

    Only files that git tracks are searched.
    """
    repo, pages = _patterns(*parse(repository(root)))
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, text=True
    )
    handled = set(handled_files(root))
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = root / name
        if path in handled or not path.is_file():
            continue
        for number, line in enumerate((_text(path) or "").splitlines(), start=1):
            if repo.search(line) or pages.search(line):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.address", description=__doc__
    )
    parser.add_argument("url", nargs="?", help="https://github.com/OWNER/REPOSITORY")
    options = parser.parse_args(arguments)
    try:
        changed = restamp(options.url or None)
    except ValueError as error:
        parser.error(str(error))
    print(f"{repository()}, version {version()}")
    for path in changed:
        print(f"  changed: {label(path)}")
    if not changed:
        print("  nothing to change")
    left = stragglers()
    for place in left:
        print(f"  NOT CHANGED: {place}", file=sys.stderr)
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
