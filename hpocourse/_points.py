"""Configurations as points, so that the nearest of those that were trained is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

#: Further apart than any two configurations of the same categories.
APART = 10.0
#: A logarithm there and back leaves a range by less than this share of it.
ROUNDING = 1e-6


def points_of(
    params: Mapping[str, Any] | pd.DataFrame,
    space: dict[str, BaseDistribution],
    problem: str,
) -> np.ndarray:
    """Return points of which the nearest can be found: categories are far apart.

    Parameters
    ----------
    params : dict or pandas.DataFrame
        A configuration; or many at once, as a table or a dict of columns.
    space : dict of str to optuna.distributions.BaseDistribution
        The parameters. Numbers are mapped to between 0 and 1, their logarithms where
        the space says so.
    problem : str
        Whose space it is, for what an error says.

    Returns
    -------
    numpy.ndarray of shape (n_coordinates,) or (n_configurations, n_coordinates)
        The point or points.

    Raises
    ------
    TypeError, ValueError
        If a parameter is missing, unknown, or out of the space.
    """
    if not isinstance(params, Mapping | pd.DataFrame):
        raise TypeError(
            "params must be a dict with a value for each parameter, or a table "
            f"with a column for each, got {params!r:.60} of type "
            f"{type(params).__name__}"
        )
    if set(params) != set(space):
        raise ValueError(
            f"the parameters of {problem!r} are {', '.join(space)}, got "
            f"{', '.join(map(str, params)) or 'none'}"
        )
    columns: list[np.ndarray] = []
    for name, d in space.items():
        values = np.asarray(params[name])
        if hasattr(d, "choices"):
            columns += _one_hot(values, name, d.choices)
        else:
            columns.append(_scale(values, name, d))
    return np.stack(np.broadcast_arrays(*columns), axis=-1)


def _one_hot(values: np.ndarray, name: str, choices: tuple) -> list[np.ndarray]:
    columns = [APART * (values == choice) for choice in choices]
    unknown = sum(columns) == 0
    if np.any(unknown):
        raise ValueError(
            f"{name} must be one of {', '.join(map(repr, choices))}, got "
            f"{values[unknown].tolist()[0]!r}"
        )
    return columns


def _scale(values: np.ndarray, name: str, d: Any) -> np.ndarray:
    if values.dtype.kind not in "iuf":
        raise TypeError(
            f"{name} must be a number from {d.low} to {d.high}, got "
            f"{np.ravel(values).tolist()[0]!r:.60}"
        )
    scale = np.log if d.log else np.asarray
    low, high = scale(d.low), scale(d.high)
    with np.errstate(divide="ignore", invalid="ignore"):  # refused right below
        unit = (scale(values) - low) / (high - low)
    outside = ~((unit >= -ROUNDING) & (unit <= 1 + ROUNDING))
    if np.any(outside):
        raise ValueError(
            f"{name} must be from {d.low} to {d.high}, got {values[outside].flat[0]}"
        )
    return unit
