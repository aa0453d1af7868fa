import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    ["_dataset", "_mnist", "datasets", "languages", "metrics"]
    + [f"search.{name}" for name in ("_run", "_samplers.bayes", "_samplers.hyperopt")],
)
def test_examples_in_docstrings(name):
    module = importlib.import_module(f"hpocourse.{name}")
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, attempted = doctest.testmod(module, optionflags=flags)
    assert attempted > 0
    assert failed == 0
