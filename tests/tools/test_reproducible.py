"""What pins the numbers is set where it means something, and without a warning."""

import os
import subprocess
import sys

import pytest

from tools.reproducible import ENVIRONMENT, environment

LIBRARIES = "import numpy, scipy.linalg, torch"
DISPATCH = """
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
print(*__cpu_dispatch__)
print(*(name for name, on in __cpu_features__.items() if on))
"""


def run(code, pinned, warnings="error::ImportWarning"):
    return subprocess.run(
        [sys.executable, "-W", warnings, "-c", code],
        env={**os.environ, **pinned},
        capture_output=True,
        text=True,
        check=True,
    )


def test_numpy_keeps_to_avx2():
    disabled = set(ENVIRONMENT.get("NPY_DISABLE_CPU_FEATURES", "").split())
    dispatched, used = (
        set(line.split()) for line in run(DISPATCH, ENVIRONMENT).stdout.splitlines()
    )
    assert disabled <= dispatched  # NumPy has these names
    assert not disabled & used
    assert {name for name in dispatched if "512" in name or "V4" in name} == disabled


@pytest.mark.slow
def test_nothing_is_said_about_what_is_set():
    assert run(LIBRARIES, ENVIRONMENT).stderr == ""
    # NumPy would warn of a name that it does not know.
    unknown = {"NPY_DISABLE_CPU_FEATURES": "AVX512_NONE"}
    assert "AVX512_NONE" in run(LIBRARIES, unknown, "always::ImportWarning").stderr


def test_other_machines_are_told_nothing_that_they_do_not_know():
    common = {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
    assert set(environment("arm64", "2.4.6")) == common | {"PYTHONHASHSEED"}
    pinned = environment("x86_64", "2.4.6")
    assert pinned["NPY_DISABLE_CPU_FEATURES"] == "X86_V4 AVX512_ICL AVX512_SPR"
    assert environment("AMD64", "2.10.0") == pinned
    for numpy in ("2.3.9", ""):
        assert "NPY_DISABLE_CPU_FEATURES" not in environment("x86_64", numpy)
