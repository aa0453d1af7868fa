import subprocess
import sys
from pathlib import Path

import pytest

import hpocourse

ROOT = Path(__file__).parents[2]
HEAVY = ["matplotlib", "numpy", "pandas", "scipy", "seaborn", "sklearn", "torch"]


def _python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "statement",
    [
        "import hpocourse",
        "import hpocourse; hpocourse.set_language('ru')",
        "import hpocourse.languages",
        "from hpocourse import METHOD_COLORS",
    ],
)
def test_import_loads_nothing_heavy(statement):
    code = f"{statement}\nimport sys\nprint(*(set({HEAVY}) & set(sys.modules)))"
    assert _python(code) == []


def test_check_sees_what_a_heavy_import_loads():
    code = f"import numpy, sys\nprint(*(set({HEAVY}) & set(sys.modules)))"
    assert _python(code) == ["numpy"]


def test_languages_work_where_nothing_heavy_is_installed():
    code = (
        f"import sys\nsys.modules.update(dict.fromkeys({HEAVY}))\n"
        "from hpocourse.languages import get_language\n"
        "print(get_language('pt').catalogue)"
    )
    assert _python(code) == ["pt_BR"]


def test_grading_says_what_to_install_where_it_is_missing():
    code = (
        "import sys\nsys.modules['nbgrader'] = None\n"
        "import hpocourse.grading\nhpocourse.grading.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert 'pip install "hpocourse[grading]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_metrics_load_no_plotting_before_a_plot():
    code = (
        "from hpocourse import evaluate_classifier\n"
        "evaluate_classifier([0, 1], [0, 1])\n"
        "import sys\nprint(*({'seaborn', 'matplotlib.pyplot'} & set(sys.modules)))"
    )
    assert _python(code) == []


def test_every_public_name_is_there():
    for name in hpocourse.__all__:
        assert getattr(hpocourse, name) is not None
        assert name in dir(hpocourse)
    with pytest.raises(AttributeError, match="load_boston"):
        _ = hpocourse.load_boston
