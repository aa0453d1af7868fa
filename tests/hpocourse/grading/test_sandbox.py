import os
import subprocess
import sys
from pathlib import Path

import pytest

from hpocourse.grading import _sandbox
from hpocourse.grading._sandbox import SandboxError, bwrap_command, check_sandbox

SECRETS = (
    ("os.listdir({course!r})", "FileNotFoundError"),
    ("open({file!r})", "FileNotFoundError"),
    ("os.listdir(os.path.dirname(hpocourse.__file__) + '/grading')[0]", "IndexError"),
    ("open(sys.prefix + '/new', 'w')", "OSError"),
    ("open('/new', 'w')", "OSError"),
    ("open('/dev/shm/new', 'wb').write(bytes(10**7))", "OSError"),
    ("open('/etc/shadow')", "(PermissionError|FileNotFoundError)"),
    ("socket.create_connection(('127.0.0.1', {port}), 1)", "OSError"),
    ("os.kill({pid}, 0)", "ProcessLookupError"),
    ("os.environ['HPOCOURSE_SECRET']", "KeyError"),
)


@pytest.mark.needs("sandbox")
def test_sandbox_shows_nothing_and_lets_nothing_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("HPOCOURSE_SECRET", "x")
    monkeypatch.setattr(_sandbox, "TEMPORARY", 10**6)
    (tmp_path / "file").write_text("x")
    values = {
        "course": str(tmp_path),
        "file": str(tmp_path / "file"),
        "port": 9,
        "pid": os.getpid(),
    }
    code = "import os, sys, socket, hpocourse\n" + "".join(
        f"try:\n    {attempt.format(**values)}\n    print('worked')\n"
        "except Exception as error:\n    print(*(t.__name__ for t in "
        "type(error).__mro__))\n"
        for attempt, _expected in SECRETS
    )
    code += "open(os.path.expanduser('~/x'), 'w').close(); print(os.getuid())"
    done = subprocess.run(
        [*bwrap_command([tmp_path]), sys.executable, "-c", code],
        capture_output=True,
        text=True,
    )
    *seen, user = done.stdout.splitlines()
    for (attempt, expected), names in zip(SECRETS, seen, strict=True):
        found = {*expected.strip("()").split("|")} & {*names.split()}
        assert found, (attempt, names)
    assert int(user) != 0
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.needs("sandbox")
def test_course_inside_what_is_visible_is_hidden(tmp_path, monkeypatch):
    (tmp_path / "real" / "course" / "gradebook.db").mkdir(parents=True)
    (tmp_path / "env").symlink_to("real")
    monkeypatch.setattr(_sandbox.sys, "prefix", str(tmp_path / "env"))
    look = ["ls", "-A", str(tmp_path / "env" / "course")]
    for hidden, expected in (([], "gradebook.db"), ([tmp_path / "real/course"], "")):
        done = subprocess.run(
            [*bwrap_command(hidden), *look], capture_output=True, text=True
        )
        assert (done.stdout.strip(), done.stderr) == (expected, "")


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.setattr(_sandbox.shutil, "which", lambda name: None)
    with pytest.raises(SandboxError, match=r"apt install bubblewrap.*--no-sandbox"):
        check_sandbox(Path("/course"))
    monkeypatch.setattr(_sandbox.sys, "platform", "darwin")
    with pytest.raises(SandboxError, match=r"needs Linux.*darwin.*--no-sandbox"):
        check_sandbox(Path("/course"))


def test_what_the_system_forbids_is_said(tmp_path, monkeypatch):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create' >&2\nexit 1\n")
    fake.chmod(0o755)
    for program in ("prlimit", "setpriv"):
        (tmp_path / program).symlink_to("/bin/true")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(SandboxError, match=r"No permissions to create.*--no-sandbox"):
        check_sandbox(Path("/course"))
