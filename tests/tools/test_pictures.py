"""Pictures of notebooks become smaller, and nobody sees it."""

import gzip
import io
from base64 import b64decode, b64encode
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from tools.pictures import shrink, store_pictures, tidy


def file_of(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def opened(png):
    return Image.open(io.BytesIO(png))


def distance(png, other, page):
    """Return how far two pictures are from each other on a page of some color."""
    seen = []
    for each in (png, other):
        image = opened(each).convert("RGBA")
        below = Image.new("RGBA", image.size, page)
        below.alpha_composite(image)
        seen.append(np.asarray(below.convert("RGB"), float))
    return np.abs(seen[0] - seen[1]).max(axis=2)


@pytest.fixture(scope="module")
def figure():
    """Return a figure of what is hard: letters, soft bands, a map of many colors."""
    with plt.style.context("hpocourse.course"):
        drawn = Figure(figsize=(6.4, 3.2))
        left, right = drawn.subplots(1, 2)
        x = np.linspace(0, 6, 200)
        for k in range(3):
            (line,) = left.plot(x, np.sin(x + k), label=f"series {k}")
            left.fill_between(
                x, np.sin(x + k) - 0.3, np.sin(x + k), alpha=0.2, color=line.get_color()
            )
        left.legend()
        right.imshow(np.linspace(0, 1, 64).reshape(8, 8))
        right.set_title("A map")
        file = io.BytesIO()
        drawn.savefig(file, dpi=240)
    return file.getvalue()


def test_a_figure_keeps_its_looks(figure):
    small = shrink(figure)
    assert len(small) < len(figure) / 2
    assert opened(small).mode == "P"
    assert opened(small).size == opened(figure).size
    assert opened(small).info["dpi"] == pytest.approx((240, 240), abs=0.1)
    for page in ("white", "#15181c"):
        away = distance(figure, small, page)
        assert away.mean() < 0.25
        assert np.quantile(away, 0.995) <= 10
    # What is empty stays empty, and nothing happens the second time.
    assert opened(small).convert("RGBA").getpixel((0, 0))[3] == 0
    assert shrink(small) == small


def colors(png):
    return len(np.unique(np.asarray(opened(png))))


def test_lines_and_letters_take_fewer_colors_than_a_map(figure):
    with plt.style.context("hpocourse.course"):
        drawn = Figure(figsize=(6.4, 3.2))
        drawn.subplots().plot(np.sin(np.linspace(0, 6, 200)), label="a line")
        file = io.BytesIO()
        drawn.savefig(file, dpi=240)
    assert colors(shrink(file.getvalue())) <= 64 < colors(shrink(figure))


def test_a_cruder_palette_would_be_seen(figure):
    """What Pillow alone would make of it is not good enough for the test above."""
    file = io.BytesIO()
    opened(figure).quantize(method=Image.Quantize.FASTOCTREE).save(file, "png")
    assert distance(figure, file.getvalue(), "white").mean() > 0.25


def test_few_colors_stay_as_they_are():
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[2:5] = (6, 110, 208, 90)
    small = shrink(file_of(pixels))
    assert np.array_equal(np.asarray(opened(small).convert("RGBA")), pixels)


def test_a_picture_of_too_many_colors_keeps_them():
    noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)
    png = file_of(noise)
    assert shrink(png) == png


# --- Drawings ----------------------------------------------------------------------


def drawing(points=50):
    """Return a figure as SVG and as PNG."""
    with plt.style.context("hpocourse.course"):
        drawn = Figure(figsize=(6.4, 3.2))
        ax = drawn.subplots()
        x = np.linspace(0, 6, points)
        ax.scatter(x, np.sin(x * 40))
        ax.set(title="Доля верных ответов -->", xlabel="a < b")
        svg, png = io.StringIO(), io.BytesIO()
        drawn.savefig(svg, format="svg")
        drawn.savefig(png, format="png", dpi=240)
    return svg.getvalue(), png.getvalue()


def notebook_with(svg, png):
    with Image.open(io.BytesIO(png)) as image:
        shown = {"width": image.width // 2, "height": image.height // 2}
    output = new_output(
        "display_data",
        {"image/png": b64encode(png).decode(), "image/svg+xml": svg},
        metadata={"image/png": shown},
    )
    return new_notebook(cells=[new_code_cell(outputs=[output])])


def numbers(svg):
    """Return all numbers of a drawing's places, in order."""
    places = [
        place.get(key)
        for place in ElementTree.fromstring(svg).iter()
        for key in ("d", "x", "y", "transform")
        if place.get(key)
    ]
    letters = str.maketrans("", "", "MLQCzHVScaletrns(),")
    return [float(n) for place in places for n in place.translate(letters).split()]


def test_a_drawing_says_its_size_and_looks_the_same_every_day():
    svg, _ = drawing()
    small = tidy(svg, 768, 384)
    root = ElementTree.fromstring(small)
    assert (root.get("width"), root.get("height")) == ("768", "384")
    assert root.get("viewBox") == ElementTree.fromstring(svg).get("viewBox")
    assert "<dc:date>" in svg
    for clutter in ("<dc:date>", "<!--", "<!DOCTYPE", "<?xml"):
        assert clutter not in small
    assert len(small) < len(svg)
    assert tidy(small, 768, 384) == small


def test_a_drawing_keeps_its_places():
    svg, _ = drawing()
    before, after = numbers(svg), numbers(tidy(svg, 768, 384))
    assert len(before) == len(after) > 500
    assert np.abs(np.subtract(before, after)).max() <= 0.00501
    # The scale of letters, a small number, is none of the places.
    assert 0.015625 in after


def test_the_lighter_of_both_is_shown():
    light = notebook_with(*drawing())
    store_pictures(light)
    data = light.cells[0].outputs[0].data
    assert data["image/svg+xml"].startswith("<svg")
    assert opened(b64decode(data["image/png"])).mode == "P"  # for who trusts no drawing

    heavy = notebook_with(*drawing(20_000))
    store_pictures(heavy)
    assert set(heavy.cells[0].outputs[0].data) == {"image/png"}


def test_a_telephone_is_not_to_draw_thousands_of_shapes():
    svg, png = drawing(1500)
    crowded = notebook_with(svg, png)
    store_pictures(crowded)
    assert set(crowded.cells[0].outputs[0].data) == {"image/png"}
    stored = b64decode(crowded.cells[0].outputs[0].data["image/png"])
    assert len(gzip.compress(tidy(svg, 768, 384).encode())) < len(stored)
