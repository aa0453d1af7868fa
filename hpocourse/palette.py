"""Colors of the methods that the course compares, the same in every chapter.

Related methods share a hue. Each color keeps a contrast of at least 3 : 1 on
white and on the dark theme's ``#121212``, and stays apart from the others
under the three kinds of color blindness; tests hold it to that. The color
cycle of ``hpocourse.course``, the course's Matplotlib style, has the same
colors: ``plt.style.use("hpocourse.course")``.
"""

__all__ = ["METHOD_COLORS"]

#: The color of each method, by its name in the course.
METHOD_COLORS = {
    "grid": "#8497a5",
    "random": "#e57300",
    "quasi-random": "#97661e",
    "tpe": "#16aa57",
    "hyperopt": "#396c62",
    "gp": "#b978df",
    "bayes_opt": "#c03d9a",
    "hyperband": "#066ed0",
}
