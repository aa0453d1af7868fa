"""An objective for searches: the cross-validated score of a scikit-learn estimator."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import numpy as np
from optuna import TrialPruned
from optuna.trial import Trial
from sklearn.base import clone, is_classifier
from sklearn.metrics import check_scoring, get_scorer_names
from sklearn.model_selection import check_cv, cross_val_score
from sklearn.utils import indexable


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
        self,
        estimator: Any,
        X: Any,
        y: Any,
        folds: list[tuple[np.ndarray, np.ndarray]],
        scorer: Any,
    ) -> None:
        self.estimator = estimator
        self.folds = folds
        self._X = X
        self._y = y
        self._scorer = scorer

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
        estimator = _with_params(self.estimator, params)
        scores: list[float] = []
        for number, fold in enumerate(self.folds, start=1):
            scores.append(self._score(estimator, fold, number, params))
            if trial is None:
                continue
            trial.report(float(np.mean(scores)), step=number)
            last = number == len(self.folds)
            pruned = not last and trial.should_prune()
            if last or pruned:
                trial.set_user_attr("fold_scores", scores)
            if pruned:
                raise TrialPruned(f"after fold {number} of {len(self.folds)}")
        return float(np.mean(scores))

    def __repr__(self) -> str:
        """Show the estimator and the number of folds."""
        return f"cv_objective({self.estimator!r}, folds={len(self.folds)})"

    def _score(
        self, estimator: Any, fold: Any, number: int, params: dict[str, Any]
    ) -> float:
        place = f"fold {number} of {len(self.folds)}"
        try:
            (score,) = cross_val_score(  # clones, and selects rows
                estimator,
                self._X,
                self._y,
                cv=[fold],
                scoring=self._scorer,
                error_score="raise",
            )
        except Exception as error:
            raise RuntimeError(
                f"{place} failed at {params}: {type(error).__name__}: {error}"
            ) from error
        if np.isnan(score):
            raise ValueError(
                f"the score of {place} is NaN at {params}; is the metric defined on "
                f"its {len(fold[1])} rows?"
            )
        return float(score)


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
        If `estimator` is no estimator, or `cv` or `scoring` has a wrong type.
    ValueError
        If `scoring` is unknown, or the folds do not fit the data.

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
    X, y = indexable(X, y)  # raises if their lengths differ
    scorer = _scorer(estimator, scoring)
    return CrossValidation(estimator, X, y, _folds(estimator, X, y, cv), scorer)


def _scorer(estimator: Any, scoring: Any) -> Any:
    if callable(scoring):
        return check_scoring(estimator, scoring=scoring)
    if not isinstance(scoring, str):
        raise TypeError(
            "scoring must be the name of one metric or a function of estimator, X and "
            f"y, got {scoring!r:.60} of type {type(scoring).__name__}"
        )
    if scoring not in get_scorer_names():
        near = get_close_matches(scoring, get_scorer_names(), n=3, cutoff=0.5)
        raise ValueError(
            f"unknown scoring {scoring!r}; "
            + (f"near it are {', '.join(near)}; " if near else "")
            + "sklearn.metrics.get_scorer_names() lists all"
        )
    return check_scoring(estimator, scoring=scoring)


def _folds(
    estimator: Any, X: Any, y: Any, cv: Any
) -> list[tuple[np.ndarray, np.ndarray]]:
    splitter = check_cv(cv, y, classifier=is_classifier(estimator))
    folds = [tuple(map(np.asarray, fold)) for fold in splitter.split(X, y)]
    if not folds:
        raise ValueError(
            "cv holds no folds; give a number of folds or pairs of indices"
        )
    n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
    for number, fold in enumerate(folds, start=1):
        highest = max((int(part.max(initial=-1)) for part in fold), default=-1)
        if highest >= n_samples:
            raise ValueError(
                f"fold {number} holds row {highest}, but X has {n_samples} rows; those "
                "of Dataset.folds belong to X_train_valid and y_train_valid"
            )
    return folds


def _with_params(estimator: Any, params: Any) -> Any:
    """Return a clone with parameters; steps of a pipeline first, then theirs."""
    if not isinstance(params, dict):
        raise TypeError(
            f"params must be a dict, got {params!r:.60} of type "
            f"{type(params).__name__}; give hpocourse.search.run a space"
        )
    estimator = clone(estimator)
    params = clone(params, safe=False)  # else a step given here would be changed
    for deep in (False, True):
        some = {name: params[name] for name in params if ("__" in name) == deep}
        valid = estimator.get_params()
        for name in some:
            if name not in valid:
                raise ValueError(
                    f"{type(estimator).__name__} has no parameter {name!r}; the "
                    f"nearest is {_nearest(name, valid)!r}"
                )
        estimator.set_params(**some)
    return estimator


def _nearest(name: str, valid: dict[str, Any]) -> str:
    """Return the parameter of a step if it has just this name, else the likest."""
    within = [known for known in valid if known.endswith(f"__{name}")]
    return (within or get_close_matches(name, valid, n=1, cutoff=0))[0]
