"""Grading for instructors: nbgrader, with names, refusals and a sandbox of its own.

Needs the extra ``hpocourse[grading]``; without it, only this module can be imported.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["configure", "main"]

INSTALL = 'the grading tools are not installed: pip install "hpocourse[grading]"'


def configure(config: Any) -> None:
    """Put what the course needs into a configuration of nbgrader.

    Parameters
    ----------
    config : traitlets.config.Config
        What ``get_config()`` returns in ``nbgrader_config.py``.
    """
    from ._course import configure as fill

    fill(config)


def main() -> None:
    """Run the command ``hpocourse-grade``."""
    try:
        from ._cli import commands
    except ModuleNotFoundError as error:
        sys.exit(f"{INSTALL} ({error})")
    commands()
