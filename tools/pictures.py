"""Pictures of notebooks: drawn as lines where those are lighter, and in few colors.

A figure is stored twice. The page shows its SVG, which is sharp on every screen; the
PNG, with two pixels for each of the page's, stays beside it, since Jupyter shows no
SVG of a notebook that its reader does not trust. Where the SVG would be heavier than
the PNG when both are compressed, or would have a telephone draw more than a thousand
shapes, the PNG stands alone.

Letters are drawn as paths, which look the same on every machine. For the 30 figures of
five chapters, PNG takes 1 149 kB, SVG as matplotlib writes it 394 kB compressed.
"""

import gzip
import io
import re
from base64 import b64decode, b64encode

import numpy as np
from nbformat import NotebookNode
from numpy.typing import NDArray
from PIL import Image
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from tools.notebooks import code_cells

__all__ = ["FORMATS", "shrink", "store_pictures", "tidy"]

#: What lets a kernel draw lines, and two pixels for each of the page's, and say so.
FORMATS = "--InlineBackend.figure_formats={'svg', 'retina'}"
#: How many colors are tried, 256 at most (a byte for each pixel), and the mean distance
#: of a pixel's color from its own, of 255, up to which so many do. A picture for which
#: none do keeps all its colors. Most figures of the course are drawn in 64.
STEPS = {64: 0.2, 256: 0.5}

#: What matplotlib writes beside a drawing: the kind of file, its date, comments.
CLUTTER = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL
)
#: Where a drawing says places, and a number there of more than two decimals, which a
#: screen of four pixels for each of the page's does not show.
PLACES = re.compile(r'(?:\b(?:d|x|y|x1|y1|x2|y2)="[^"]*")|(?:translate\([^)]*\))')
LONG = re.compile(r"-?\d+\.\d{3,}")
SHAPE = re.compile(r"<(?:path|use)\b")
#: A page with 7 000 shapes, one with 2 000 and one with 1 500 had 41 to 88, 78 and 80
#: to 89 of Lighthouse's 100 points on a busy machine, where others had 95 and more.
MOST_SHAPES = 1000


def _premultiplied(colors: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return colors as they add to any page: red, green and blue times opacity."""
    opacity = colors[:, 3:] / 255
    return np.hstack([colors[:, :3] * opacity, colors[:, 3:]])


def _nearest_colors(
    colors: NDArray[np.uint8], counts: NDArray[np.int64], n_colors: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return a palette, and for each color which of the palette stands for it.

    Large areas pull at the palette less than their pixels would, so that the soft
    edges of letters keep their steps; a color that is most of its group is kept as
    it is.
    """
    seen = _premultiplied(colors)
    first = seen[np.argsort(-counts, kind="stable")[:n_colors]]
    # Sums of several threads come in any order, and pictures are to come out the same.
    with threadpool_limits(1):
        groups = KMeans(n_colors, init=first, n_init=1, max_iter=30).fit(
            seen, sample_weight=counts**0.75
        )
    opacity = np.maximum(groups.cluster_centers_[:, 3:], 1) / 255
    centers = np.hstack(
        [groups.cluster_centers_[:, :3] / opacity, groups.cluster_centers_[:, 3:]]
    )
    palette = np.clip(np.rint(centers), 0, 255).astype(np.uint8)
    for group in range(n_colors):
        members = np.flatnonzero(groups.labels_ == group)
        if members.size:
            main = members[counts[members].argmax()]
            if counts[main] > counts[members].sum() / 2:
                palette[group] = colors[main]
    return palette, groups.labels_


def shrink(png: bytes) -> bytes:
    """Return a picture in 64 colors, or in 256, if nobody can see the difference.

    Parameters
    ----------
    png : bytes
        The file of the picture.

    Returns
    -------
    bytes
        A file of the same size in pixels, or the same file where it loses too much
        or is no smaller.
    """
    with Image.open(io.BytesIO(png)) as image:
        resolution = image.info.get("dpi")
        pixels = np.ascontiguousarray(image.convert("RGBA"))
    packed, places, counts = np.unique(
        pixels.view(np.uint32).ravel(), return_inverse=True, return_counts=True
    )
    colors = packed.view(np.uint8).reshape(-1, 4)
    for n_colors, limit in STEPS.items():
        palette, chosen = colors, np.arange(len(colors))
        if len(colors) > n_colors:
            palette, chosen = _nearest_colors(colors, counts, n_colors)
        moved = np.abs(_premultiplied(palette[chosen]) - _premultiplied(colors))
        if np.average(moved.max(axis=1), weights=counts) <= limit:
            break
    else:
        return png
    indices = chosen[places].astype(np.uint8).reshape(pixels.shape[:2])
    few = Image.fromarray(indices).convert("P")
    few.putpalette(palette.tobytes(), "RGBA")
    file = io.BytesIO()
    few.save(file, "png", optimize=True, **({"dpi": resolution} if resolution else {}))
    return min(file.getvalue(), png, key=len)


def _rounded(number: re.Match[str]) -> str:
    text = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def tidy(svg: str, width: int, height: int) -> str:
    """Return a drawing without what nobody sees, to show at a size in pixels.

    Parameters
    ----------
    svg : str
        A file of matplotlib.
    width, height : int
        How large it is shown where nothing else is said, in pixels.

    Returns
    -------
    str
        The same drawing; the same figure gives the same text every day.
    """
    svg = CLUTTER.sub("", svg)
    svg = PLACES.sub(lambda place: LONG.sub(_rounded, place[0]), svg)
    head, rest = svg.split(">", 1)
    head = re.sub(r'\bwidth="[^"]*"', f'width="{width}"', head)
    head = re.sub(r'\bheight="[^"]*"', f'height="{height}"', head)
    lines = (line.strip() for line in f"{head}>{rest}".splitlines())
    return " ".join(line for line in lines if line)  # one line of a notebook's file


def store_pictures(notebook: NotebookNode) -> None:
    """Store the pictures of an executed notebook: the PNG, and a lighter SVG."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" not in data:
                continue
            png = shrink(b64decode(data["image/png"]))
            data["image/png"] = b64encode(png).decode("ascii")
            if "image/svg+xml" in data:
                size = output.metadata["image/png"]
                svg = tidy(data.pop("image/svg+xml"), size["width"], size["height"])
                lighter = len(gzip.compress(svg.encode("utf-8"))) < len(png)
                if lighter and len(SHAPE.findall(svg)) <= MOST_SHAPES:
                    data["image/svg+xml"] = svg
