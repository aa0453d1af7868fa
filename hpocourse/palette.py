"""Colors of the methods that the course compares, the same in every chapter.

Related methods share a hue. Each color keeps a contrast of at least 3 : 1 on
white and on the dark theme's ``#121212``, and stays apart from the others
under the three kinds of color blindness; tests hold it to that. The color
cycle of ``hpocourse.course``, the course's Matplotlib style, has the same
colors: ``plt.style.use("hpocourse.course")``.
"""

from .search._samplers import METHODS

__all__ = ["METHOD_COLORS"]

#: The color of each method, by the name that `search.run` calls it.
METHOD_COLORS: dict[str, str] = {name: each.color for name, each in METHODS.items()}
