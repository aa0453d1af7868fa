r"""Compile the package's catalogues, and put the exercises into its wheel.

The catalogues are compiled when the package is built, installed, or by hand.

``python hatch_build.py`` compiles them in place (Babel is enough for that).
After a change of messages in the source, refresh the catalogues with::

    pybabel extract --ignore-dirs ".*" --no-location --sort-output \
        -o hpocourse.pot hpocourse
    pybabel update --no-fuzzy-matching --ignore-obsolete --no-wrap \
        --ignore-pot-creation-date -D hpocourse -i hpocourse.pot -d hpocourse/locale
    python hatch_build.py

then translate what ``pytest tests/hpocourse/test_catalogues.py`` lists.
"""

import os
from pathlib import Path

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, where only Babel is installed
    BuildHookInterface = object

LOCALE = Path(__file__).parent / "hpocourse" / "locale"


def compile_catalogues(folder=LOCALE):
    """Compile every ``.po`` file under a folder to a ``.mo`` file beside it.

    Parameters
    ----------
    folder : path-like
        The folder that holds one folder per catalogue.

    Returns
    -------
    list of pathlib.Path
        The compiled files.

    Raises
    ------
    FileNotFoundError
        If there is no catalogue.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    sources = sorted(Path(folder).rglob("*.po"))
    if not sources:
        raise FileNotFoundError(f"no .po file under {folder}: nothing to compile")
    compiled = []
    for source in sources:
        with source.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
        target = source.with_suffix(".mo")
        # Replaced in one step: somebody may be reading it.
        scratch = target.with_name(f"{target.name}.{os.getpid()}")
        with scratch.open("wb") as file:
            write_mo(file, catalogue)
        scratch.replace(target)
        compiled.append(target)
    return compiled


def find_exercises(root):
    """Return where each exercise notebook goes in the wheel, by its path.

    Raises
    ------
    FileNotFoundError
        If there are none.
    """
    paths = sorted(Path(root).glob("book/*/exercises/*.ipynb"))
    if not paths:
        raise FileNotFoundError(f"no book/*/exercises/*.ipynb in {root}")
    target = "hpocourse/grading/exercises"
    return {str(each): f"{target}/{each.parts[-3]}/{each.name}" for each in paths}


class PackageHook(BuildHookInterface):
    """Complete the package before a wheel, editable or not, is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version, build_data):
        """Compile in place; ``artifacts`` in pyproject.toml ships the result.

        An editable install finds the exercises where they are.
        """
        compile_catalogues(Path(self.root) / "hpocourse" / "locale")
        if version == "standard":
            build_data["force_include"].update(find_exercises(self.root))


if __name__ == "__main__":
    for path in compile_catalogues():
        print(path.relative_to(LOCALE.parent.parent))
