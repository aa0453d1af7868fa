"""Draw the card that shared links show, and the icon of a telephone's first screen.

Both are pictures of ``site/pages/card.html``. The committed ones are drawn where Noto
Sans is installed (``sudo apt-get install fonts-noto-core``).
"""

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.books import ROOT
from tools.pictures import shrink

from hpocourse_pages import (  # isort: skip  # tools.books says where it lies
    LANGUAGES,
    Language,
    render_page,
)

__all__ = ["PICTURES", "draw", "main"]

#: Where each picture lies, by the id of what it shows.
PICTURES = {
    "card": ROOT / "site" / "pages" / "card.png",
    "touch": ROOT / "site" / "theme" / "static" / "touch.png",
}


def draw(languages: tuple[Language, ...] = LANGUAGES) -> dict[str, bytes]:
    """Return the file of each picture by its id.

    Parameters
    ----------
    languages : tuple of Language, optional
        Those in which the card names the course.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.set_content(render_page("card.html", languages))
        pictures = {
            name: shrink(page.locator(f"#{name}").screenshot()) for name in PICTURES
        }
        browser.close()
    return pictures


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line by default; there are none but ``--help``.

    Returns
    -------
    int
        The exit status.
    """
    argparse.ArgumentParser(
        prog="python -m tools.card", description=__doc__
    ).parse_args(arguments)
    for name, picture in draw().items():
        place: Path = PICTURES[name]
        place.write_bytes(picture)
        print(f"{place.relative_to(ROOT)}: {len(picture) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
