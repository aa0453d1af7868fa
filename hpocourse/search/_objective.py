"""An objective for searches: the cross-validated score of a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from optuna import TrialPruned
from optuna.trial import Trial
from sklearn.base import clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv, cross_val_score
from sklearn.utils import indexable

from .._validation import check_type
from ._workers import described

Folds = list[tuple[np.ndarray, ...]]


class CrossValidation:
    """The mean score over fixed folds; made by :func:`cv_objective`.

    Attributes
    ----------
    estimator : object
        The estimator, never fitted itself.
    folds : list of tuple of numpy.ndarray
        For each fold, the indices to fit on and the indices to validate on.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, folds: Folds, scorer: Any
    ) -> None:
        self.estimator, self.folds = estimator, folds
        self._X, self._y, self._scorer = X, y, scorer

    def __call__(self, params: dict[str, Any], trial: Trial | None = None) -> float:
        """Return the mean score at one point of the search space.

        Parameters
        ----------
        params : dict
            Parameters of the estimator, as its ``set_params`` takes them.
        trial : optuna.Trial, optional
            Gets the mean of the folds so far after each of them, the number of
            folds as the step, and all scores as user attribute ``fold_scores``.

        Returns
        -------
        float
            The mean over the folds.

        Raises
        ------
        optuna.TrialPruned
            If the trial's pruner says so, between two folds.
        ValueError
            If the estimator has no such parameter, or a score is NaN.
        RuntimeError
            If a fit or a score raises; says in which fold and at which point.
        """
        # A copy: else a step of a pipeline that is given here would be changed.
        estimator = clone(self.estimator).set_params(**clone(params, safe=False))
        scores: list[float] = []
        for number, fold in enumerate(self.folds, start=1):
            place = f"fold {number} of {len(self.folds)}"
            options = {"cv": [fold], "scoring": self._scorer, "error_score": "raise"}
            try:  # it clones, and selects rows
                (score,) = cross_val_score(estimator, self._X, self._y, **options)
            except Exception as error:
                reason = described(error)
                raise RuntimeError(f"{place} failed at {params}: {reason}") from error
            if np.isnan(score):
                raise ValueError(
                    f"the score of {place} is NaN at {params}; is the metric defined "
                    f"on its {len(fold[1])} rows?"
                )
            scores.append(float(score))
            if trial is not None:
                trial.set_user_attr("fold_scores", scores)
                trial.report(float(np.mean(scores)), step=number)
                if number < len(self.folds) and trial.should_prune():
                    raise TrialPruned(f"after {place}")
        return float(np.mean(scores))

    def __repr__(self) -> str:
        """Show the estimator and the number of folds."""
        return f"cv_objective({self.estimator!r}, folds={len(self.folds)})"


def cv_objective(
    estimator: Any, X: Any, y: Any = None, *, cv: Any, scoring: Any
) -> CrossValidation:
    """Make an objective of an estimator's cross-validated score.

    For :func:`hpocourse.search.run`, with ``pass_trial=True`` if pruners shall
    end bad trials before their last fold. Higher is better for every metric of
    scikit-learn: keep ``direction="maximize"``.

    Parameters
    ----------
    estimator : object
        An estimator or a pipeline of scikit-learn. Each fold fits a clone.
    X : array-like of shape (n_samples, n_features)
        The features to choose on: of training and validation set, not of the
        test set.
    y : array-like of shape (n_samples,), optional
        The labels or values to predict; none for an estimator that predicts none.
    cv : int, splitter, or iterable of index pairs
        The folds, as ``GridSearchCV`` takes them, ``Dataset.folds(k)`` too. They
        are drawn once: every point is judged on the same ones.
    scoring : str or callable
        One metric of scikit-learn, ``"accuracy"`` or ``"neg_mean_squared_error"``,
        or a function of estimator, X and y.

    Returns
    -------
    CrossValidation
        The objective, to be called with a dict of parameters and perhaps a
        trial; it can be pickled.

    Raises
    ------
    TypeError
        If `estimator` is no estimator, or `scoring` has a wrong type.
    ValueError
        If `scoring` or `cv` is unknown, or the folds do not fit the data.

    Examples
    --------
    >>> from hpocourse import make_wave
    >>> from hpocourse.search import cv_objective
    >>> from sklearn.svm import SVR
    >>> wave = make_wave(100)
    >>> X, y = wave.X_train_valid, wave.y_train_valid
    >>> objective = cv_objective(SVR(), X, y, cv=wave.folds(4), scoring="r2")
    >>> objective({"C": 1.0}) < objective({"C": 1.0, "gamma": 5.0})
    True
    """
    if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
        raise TypeError(
            f"estimator must be an estimator of scikit-learn, got {estimator!r:.60} of "
            f"type {type(estimator).__name__}; make one, for example SVR()"
        )
    what = "the name of one metric or a function of estimator, X and y"
    check_type(scoring, "scoring", (str, Callable), what)
    X, y = indexable(X, y)  # raises if their lengths differ
    scorer = check_scoring(estimator, scoring=scoring)
    splitter = check_cv(cv, y, classifier=is_classifier(estimator))
    folds = [tuple(map(np.asarray, fold)) for fold in splitter.split(X, y)]
    if not folds:
        raise ValueError(f"cv holds no folds, got {cv!r:.60}; give pairs of indices")
    highest = max(int(np.max(part, initial=-1)) for fold in folds for part in fold)
    n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
    if highest >= n_rows:
        raise ValueError(
            f"the folds hold row {highest}, but X has {n_rows} rows; those of "
            "Dataset.folds belong to X_train_valid and y_train_valid"
        )
    return CrossValidation(estimator, X, y, folds, scorer)
