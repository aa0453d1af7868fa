"""Colors of the methods that the course compares, the same in every chapter.

Related methods share a hue. Each color keeps a contrast of at least 3 : 1 on
white and on the dark theme's ``#121212``, and stays apart from the others
under the three kinds of color blindness; tests hold it to that. The color
cycle of ``hpocourse.course``, the course's Matplotlib style, has the same
colors: ``plt.style.use("hpocourse.course")``. Letters are thin and need more:
they are written in the `text_color` of a line, or on a bar of that color.
"""

from typing import Any

from .search._samplers import METHODS

__all__ = ["METHOD_COLORS", "text_color"]

#: The color of each method, by the name that `search.run` calls it.
METHOD_COLORS: dict[str, str] = {name: each.color for name, each in METHODS.items()}

#: Of white's luminance 1: what reads on a light page, on a dark one and under black.
LUMINANCE = 0.179


def text_color(color: Any) -> str:
    """Return the tone of a color in which a label can be read.

    All these tones are equally bright: they keep a contrast of 4.5 : 1 on the
    pages of the course, light and dark, and black letters keep it on them.

    Parameters
    ----------
    color : color
        Any color of Matplotlib: ``"C0"``, ``"#e57300"``, ``METHOD_COLORS["tpe"]``.

    Returns
    -------
    str
        The tone, as ``"#rrggbb"``.

    Raises
    ------
    ValueError
        If Matplotlib knows no such color.

    Examples
    --------
    >>> text_color("#e57300")
    '#b95c00'
    """
    import numpy as np
    from matplotlib.colors import to_hex, to_rgb

    rgb = np.array(to_rgb(color))
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = light @ (0.2126, 0.7152, 0.0722)
    if luminance > LUMINANCE:
        light *= LUMINANCE / luminance
    else:  # White is mixed in.
        light += (1 - light) * (LUMINANCE - luminance) / (1 - luminance)
    low, high = 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055
    return to_hex(np.where(light <= 0.0031308, low, high).tolist())
