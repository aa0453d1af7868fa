"""Take the picture of the chapter that the README shows, half light, half dark.

The committed one is taken where Noto Sans is installed, after ``make book``.
"""

import argparse
import io
import shutil
import sys
import threading
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from tools.serve import start

__all__ = ["main", "take"]

PICTURE = Path(__file__).resolve().parent.parent / "site" / "screenshot.png"
SIZE = (1280, 720)
#: Pixels of the picture for each of the page's, for sharp screens.
SCALE = 2
#: How many colors do, so that the picture is light.
N_COLORS = 80


def take(page: str, figure: int) -> Image.Image:
    """Return a page in light and dark colors, each on its side of a slant.

    Parameters
    ----------
    page : str
        The page's path below the site.
    figure : int
        The figure, counted from 0, that is in the middle of the picture.
    """
    pictures = {}
    with start() as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for scheme in ("light", "dark"):
            width, height = SIZE
            tab = browser.new_page(
                color_scheme=scheme,
                viewport={"width": width, "height": height},
                device_scale_factor=SCALE,
            )
            tab.goto(f"http://127.0.0.1:{server.server_port}/{page}")
            tab.locator("article figure").nth(figure).evaluate(
                "each => each.scrollIntoView({block: 'center', behavior: 'instant'})"
            )
            tab.wait_for_timeout(300)
            pictures[scheme] = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
        browser.close()
        server.shutdown()
    width, height = (SCALE * side for side in SIZE)
    dark = Image.new("L", (width, height))
    slant = [(width * 0.6, 0), (width, 0), (width, height), (width * 0.4, height)]
    ImageDraw.Draw(dark).polygon(slant, fill=255)
    return Image.composite(pictures["dark"], pictures["light"], dark)


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tools.screenshot", description=__doc__
    )
    parser.add_argument("--page", default="pt/bayesian-optimization.html")
    parser.add_argument("--figure", type=int, default=2)
    options = parser.parse_args(arguments)
    picture = take(options.page, options.figure).quantize(
        N_COLORS, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE
    )
    picture.save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
