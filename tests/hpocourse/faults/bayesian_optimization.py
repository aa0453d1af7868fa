"""Usual faults in the answers, and right answers that look different."""

import numpy as np
from scipy.stats import norm


def after_one(compute, halved=True):
    def after(score, distance, length):
        rho = np.exp(-((distance / length) ** 2) / (2 if halved else 1))
        return compute(score, rho, np.sqrt(1 - rho**2))

    return after


def improvement(compute):
    def expected(mean, sd, best):
        z = (best - mean) / sd
        return compute(best - mean, sd, norm.cdf(z), norm.pdf(z))

    return expected


def maximized(mean, sd, best):
    z = (mean - best) / sd
    return (mean - best) * norm.cdf(z) + sd * norm.pdf(z)


def bound(combine, diagonal=np.square):
    def upper_bound(x, y, new_x, length, noise, beta):
        def kernel(a, b):
            return np.exp(-0.5 * ((a[:, None] - b) / length) ** 2)

        L = np.linalg.cholesky(kernel(x, x) + diagonal(noise) * np.eye(len(x)))
        V = np.linalg.solve(L, kernel(x, new_x))
        sd = np.sqrt(1 - (V**2).sum(axis=0))
        return combine(V.T @ np.linalg.solve(L, y), sd, beta, noise)

    return upper_bound


def ucb(mean, sd, beta, noise):
    return mean + beta * sd


FAULTS = {
    "bayesian-optimization/1": [
        (after_one(lambda score, rho, sd: (rho * score, sd**2)), "take its root"),
        (after_one(lambda score, rho, sd: (rho, sd)), "that was observed"),
        (
            after_one(lambda score, rho, sd: (rho * score, sd), halved=False),
            "the 2 is missing",
        ),
        (after_one(lambda score, rho, sd: (rho * score, rho)), "less doubt is left"),
        (after_one(lambda score, rho, sd: (rho * score, 1 - rho)), "share 1 − ρ²"),
        (after_one(lambda score, rho, sd: rho * score), "The shape expected"),
    ],
    "bayesian-optimization/2": [
        (maximized, "These are losses"),
        (improvement(lambda gap, sd, chance, density: chance), "how much counts"),
        (improvement(lambda gap, sd, chance, density: gap * chance), "second part"),
        (
            improvement(lambda gap, sd, chance, density: gap * chance + density),
            "its factor",
        ),
        (lambda mean, sd, best: np.maximum(best - mean, 0), "The mean alone"),
    ],
    "bayesian-optimization/3": [
        (bound(lambda m, sd, beta, noise: m + beta * sd**2), "adds the variance"),
        (bound(ucb, diagonal=float), "add its square"),
        (bound(ucb, diagonal=lambda noise: 0), "missing on the diagonal"),
        (bound(lambda m, sd, beta, noise: m + beta), "falls below 1"),
        (
            bound(lambda m, sd, beta, noise: m + beta * np.hypot(sd, noise)),
            "not a new score",
        ),
        (bound(lambda m, sd, beta, noise: m), "does not explore"),
    ],
}

ALIKE = [
    ("bayesian-optimization/1", list),
    ("bayesian-optimization/1", np.array),
    ("bayesian-optimization/2", list),
    ("bayesian-optimization/3", lambda bounds: bounds.reshape(-1, 1)),
]
