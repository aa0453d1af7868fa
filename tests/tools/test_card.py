"""The card of shared links and the touch icon are what their script draws."""

import io

import numpy as np
import pytest
from PIL import Image, ImageChops

from hpocourse.languages import LANGUAGES
from tools.card import PICTURES, draw

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]
SIZES = {"card": (1200, 630), "touch": (180, 180)}
# Left of it, the card has the mark; what is right depends on the machine's fonts.
TEXT = 450
ACCENT = (176, 65, 26)


@pytest.fixture(scope="module")
def drawn():
    return {name: opened(file) for name, file in draw().items()}


def opened(file):
    return Image.open(io.BytesIO(file)).convert("RGBA").convert("RGB")


def distance(image, other):
    """Return the mean distance of two pictures' colors, of 255."""
    return float(np.mean(ImageChops.difference(image, other)))


@pytest.mark.parametrize("name", list(SIZES))
def test_a_picture_has_its_size_and_little_weight(drawn, name):
    stored = PICTURES[name].read_bytes()
    assert drawn[name].size == opened(stored).size == SIZES[name]
    assert len(stored) < 30_000


@pytest.mark.parametrize("name", list(SIZES))
def test_the_stored_mark_is_the_one_drawn(drawn, name):
    mark = (0, 0, min(TEXT, SIZES[name][0]), SIZES[name][1])
    stored = opened(PICTURES[name].read_bytes()).crop(mark)
    mine = drawn[name].crop(mark)
    assert distance(stored, mine) < 0.5
    assert distance(ImageChops.offset(stored, 3, 0), mine) > 0.5
    colors = dict(map(reversed, mine.getcolors()))
    assert colors[ACCENT] > 500


def lines(card):
    """Return on how many lines letters stand, right of the mark."""
    dark = np.asarray(card.convert("L"))[:, TEXT:1100] < 128
    rows = dark.any(axis=1).astype(int)
    return int((np.diff(rows, prepend=0) == 1).sum())


def test_the_card_names_the_course_in_three_languages(drawn):
    # Dots and accents above letters may count as lines of their own.
    for card in (drawn["card"], opened(PICTURES["card"].read_bytes())):
        assert lines(card) >= 3 * 2 + 1
    assert lines(drawn["card"].crop((0, 0, 1200, 200))) < 7


@pytest.mark.parametrize("count", [3, 4, 6])
def test_the_card_holds_the_names_in_more_languages(count):
    card = opened(draw((LANGUAGES * 2)[:count])["card"])
    dark = np.asarray(card.convert("L"))[:, TEXT:1100] < 128
    (rows,) = np.nonzero(dark.any(axis=1))
    assert 30 <= rows[0] < rows[-1] < 600
