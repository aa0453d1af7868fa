"""The wheel carries all that the package needs, away from the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import hpocourse
from hatch_build import find_exercises

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
READ = """
import hpocourse, matplotlib.pyplot as plt
from hpocourse.languages import gettext, ngettext
hpocourse.set_language("ru")
plt.style.use("hpocourse.course")
print(hpocourse.__file__)
print(hpocourse.load_search_table("svr_wave").frame.shape)
print(gettext("Confusion matrix"))
print(ngettext("{n} sample", "{n} samples", 5).format(n=5))
from hpocourse.grading._release import find_source
from hpocourse.languages import get_language
print(find_source("grid-search", get_language("ru"), None))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from a copy of the source without compiled catalogues."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(
        ROOT / "hpocourse",
        source / "hpocourse",
        ignore=shutil.ignore_patterns("*.mo", "__pycache__"),
    )
    for exercises in (ROOT / "book").glob("*/exercises"):
        shutil.copytree(exercises, source / exercises.relative_to(ROOT))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copy(ROOT / ".gitignore", source)
    build = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    subprocess.run([*build, source], check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_has_its_version_and_files(wheel):
    assert wheel.name == f"hpocourse-{hpocourse.__version__}-py3-none-any.whl"
    names = set(ZipFile(wheel).namelist())
    for name in ("__init__.pyi", "py.typed", "course.mplstyle", "languages.py"):
        assert f"hpocourse/{name}" in names
    tables = {path.name for path in (ROOT / "hpocourse" / "tables").iterdir()}
    assert len(tables) == 10
    assert {f"hpocourse/tables/{table}" for table in tables} <= names
    assert "hpocourse/curves/digits.csv.gz" in names
    assert "hpocourse/results/methods.csv" in names
    assert "hpocourse/measurements/killed.csv" in names
    assert "hpocourse/arithmetic/network.npz" in names
    for catalogue in ("pt_BR", "es", "ru"):
        assert f"hpocourse/locale/{catalogue}/LC_MESSAGES/hpocourse.mo" in names
    exercises = {
        f"hpocourse/grading/exercises/{path.parts[-3]}/{path.name}"
        for path in (ROOT / "book").glob("*/exercises/*.ipynb")
    }
    assert len(exercises) >= 9
    assert exercises <= names
    (points,) = (name for name in names if name.endswith("/entry_points.txt"))
    command = "hpocourse-grade = hpocourse.grading:main"
    assert command in ZipFile(wheel).read(points).decode()
    folders = {name.split("/")[0] for name in names}
    assert folders == {"hpocourse", f"hpocourse-{hpocourse.__version__}.dist-info"}


def test_wheel_without_exercises_is_not_built(tmp_path):
    with pytest.raises(FileNotFoundError, match="exercises"):
        find_exercises(tmp_path)


def test_installed_elsewhere_it_speaks_russian(wheel, tmp_path):
    target = tmp_path / "installed"
    install = [*PIP, "install", "--no-deps", "--no-index", "--target", target]
    subprocess.run([*install, wheel], check=True)
    done = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(target), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    file, *texts, source = done.stdout.splitlines()
    exercises = target / "hpocourse" / "grading" / "exercises"
    assert Path(source) == exercises / "ru" / "grid-search.ipynb"
    assert Path(file).is_relative_to(target)
    assert texts == ["(1024, 6)", "Матрица ошибок", "5 объектов"]


def test_source_distribution_builds_the_same_wheel(wheel, tmp_path):
    build = "from hatchling.build import build_sdist; build_sdist({!r})"
    code = build.format(str(tmp_path))
    source = wheel.parent / "source"
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    make = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path]
    subprocess.run([*make, archive], check=True)
    (again,) = tmp_path.glob("*.whl")
    assert ZipFile(again).namelist() == ZipFile(wheel).namelist()
