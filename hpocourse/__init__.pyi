from . import datasets, languages, metrics, networks, search
from .datasets import (
    Dataset,
    load_arithmetic_study,
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_learning_curves,
    load_measurements,
    load_method_results,
    load_mnist,
    load_search_table,
    make_arithmetic,
    make_wave,
)
from .exercises import check, hint
from .languages import set_language, use_language
from .metrics import evaluate_classifier, evaluate_regressor
from .palette import METHOD_COLORS, text_color

__version__: str

__all__ = [
    "METHOD_COLORS",
    "Dataset",
    "check",
    "datasets",
    "evaluate_classifier",
    "evaluate_regressor",
    "hint",
    "languages",
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
    "metrics",
    "networks",
    "search",
    "set_language",
    "text_color",
    "use_language",
]
