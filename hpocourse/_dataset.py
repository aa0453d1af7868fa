"""The data set class of the course, and the split into its three sets."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from ._html import table
from ._validation import check_integer, check_same_length, check_seed
from .languages import gettext as _
from .languages import ngettext

PARTS = ("train", "valid", "test")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Data in three sets: training, validation and test.

    The fields cannot be assigned anew. The arrays are plain NumPy arrays: to
    make them read-only would make ``torch.from_numpy`` warn.

    Parameters
    ----------
    X_train, X_valid, X_test : numpy.ndarray of shape (n_samples, n_features)
        The features of each set.
    y_train, y_valid, y_test : numpy.ndarray of shape (n_samples,)
        The labels or values to predict.
    name : str
        Name of the data.
    feature_names : tuple of str
        Name of each feature.
    target_names : tuple of str or None
        Name of each class; ``None`` for a regression.
    seed : int, default=0
        The seed of the split, from which :meth:`folds` draws too.

    Examples
    --------
    >>> from hpocourse import load_digits
    >>> load_digits()
    Dataset('digits', train=(1077, 64), valid=(360, 64), test=(360, 64), classes=10)
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_valid: np.ndarray
    y_valid: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    name: str
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse sets that do not fit together."""
        for part in PARTS:
            X, y = getattr(self, f"X_{part}"), getattr(self, f"y_{part}")
            for name, array in ((f"X_{part}", X), (f"y_{part}", y)):
                if not isinstance(array, np.ndarray):
                    raise TypeError(
                        f"{name} must be a NumPy array, got {type(array).__name__}; "
                        "convert it with numpy.asarray"
                    )
            check_same_length(**{f"X_{part}": X, f"y_{part}": y})
            if X.ndim != 2 or X.shape[1] != len(self.feature_names):
                raise ValueError(
                    f"X_{part} must have two dimensions and a column for each of "
                    f"{len(self.feature_names)} feature_names, got shape {X.shape}"
                )
        check_seed(self.seed)

    @property
    def X_train_valid(self) -> np.ndarray:
        """Features of the training and the validation set, in this order."""
        return np.concatenate([self.X_train, self.X_valid])

    @property
    def y_train_valid(self) -> np.ndarray:
        """Labels or values of the training and the validation set, in this order."""
        return np.concatenate([self.y_train, self.y_valid])

    def folds(self, k: int = 5) -> list[tuple[np.ndarray, np.ndarray]]:
        """Split training and validation set into folds; the test set stays out.

        The indices count rows of :attr:`X_train_valid` and
        :attr:`y_train_valid`. Classes are stratified, rows are shuffled with
        the data's seed, so that each call gives the same folds.

        Parameters
        ----------
        k : int, default=5
            Number of folds: at least 2, at most the size of the smallest class,
            or the number of rows in a regression.

        Returns
        -------
        list of tuple of numpy.ndarray
            For each fold, the indices to fit on and the indices to validate on.

        Raises
        ------
        TypeError, ValueError
            If `k` is no number of folds that these data have.

        Examples
        --------
        >>> from hpocourse import load_digits
        >>> from sklearn.model_selection import GridSearchCV
        >>> from sklearn.svm import SVC
        >>> digits = load_digits()
        >>> search = GridSearchCV(SVC(), {"C": [1, 10]}, cv=digits.folds(3))
        >>> search.fit(digits.X_train_valid, digits.y_train_valid).best_params_
        {'C': 10}
        """
        k = check_integer(k, "k", minimum=2)
        X, y = self.X_train_valid, self.y_train_valid
        if k > len(y):
            raise ValueError(
                f"k must be at most {len(y)}, the rows of the training and the "
                f"validation set of {self.name!r}, got {k}"
            )
        if self.target_names is None:
            splitter = KFold(k, shuffle=True, random_state=self.seed)
        else:
            classes, sizes = np.unique(y, return_counts=True)
            if k > sizes.min():
                raise ValueError(
                    f"k must be at most {sizes.min()}, the size of class "
                    f"{classes[sizes.argmin()]}, the smallest of {self.name!r}, "
                    f"got {k}"
                )
            splitter = StratifiedKFold(k, shuffle=True, random_state=self.seed)
        return list(splitter.split(X, y))

    def __repr__(self) -> str:
        """Show the shapes in one line, the same in every language."""
        shapes = ", ".join(f"{p}={getattr(self, f'X_{p}').shape}" for p in PARTS)
        classes = "" if self.target_names is None else f", classes={self._n_classes}"
        return f"Dataset({self.name!r}, {shapes}{classes})"

    @property
    def _n_classes(self) -> int:
        return len(self.target_names or ())

    def _repr_html_(self) -> str:
        """Show the sets as a table in the reader's language."""
        sizes = [len(getattr(self, f"y_{part}")) for part in PARTS]
        n_samples, n_features = sum(sizes), self.X_train.shape[1]
        counts = [
            ngettext("{n} sample", "{n} samples", n_samples).format(n=n_samples),
            ngettext("{n} feature", "{n} features", n_features).format(n=n_features),
        ]
        if self.target_names is not None:
            n = self._n_classes
            counts.append(ngettext("{n} class", "{n} classes", n).format(n=n))
        rows = zip(
            (_("Training"), _("Validation"), _("Test")), map(str, sizes), strict=True
        )
        return table(
            f"{self.name}: {', '.join(counts)}", (_("Set"), _("Samples")), rows
        )


def split(
    X: np.ndarray,
    y: np.ndarray,
    *,
    name: str,
    feature_names: Iterable[object],
    target_names: Iterable[object] | None = None,
    strata: np.ndarray | None = None,
    seed: int,
) -> Dataset:
    """Split into 60 % training, 20 % validation and 20 % test.

    Parameters
    ----------
    X : numpy.ndarray of shape (n_samples, n_features)
        The features.
    y : numpy.ndarray of shape (n_samples,)
        The labels or values to predict.
    name : str
        Name of the data.
    feature_names : iterable of str
        Name of each feature.
    target_names : iterable of str, optional
        Name of each class; none for a regression.
    strata : numpy.ndarray of shape (n_samples,), optional
        Groups of which each set gets its share. By default the classes.
    seed : int
        The seed of the split.

    Returns
    -------
    Dataset
        The three sets.
    """
    if target_names is not None:
        strata = y if strata is None else strata
    rows = np.arange(len(y))
    rest, test = train_test_split(
        rows, test_size=0.2, random_state=seed, stratify=strata
    )
    train, valid = train_test_split(
        rest,
        test_size=0.25,
        random_state=seed,
        stratify=None if strata is None else strata[rest],
    )
    return Dataset(
        X_train=X[train],
        y_train=y[train],
        X_valid=X[valid],
        y_valid=y[valid],
        X_test=X[test],
        y_test=y[test],
        name=name,
        feature_names=tuple(str(feature) for feature in feature_names),
        target_names=(
            None if target_names is None else tuple(str(name) for name in target_names)
        ),
        seed=seed,
    )
