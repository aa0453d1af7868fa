"""Reports that put a model's errors on its data into numbers and pictures.

scikit-learn computes; the reports hold the results, show themselves in the
reader's language, and draw. Their data keep stable English names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn import metrics as sk

from ._reports import ClassificationReport, RegressionReport
from ._validation import check_labels, check_targets

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "ClassificationReport",
    "RegressionReport",
    "evaluate_classifier",
    "evaluate_regressor",
]


def evaluate_classifier(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: ArrayLike | None = None
) -> ClassificationReport:
    """Compare predicted labels with the true ones.

    Precision, recall and F1 are means over the classes, each with the same
    weight (``average="macro"``). Where one is undefined, as the precision of a
    class that is never predicted, it counts as 0 and nothing warns.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        The true labels.
    y_pred : array-like of shape (n_samples,)
        The predicted labels, not probabilities.
    labels : array-like, optional
        All labels, in the order wanted. By default those that occur, sorted. A
        label given here that never occurs counts in the means, as 0.

    Returns
    -------
    ClassificationReport
        The metrics, from 0 to 1, and the confusion matrix.

    Raises
    ------
    TypeError
        If something else than labels of one kind is given.
    ValueError
        If lengths differ, values are missing or no labels, or `labels` lacks one.

    References
    ----------
    Sokolova, M., Lapalme, G. (2009). A systematic analysis of performance measures
    for classification tasks. *Information Processing & Management* 45(4), 427-437.

    Examples
    --------
    >>> from hpocourse import evaluate_classifier
    >>> report = evaluate_classifier([0, 0, 1, 1], [0, 1, 1, 1])
    >>> report
    ClassificationReport(accuracy=0.7500, precision=0.8333, recall=0.7500, \
f1=0.7333, n_samples=4)
    >>> report.confusion
    predicted  0  1
    true
    0          1  1
    1          0  2
    """
    y_true, y_pred, labels = check_labels(y_true, y_pred, labels)
    precision, recall, f1, _support = sk.precision_recall_fscore_support(
        y_true, y_pred, labels=labels, average="macro", zero_division=0
    )
    if len(labels) > 1:
        counts = sk.confusion_matrix(y_true, y_pred, labels=labels)
    else:  # scikit-learn counts these too, and warns
        counts = np.array([[len(y_true)]])
    return ClassificationReport(
        accuracy=float(sk.accuracy_score(y_true, y_pred)),
        precision=float(precision),
        recall=float(recall),
        f1=float(f1),
        labels=tuple(labels.tolist()),
        n_samples=len(y_true),
        _counts=counts,
    )


def evaluate_regressor(y_true: ArrayLike, y_pred: ArrayLike) -> RegressionReport:
    """Compare predicted values with the true ones.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        The true values.
    y_pred : array-like of shape (n_samples,)
        The predicted values.

    Returns
    -------
    RegressionReport
        R²; mean absolute error and root mean squared error, in the unit of the
        values; mean squared error, in its square.

    Raises
    ------
    TypeError
        If something else than numbers is given.
    ValueError
        If lengths differ, values are missing, or there is more than one column.

    Examples
    --------
    >>> from hpocourse import evaluate_regressor
    >>> evaluate_regressor([3, -0.5, 2, 7], [2.5, 0, 2, 8])
    RegressionReport(r2=0.9486, mae=0.5000, mse=0.3750, rmse=0.6124, n_samples=4)
    """
    y_true, y_pred = check_targets(y_true, y_pred)
    return RegressionReport(
        r2=float(sk.r2_score(y_true, y_pred)) if len(y_true) > 1 else float("nan"),
        mae=float(sk.mean_absolute_error(y_true, y_pred)),
        mse=float(sk.mean_squared_error(y_true, y_pred)),
        rmse=float(sk.root_mean_squared_error(y_true, y_pred)),
        n_samples=len(y_true),
        _y_true=y_true,
        _y_pred=y_pred,
    )
