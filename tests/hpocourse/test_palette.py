"""Colors must read on both pages and stay apart for color-blind readers."""

import io
import itertools
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import rc_params_from_file
from matplotlib.colors import rgb_to_hsv, to_hex, to_rgb, to_rgba
from matplotlib.font_manager import get_font_names

import hpocourse
from hpocourse import METHOD_COLORS, text_color
from hpocourse._reports import HEATMAP_COLORS

PAGES = ("#ffffff", "#121212")
# The pages of the site; on the dark one, a figure's middle tones are lightened.
LIGHT, DARK, GAMMA = "#fffefb", "#15181c", 0.8

# What is left of linear RGB for the color-blind (Machado et al. 2009, severity 1).
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# From linear RGB through cones to OKLab (Ottosson 2020), where distances are even.
CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
OKLAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def _linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """Return the contrast of WCAG 2, from 1 to 21."""
    low, high = sorted(_linear(c) @ (0.2126, 0.7152, 0.0722) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def distance(one, other, vision):
    """Return how far apart two colors look; 0.02 is about the least one can see."""
    seen = [np.clip(VISION[vision] @ _linear(c), 0, 1) for c in (one, other)]
    first, second = (OKLAB @ np.cbrt(CONES @ rgb) for rgb in seen)
    return np.linalg.norm(first - second)


def test_every_method_has_a_color():
    assert list(METHOD_COLORS) == [
        "grid",
        "random",
        "qmc",
        "tpe",
        "gp",
        "hyperopt",
        "bayes",
    ]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", METHOD_COLORS)
def test_colors_read_on_both_pages(method, page):
    assert contrast(METHOD_COLORS[method], page) >= 2.9


@pytest.mark.parametrize("vision", VISION)
def test_colors_stay_apart(vision):
    for one, other in itertools.combinations(METHOD_COLORS, 2):
        apart = distance(METHOD_COLORS[one], METHOD_COLORS[other], vision)
        assert apart >= 0.08, f"{one} and {other} look alike"


def test_measures_catch_bad_colors():
    assert contrast("black", "white") == pytest.approx(21)
    assert contrast("yellow", "white") < 1.1
    assert contrast("navy", "#121212") < 1.2
    assert distance("#5e8f00", "#b07a00", "normal") > 0.09
    assert distance("#5e8f00", "#b07a00", "deuteranopia") < 0.05


@pytest.fixture
def style():
    with warnings.catch_warnings(), plt.style.context("hpocourse.course"):
        warnings.filterwarnings("error", message="Glyph .* missing")
        yield plt.rcParams


def test_every_key_of_the_style_is_known(caplog):
    path = Path(hpocourse.__file__).with_name("course.mplstyle")
    keys = rc_params_from_file(path, use_default_template=False)
    assert len(keys) > 30
    assert caplog.records == []


def test_unknown_key_of_a_style_is_caught(caplog, tmp_path):
    path = tmp_path / "broken.mplstyle"
    path.write_text("axes.colour: red\n")
    rc_params_from_file(path, use_default_template=False)
    assert "axes.colour" in caplog.text


def test_cycle_has_the_colors_of_the_methods(style):
    cycle = style["axes.prop_cycle"].by_key()["color"]
    assert set(METHOD_COLORS.values()) < set(map(to_hex, cycle))


@pytest.mark.parametrize(
    "key", ["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"]
)
def test_text_and_axes_read_on_both_pages(style, key):
    for page in PAGES:
        assert contrast(style[key], page) >= 4


def lightened(color):
    """Return a color of a figure as the dark page shows it."""
    return np.array(to_rgb(color)) ** GAMMA


def test_the_site_has_these_pages():
    theme = Path(__file__).parents[2] / "site" / "theme"
    colors = (theme / "static" / "colors.css").read_text("utf-8")
    assert f"--page: light-dark({LIGHT}, {DARK});" in colors
    assert f'exponent="{GAMMA}"' in (theme / "layout.html").read_text("utf-8")


@pytest.mark.parametrize("color", [f"C{i}" for i in range(8)] + ["gray", "black"])
def test_labels_in_a_color_can_be_read(style, color):
    tone = text_color(color)
    assert contrast(tone, "white") >= 4.5
    assert contrast(tone, LIGHT) >= 4.5
    assert contrast(lightened(tone), DARK) >= 4.5
    for bar in (tone, lightened(tone)):
        assert contrast("black", bar) >= 4.5


@pytest.mark.parametrize("color", METHOD_COLORS.values())
def test_a_label_has_the_hue_of_its_color(color):
    hue, tone_hue = (rgb_to_hsv(to_rgb(c))[0] for c in (color, text_color(color)))
    assert abs(hue - tone_hue) < 0.04
    assert distance(color, text_color(color), "normal") < 0.2


def test_the_colors_themselves_are_too_bright_for_labels():
    weak = [c for c in METHOD_COLORS.values() if contrast(c, LIGHT) < 4.5]
    assert len(weak) == 4
    with pytest.raises(ValueError, match="taupe gray"):
        text_color("taupe gray")


def test_digits_read_on_the_heatmap():
    for color in HEATMAP_COLORS:
        for cell in (color, lightened(color)):
            assert contrast("black", cell) >= 4.5


def test_letters_read_when_a_figure_is_shown_narrow(style):
    pixels_per_point = 390 / (72 * style["figure.figsize"][0])
    for key in ("font.size", "axes.labelsize", "xtick.labelsize", "legend.fontsize"):
        assert style[key] * pixels_per_point >= 10


def test_font_is_shipped_with_matplotlib(style):
    from matplotlib import get_data_path
    from matplotlib.font_manager import findfont

    assert style["font.family"] == ["DejaVu Sans"]
    assert "DejaVu Sans" in get_font_names()
    assert findfont("DejaVu Sans").startswith(get_data_path())


def test_figures_are_transparent_and_cyrillic_has_glyphs(style):
    figure, ax = plt.subplots()
    ax.plot([0, 1], label="Доля верных ответов ё")
    ax.legend()
    ax.set(title="Матрица ошибок", xlabel="ação, año")
    file = io.BytesIO()
    figure.savefig(file)
    file.seek(0)
    image = plt.imread(file)
    assert (image[[0, 0, -1, -1], [0, -1, 0, -1], 3] == 0).all()
    assert to_rgba(ax.get_facecolor())[3] == 0
    assert not ax.spines["top"].get_visible()


def test_missing_glyph_is_caught(style):
    figure, ax = plt.subplots()
    ax.set_title("字")
    with pytest.raises(UserWarning, match=r"Glyph .* missing"):
        figure.savefig(io.BytesIO())
