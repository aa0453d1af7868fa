"""The environment in which every number of the book is computed."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["ENVIRONMENT", "environment", "processor_flags"]

# The same seeded training differs in the last digits between instruction sets
# and thread counts; near the edge of stability it differs in the first ones.
COMMON = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
# Elsewhere than on x86-64, torch would warn of an instruction set it lacks. Of MKL's
# branches only this one gives the same on processors of Intel and of others: there it
# answers any instruction set by its own choice (its guide, "Getting Started with
# Conditional Numerical Reproducibility").
X86 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
# NumPy's names of what lies above AVX2, since 2.4: it warns of a name that it does
# not know, and is quiet about one that the processor lacks.
NUMPY = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}


def environment(machine: str, numpy: str) -> dict[str, str]:
    """Return what is set, before NumPy and torch are imported, to pin the numbers.

    Parameters
    ----------
    machine : str
        The kind of processor, as `platform.machine` names it.
    numpy : str
        The version of NumPy; empty where it is not installed.
    """
    if machine not in {"x86_64", "AMD64"}:
        return COMMON
    knows = bool(numpy) and tuple(map(int, numpy.split(".")[:2])) >= (2, 4)
    return COMMON | X86 | (NUMPY if knows else {})


def processor_flags() -> set[str]:
    """Return what the processor can do, as Linux names it; nothing elsewhere."""
    try:
        return set(Path("/proc/cpuinfo").read_text("utf-8").split())
    except OSError:
        return set()


def _numpy_version() -> str:
    try:
        return version("numpy")
    except PackageNotFoundError:
        return ""


ENVIRONMENT = environment(platform.machine(), _numpy_version())
