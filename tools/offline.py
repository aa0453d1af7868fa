"""Pack each edition for reading without a network: pages, notebooks, the wheel.

The pages are those of the site. What leads out of an edition, to the same page in
another language, leads to the site; the notebooks lie in a folder of their own.
"""

import posixpath
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tools.books import BUILD, ROOT, SITE
from tools.copies import run

from hpocourse_pages import (  # isort: skip  # tools.books says where it lies
    Language,
    addresses,
    render_page,
    version,
)

__all__ = ["LIMIT", "build_wheel", "pack", "relink"]

OUTPUT = BUILD / "offline"
#: The largest size of a copy in bytes: it is passed on by message and by stick.
LIMIT = 15_000_000
NOTEBOOKS = "notebooks"
# What Sphinx keeps for itself and for links from other books.
LEFT_OUT = {".buildinfo", "objects.inv"}


def build_wheel(folder: Path) -> Path:
    """Build the package's wheel into a folder, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel"]
    command += ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*command, str(folder), str(ROOT)], check=True)
    return folder / f"hpocourse-{version(ROOT)}-py3-none-any.whl"


def relink(html: str, page: str, folder: str) -> str:
    """Return a page whose links hold in a copy of its edition alone.

    Parameters
    ----------
    html : str
        The page.
    page : str
        Its place on the site, as ``pt/exercises/validation.html``.
    folder : str
        The folder of the edition.
    """
    here = posixpath.dirname(page)

    def lead(found: re.Match[str]) -> str:
        parts = urlsplit(found[1])
        if parts.scheme or parts.netloc or not parts.path:
            return found[0]
        target = posixpath.normpath(posixpath.join(here, parts.path))
        sources = f"{folder}/_sources/"
        if target.startswith(sources):
            kept = posixpath.join(NOTEBOOKS, target.removeprefix(sources))
            return f'href="{posixpath.relpath(kept, here)}"'
        if not target.startswith(f"{folder}/"):
            return f'href="{addresses()["site"]}{target}"'
        return found[0]

    return re.sub(r'href="([^"]*)"', lead, html)


def _files(language: Language, wheel: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the place and the content of each file of a copy."""
    folder = language.folder
    first = render_page(
        "offline.html", (language,), wheel=wheel.name, course_version=version(ROOT)
    )
    yield "index.html", first.encode()
    yield wheel.name, wheel.read_bytes()
    for path in sorted((SITE / folder).rglob("*")):
        place = path.relative_to(SITE).as_posix()
        if path.is_dir() or path.name in LEFT_OUT:
            continue
        if place.startswith(f"{folder}/_sources/"):
            if path.suffix == ".ipynb":
                kept = place.removeprefix(f"{folder}/_sources/")
                yield f"{NOTEBOOKS}/{kept}", path.read_bytes()
        elif path.suffix == ".html":
            yield place, relink(path.read_text("utf-8"), place, folder).encode()
        else:
            yield place, path.read_bytes()


def pack(language: Language, wheel: Path, output: Path = OUTPUT) -> Path:
    """Write the copy of an edition that is built, and return its path.

    Parameters
    ----------
    language : Language
        The language of the edition.
    wheel : Path
        The package's wheel, which goes with it.
    output : Path, optional
        The folder for the copy.

    Raises
    ------
    ValueError
        If the copy is larger than :data:`LIMIT`.
    """
    name = f"hpocourse-{language.folder}"
    path = output / f"{name}.zip"
    output.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "w") as archive:
        for place, content in _files(language, wheel):
            # One date, so that the same sources give the same file.
            info = ZipInfo(f"{name}/{place}", (2020, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, ZIP_DEFLATED, 9)
    size = path.stat().st_size
    if size > LIMIT:
        raise ValueError(
            f"{path.name} has {size / 1e6:.1f} MB, and at most {LIMIT / 1e6:.0f} MB "
            "can be passed on easily; make figures smaller"
        )
    return path


def _all(languages: list[Language]) -> Iterator[tuple[Path, str]]:
    wheel = build_wheel(OUTPUT)
    for language in languages:
        yield pack(language, wheel), ""


if __name__ == "__main__":
    sys.exit(run("tools.offline", "Pack editions to be read offline.", _all))
