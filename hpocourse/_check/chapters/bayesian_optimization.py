"""The tasks of the chapter on Bayesian optimization."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...languages import gettext as _
from .._answer import Call
from .._task import N_, Variant, task


@task(
    "bayesian-optimization/1",
    N_("First the correlation ρ: what does the kernel give for this distance?"),
    N_("At ρ = 1 the score is known, at ρ = 0 nothing: mean and variance?"),
    variant=Variant(
        "variance",
        (0.25, 0.49, 2.25, 4, 6.25, 9),
        N_("the process has the variance {variance}, not 1."),
        {"np.sqrt(1 - rho**2)": "np.sqrt({variance} * (1 - rho**2))"},
    ),
)
def _after_one(answer: Any, rng: np.random.Generator, variance: float = 1) -> None:
    score, length, steps = rng.uniform([1.2, 0.1, 0.7], [3, 0.4, 1.3]).round(2).tolist()
    rho, steep = np.exp(-0.5 * steps**2), np.exp(-(steps**2))
    mean, sd = rho * score, np.sqrt(variance * (1 - rho**2))
    steeper = steep * score, np.sqrt(variance * (1 - steep**2))
    Call(answer, score, round(length * steps, 4), length).judge(
        (mean, sd),
        ((mean, sd**2), _("This is the variance: take its root.")),
        ((rho, sd), _("The mean is a share of the score that was observed.")),
        (steeper, _("The kernel divides by 2ℓ²: the 2 is missing.")),
        ((mean, rho), _("The closer the points, the less doubt is left.")),
        ((mean, variance * (1 - rho)), _("Of the variance, the share 1 − ρ² is left.")),
    )


@task(
    "bayesian-optimization/2",
    N_("With losses, a value gains best − value where this is positive."),
    N_("z is the gain of the mean, in deviations: (best − mean) / sd."),
    N_("`stats.norm.cdf(z)` is Φ, `stats.norm.pdf(z)` is φ."),
    variant=Variant(
        "margin",
        (0.01, 0.02, 0.03, 0.05, 0.08, 0.1),
        N_("an improvement counts from `best` − {margin} downwards, not from `best`."),
        {"gain = best - mean": "gain = best - {margin} - mean"},
    ),
)
def _expected_improvement(
    answer: Any, rng: np.random.Generator, margin: float = 0
) -> None:
    from scipy.stats import norm

    mean, sd = rng.uniform([[0.2], [0.05]], [[0.6], [0.2]], size=(2, 4)).round(3)
    best = 0.4
    gap = best - margin - mean
    chance, density = norm.cdf(gap / sd), norm.pdf(gap / sd)
    above = sd * density - gap * (1 - chance)
    Call(answer, mean, sd, best).judge(
        gap * chance + sd * density,
        (above, _("These are losses: an improvement lies below the best one.")),
        (chance, _("This is the chance of improving: how much counts, too.")),
        (gap * chance, _("The second part is missing: what uncertainty may gain.")),
        (gap * chance + density, _("The density needs its factor σ.")),
        (np.maximum(gap, 0), _("The mean alone: a doubtful point may gain, too.")),
    )


@task(
    "bayesian-optimization/3",
    N_("Two matrices: K between the x, and k between the x and the new points."),
    N_("`np.linalg.solve(A, B)` solves for each column of B: use it twice."),
    N_("Of kᵀ (K + σ²I)⁻¹ k, the variances need the diagonal only."),
)
def _upper_bound(answer: Any, rng: np.random.Generator) -> None:
    def posterior(added: float) -> tuple[np.ndarray, np.ndarray]:
        K, near = kernel(x, x) + added * np.eye(5), kernel(x, new_x)
        weights = np.linalg.solve(K, near)
        return weights.T @ y, np.sqrt(1 - (weights * near).sum(axis=0))

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.exp(-0.5 * ((a[:, None] - b) / length) ** 2)

    x = (np.arange(5) / 5 + rng.uniform(0, 0.1, size=5)).round(2)
    y, new_x = rng.normal(size=5).round(2), (x[:4] + 0.07).round(2)
    length, noise, beta = 0.2, float(rng.choice([0.3, 0.4])), 2.0
    mean, sd = posterior(noise**2)
    loud, exact = posterior(noise), posterior(0)
    Call(answer, x, y, new_x, length, noise, beta).judge(
        mean + beta * sd,
        (mean + beta * sd**2, _("This adds the variance: its unit is a square.")),
        (loud[0] + beta * loud[1], _("The noise is a deviation: add its square.")),
        (exact[0] + beta * exact[1], _("The noise is missing on the diagonal of K.")),
        (mean + beta, _("The scores teach something: the variance falls below 1.")),
        (
            mean + beta * np.hypot(sd, noise),
            _("The deviation of f is asked for, not a new score's."),
        ),
        (mean, _("With the mean alone, a search does not explore.")),
    )
