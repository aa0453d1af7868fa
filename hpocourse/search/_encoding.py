"""Parameters as points of a cube: what a Gaussian process can measure."""

import numpy as np
from optuna.distributions import CategoricalDistribution, IntDistribution

#: What stands in all columns of a parameter that a trial does not have.
MIDDLE = 0.5
#: The usual length scale of a category's columns, where a number's is 1. The columns of
#: two choices are the square root of 2 apart.
CATEGORY = 4.0


class Encoding:
    """A search space as a cube: for each point a row of numbers from 0 to 1.

    Logarithms are taken first. Integers and steps are relaxed: each value owns an
    interval of the same width. A category has a column for each choice, 1 for the
    one chosen and 0 for the others. A parameter that a trial does not have stands
    at 0.5, and so does one that a new trial is not expected to have: that is
    expected when a choice or an integer has a value with which no trial so far had
    the parameter.

    Parameters
    ----------
    space : dict of str to optuna.distributions.BaseDistribution
        The search space.
    seen : list of dict of str to object
        The parameters of earlier trials: which of them occur together.

    Attributes
    ----------
    width : int
        Number of columns.
    length_scales : numpy.ndarray of shape (width,)
        Of each column, the distance over which values are usually alike.
    """

    def __init__(self, space, seen):
        self._columns = {}
        start = 0
        for name, distribution in space.items():
            column = _column(distribution)
            self._columns[name] = slice(start, start + column.width), column
            start += column.width
        self.width = start
        self.length_scales = np.concatenate(
            [
                np.full(column.width, column.length_scale)
                for _, column in self._columns.values()
            ]
        )
        self._rules = list(self._find_rules(seen))

    def encode(self, params):
        """Return the row of a trial's parameters.

        Parameters
        ----------
        params : dict of str to object
            The parameters.

        Returns
        -------
        numpy.ndarray of shape (width,)
            The row.
        """
        row = np.full(self.width, MIDDLE)
        for name, (place, column) in self._columns.items():
            if name in params:
                row[place] = column.encode(params[name])
        return row

    def decode(self, row):
        """Return the parameters that a row is rounded to.

        Parameters
        ----------
        row : numpy.ndarray of shape (width,)
            The row.

        Returns
        -------
        dict of str to object
            The parameters, those at 0.5 for want of use included.
        """
        columns = self._columns.items()
        return {name: column.decode(row[place]) for name, (place, column) in columns}

    def snap(self, rows):
        """Return rows moved to the nearest that a trial can have.

        Parameters
        ----------
        rows : numpy.ndarray of shape (n, width)
            The rows.

        Returns
        -------
        numpy.ndarray of shape (n, width)
            The rows of the parameters that they are rounded to.
        """
        rows = rows.copy()
        for place, column in self._columns.values():
            rows[:, place] = column.snap(rows[:, place])
        rows[self._unused(rows)] = MIDDLE
        return rows

    def movable(self, row):
        """Return which columns of a row are numbers in use, to be moved a little.

        Parameters
        ----------
        row : numpy.ndarray of shape (width,)
            The row.

        Returns
        -------
        numpy.ndarray of bool of shape (width,)
            Whether a column is one.
        """
        movable = ~self._unused(row[np.newaxis])[0]
        for place, column in self._columns.values():
            movable[place] &= isinstance(column, _Number)
        return movable

    def _find_rules(self, seen):
        """Yield which values of a parameter go without which others.

        Parameters that more trials have come first: what they rule out rules out
        nothing itself.
        """
        counts = {
            name: sum(name in params for params in seen) for name in self._columns
        }
        for name in sorted(counts, key=counts.get, reverse=True):
            place, column = self._columns[name]
            companions = {}
            for params in seen:
                if column.is_discrete and name in params:
                    companions.setdefault(params[name], set()).update(params)
            for value, others in companions.items():
                missing = np.zeros(self.width, dtype=bool)
                for other in self._columns.keys() - others:
                    missing[self._columns[other][0]] = True
                if missing.any():
                    yield place, column.encode(value), missing

    def _unused(self, rows):
        unused = np.zeros(rows.shape, dtype=bool)
        for place, values, missing in self._rules:
            holds = np.isclose(rows[:, place], values).all(axis=1)
            holds &= ~unused[:, place.start]
            unused |= holds[:, np.newaxis] & missing
        return unused


def _column(distribution):
    if isinstance(distribution, CategoricalDistribution):
        return _Choice(distribution)
    return _Number(distribution)


class _Choice:
    is_discrete = True
    length_scale = CATEGORY

    def __init__(self, distribution):
        self._distribution = distribution
        self.width = len(distribution.choices)

    def encode(self, value):
        index = int(self._distribution.to_internal_repr(value))
        return np.eye(self.width)[index]

    def decode(self, row):
        return self._distribution.choices[row.argmax()]

    def snap(self, rows):
        return np.eye(self.width)[rows.argmax(axis=1)]


class _Number:
    width = 1
    length_scale = 1.0

    def __init__(self, distribution):
        self.is_discrete = isinstance(distribution, IntDistribution)
        self._log = distribution.log
        self._step = distribution.step
        self._range = distribution.low, distribution.high
        margin = (self._step or 0) / 2
        ends = np.array([distribution.low - margin, distribution.high + margin])
        self._low, self._high = np.log(ends) if self._log else ends

    def encode(self, value):
        value = np.log(value) if self._log else np.asarray(value, dtype=float)
        return (value - self._low) / (self._high - self._low)

    def decode(self, row):
        value = self._round(row)[0]
        return int(value) if self.is_discrete else float(value)

    def snap(self, rows):
        return rows if self._step is None else self.encode(self._round(rows))

    def _round(self, rows):
        values = self._low + rows * (self._high - self._low)
        if self._log:
            values = np.exp(values)
        low, high = self._range
        if self._step is not None:
            values = low + np.round((values - low) / self._step) * self._step
        return np.clip(values, low, high)
