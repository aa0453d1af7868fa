"""The data of the course, split once into three sets.

Models are fitted on the training set and chosen on the validation set; the test
set is touched once, at the end. Tuning on it has to be done on purpose.
"""

import numpy as np
from sklearn import datasets as bundled

from ._arithmetic import ArithmeticStudy, load_arithmetic_study
from ._dataset import Dataset, split
from ._learning_curves import LearningCurves, load_learning_curves
from ._measurements import load_measurements
from ._method_results import load_method_results
from ._mnist import load_mnist
from ._search_problems import load_search_table
from ._search_table import SearchTable
from ._validation import check_integer, check_not_negative, check_seed

__all__ = [
    "ArithmeticStudy",
    "Dataset",
    "LearningCurves",
    "SearchTable",
    "load_arithmetic_study",
    "load_breast_cancer",
    "load_diabetes",
    "load_digits",
    "load_learning_curves",
    "load_measurements",
    "load_method_results",
    "load_mnist",
    "load_search_table",
    "make_arithmetic",
    "make_wave",
]

OPERATIONS = ("add", "subtract", "multiply", "divide")


def load_digits(*, seed: int = 0) -> Dataset:
    """Load scikit-learn's handwritten digits: 1797 images of 8 by 8 pixels.

    Parameters
    ----------
    seed : int, default=0
        The seed of the split and of the folds.

    Returns
    -------
    Dataset
        64 gray levels from 0 to 1 as ``float32``, labels 0 to 9 as ``int64``.

    Raises
    ------
    TypeError, ValueError
        If the seed is none.

    References
    ----------
    Alpaydin, E., Kaynak, C. (1998). Optical recognition of handwritten digits. *UCI
    Machine Learning Repository*. https://doi.org/10.24432/C50P49

    Examples
    --------
    >>> from hpocourse import load_digits
    >>> digits = load_digits()
    >>> digits.X_train.shape, digits.X_train.dtype
    ((1077, 64), dtype('float32'))
    """
    seed = check_seed(seed)
    bunch = bundled.load_digits()
    return split(
        (bunch.data / 16).astype(np.float32),
        bunch.target.astype(np.int64),
        name="digits",
        feature_names=bunch.feature_names,
        target_names=bunch.target_names,
        seed=seed,
    )


def load_diabetes(*, seed: int = 0) -> Dataset:
    """Load scikit-learn's diabetes data, a regression: 442 patients, 10 features.

    The features are those of scikit-learn, already centered and scaled over all
    patients. The target measures how the disease progressed within a year, from 25 to
    346, on a scale that its authors do not explain.

    Parameters
    ----------
    seed : int, default=0
        The seed of the split and of the folds.

    Returns
    -------
    Dataset
        Features and target as ``float64``.

    Raises
    ------
    TypeError, ValueError
        If the seed is none.

    References
    ----------
    Efron, B., Hastie, T., Johnstone, I., Tibshirani, R. (2004). Least angle
    regression. *Annals of Statistics* 32(2), 407-499.

    Examples
    --------
    >>> from hpocourse import load_diabetes
    >>> load_diabetes()
    Dataset('diabetes', train=(264, 10), valid=(89, 10), test=(89, 10))
    """
    seed = check_seed(seed)
    bunch = bundled.load_diabetes()
    return split(
        bunch.data,
        bunch.target,
        name="diabetes",
        feature_names=bunch.feature_names,
        seed=seed,
    )


def load_breast_cancer(*, seed: int = 0) -> Dataset:
    """Load scikit-learn's breast cancer data: 569 tumors, 30 features, two classes.

    Parameters
    ----------
    seed : int, default=0
        The seed of the split and of the folds.

    Returns
    -------
    Dataset
        Features as ``float64``, labels as ``int64``: 0 is malignant (37 %), 1 is
        benign.

    Raises
    ------
    TypeError, ValueError
        If the seed is none.

    References
    ----------
    Street, W. N., Wolberg, W. H., Mangasarian, O. L. (1993). Nuclear feature
    extraction for breast tumor diagnosis. *Biomedical Image Processing and Biomedical
    Visualization* 1905, 861-870.

    Examples
    --------
    >>> from hpocourse import load_breast_cancer
    >>> load_breast_cancer().target_names
    ('malignant', 'benign')
    """
    seed = check_seed(seed)
    bunch = bundled.load_breast_cancer()
    return split(
        bunch.data,
        bunch.target.astype(np.int64),
        name="breast_cancer",
        feature_names=bunch.feature_names,
        target_names=bunch.target_names,
        seed=seed,
    )


