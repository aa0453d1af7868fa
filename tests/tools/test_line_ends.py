"""A clone has the same line ends on every machine, whatever git is told there."""

import subprocess
from pathlib import Path

from tools.notebooks import ROOT

# One of each kind that a tool would stumble over.
FILES = (
    ".ci/run",
    "Makefile",
    "book/glossary.yml",
    "book/pt/index.ipynb",
    "book/pt/index.quiz.yml",
    "hpocourse/locale/ru/LC_MESSAGES/hpocourse.po",
    "pyproject.toml",
    "requirements.txt",
    "site/katex.js",
    "tools/run.py",
)


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


def changed_by_windows(folder: Path, attributes: str) -> list[str]:
    """Return the files that a clone with `core.autocrlf` has with CR LF."""
    source, clone = folder / "source", folder / "clone"
    source.mkdir(parents=True)
    git(source, "init", "--quiet")
    (source / ".gitattributes").write_text(attributes, "utf-8", newline="\n")
    for name in FILES:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(b"one\ntwo\n")
    (source / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "all")
    git(folder, "-c", "core.autocrlf=true", "clone", "--quiet", str(source), str(clone))
    assert (clone / "image.png").read_bytes() == b"\x89PNG\r\n\x1a\n\0"
    return [name for name in FILES if b"\r" in (clone / name).read_bytes()]


def test_no_line_end_is_changed(tmp_path):
    attributes = (ROOT / ".gitattributes").read_text("utf-8")
    assert changed_by_windows(tmp_path / "ours", attributes) == []
    some = changed_by_windows(tmp_path / "some", "*.ipynb text eol=lf\n")
    assert ".ci/run" in some
    assert "book/pt/index.ipynb" not in some