def make_wave(n_samples: int = 2000, *, noise: float = 0.05, seed: int = 0) -> Dataset:
    """Draw a noisy wave, a regression with one feature.

    The feature x is uniform between -1 and 1, and y = cos(5x) x² plus noise.

    Parameters
    ----------
    n_samples : int, default=2000
        Number of points in the three sets together, at least 5.
    noise : float, default=0.05
        Standard deviation of the Gaussian noise.
    seed : int, default=0
        The seed of the points, of the split and of the folds.

    Returns
    -------
    Dataset
        The points.

    Raises
    ------
    TypeError, ValueError
        If a number means nothing.

    Examples
    --------
    >>> from hpocourse import make_wave
    >>> make_wave(100)
    Dataset('wave', train=(60, 1), valid=(20, 1), test=(20, 1))
    """
    n_samples = check_integer(n_samples, "n_samples", minimum=5)
    noise = check_not_negative(noise, "noise")
    seed = check_seed(seed)
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, n_samples)
    y = np.cos(5 * x) * x**2 + random.normal(0, noise, n_samples)
    return split(x.reshape(-1, 1), y, name="wave", feature_names=("x",), seed=seed)


def make_arithmetic(
    n_samples: int = 10000, *, hard: bool = False, seed: int = 0
) -> Dataset:
    """Draw additions, subtractions, multiplications and divisions, a regression.

    The operands a and b are uniform between -10 and 10. The four operations are
    equally frequent in each set, and one-hot: of the last four features, that of
    the operation is 1 and the others are 0. The target is the result.

    Parameters
    ----------
    n_samples : int, default=10000
        Number of examples in the three sets together, at least 20.
    hard : bool, default=False
        By default, divisors are drawn again until they are at least 0.5 away from
        zero, so that no quotient exceeds 20. With ``hard=True`` they are clipped
        to between -0.6 and 0.6 instead: few are near zero, and their quotients
        are enormous.
    seed : int, default=0
        The seed of the examples, of the split and of the folds.

    Returns
    -------
    Dataset
        The features ``a``, ``b``, ``add``, ``subtract``, ``multiply`` and
        ``divide``, and the result.

    Raises
    ------
    TypeError, ValueError
        If a number means nothing, or `hard` is neither true nor false.

    Examples
    --------
    >>> from hpocourse import make_arithmetic
    >>> arithmetic = make_arithmetic(100)
    >>> arithmetic
    Dataset('arithmetic', train=(60, 6), valid=(20, 6), test=(20, 6))
    >>> arithmetic.feature_names
    ('a', 'b', 'add', 'subtract', 'multiply', 'divide')
    """
    n_samples = check_integer(n_samples, "n_samples", minimum=20)
    if not isinstance(hard, (bool, np.bool_)):
        raise TypeError(
            f"hard must be True or False, got {hard!r} of type {type(hard).__name__}"
        )
    seed = check_seed(seed)
    random = np.random.default_rng(seed)
    a, b = random.uniform(-10, 10, (2, n_samples))
    operation = np.arange(n_samples) % len(OPERATIONS)
    divides = operation == OPERATIONS.index("divide")
    # A hard divisor may be as small as it comes, but not zero.
    least = np.finfo(float).eps if hard else 0.5
    while (again := divides & (np.abs(b) < least)).any():
        b[again] = random.uniform(-10, 10, again.sum())
    if hard:
        b[divides] = np.clip(b[divides], -0.6, 0.6)
    # Where the operation is none of the first three, it is a division.
    y = np.select(
        [operation == i for i in range(3)],
        [a + b, a - b, a * b],
        default=np.divide(a, b, where=divides, out=np.zeros(n_samples)),
    )
    one_hot = np.eye(len(OPERATIONS))[operation]
    return split(
        np.column_stack([a, b, one_hot]),
        y,
        name="arithmetic",
        feature_names=("a", "b", *OPERATIONS),
        strata=operation,
        seed=seed,
    )
