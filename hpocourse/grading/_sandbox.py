"""A kernel under ``bwrap`` and ``prlimit``: no network, no home, no course folder.

It sees the system and Python's environment, read-only, and a temporary folder of its
own. The limits of single processes are the kernel's, by ``prlimit``; what all of
them take together is watched from outside. When one limit is broken, the sandbox
ends with all that is in it.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from click import ClickException
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.utils import ensure_async
from traitlets import Integer, Unicode

from ..languages import N_

PACKAGE = Path(__file__).parents[1]
MEGABYTE = 2**20
NOBODY = 65534
FILE_SIZE = 64 * MEGABYTE
TEMPORARY = 256 * MEGABYTE  # of files
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = "alternatives ld.so.cache ld.so.conf ld.so.conf.d localtime fonts ssl"
ISOLATED = """
    bwrap --die-with-parent --new-session --cap-drop ALL
    --unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup-try
    --proc /proc --dev /dev
    --clearenv --setenv HOME /tmp/home --setenv USER student --setenv LANG C.UTF-8
    --setenv MPLBACKEND module://matplotlib_inline.backend_inline
    --setenv OMP_NUM_THREADS 1 --setenv OPENBLAS_NUM_THREADS 1
    --setenv PYTHONDONTWRITEBYTECODE 1
"""
INSTALL = (
    "install bubblewrap (Debian, Ubuntu: sudo apt install bubblewrap; Fedora: sudo dnf "
    "install bubblewrap)"
)
FORBIDDEN = (
    "If the system forbids namespaces: Ubuntu: sudo sysctl "
    "kernel.apparmor_restrict_unprivileged_userns=0; older Debian: sudo sysctl "
    "kernel.unprivileged_userns_clone=1; in a container: start it with the right to "
    "make namespaces"
)
UNPROTECTED = (
    "Or run the students' code without protection, with your own rights: --no-sandbox"
)


class SandboxError(ClickException):
    """There is no sandbox on this machine; says why, and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}. {UNPROTECTED}")


def _visible() -> list[Path]:
    """Return the folders of Python's environment, none of them within another."""
    folders = {sys.prefix, sys.base_prefix, *site.getsitepackages()}
    if site.ENABLE_USER_SITE:
        folders.add(site.getusersitepackages())
    folders.add(str(PACKAGE))
    found: list[Path] = []
    for path in sorted(Path(each) for each in folders if Path(each).is_dir()):
        if not any(path.is_relative_to(each) for each in (*map(Path, SYSTEM), *found)):
            found.append(path)
    return found


def bwrap_command(hidden: list[Path], shared: Path | None = None) -> list[str]:
    """Return the beginning of a command that runs another in the sandbox.

    Parameters
    ----------
    hidden : list of Path
        Folders that nothing in the sandbox may see, wherever they lie.
    shared : Path, optional
        The folder of the kernel's sockets, the only one that is written from inside.
    """
    command = ISOLATED.split()

    def add(*parts: object) -> None:
        command.extend(map(str, parts))

    root = os.geteuid() == 0
    if root:
        # Root needs no user namespace, and must not stay root: it would own files,
        # and no limit of processes would hold.
        add("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    else:
        add("--unshare-user")
    for name in SYSTEM:
        if os.path.islink(name):
            add("--symlink", os.readlink(name), name)
        else:
            add("--ro-bind-try", name, name)
    for name in SETTINGS.split():
        add("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for name in ("/dev/shm", "/tmp"):
        add("--perms", "1777", "--size", TEMPORARY, "--tmpfs", name)
    visible = _visible()
    for path in visible:
        for parent in reversed(path.parents[:-1]):  # bwrap would close it to others
            add("--perms", "0755", "--dir", parent)
        add("--ro-bind", path, path)
    for folder in (PACKAGE / "grading", *hidden):
        for outer in (*visible, Path("/usr")):
            if folder.resolve().is_relative_to(outer.resolve()):
                inner = outer / folder.resolve().relative_to(outer.resolve())
                add("--tmpfs", inner, "--remount-ro", inner)
    if shared is not None:
        file = shared / "kernel.json"
        add("--bind", shared, shared, "--ro-bind-try", file, file)
    add("--perms", "0777", "--dir", "/tmp/home", "--chdir", "/tmp/home")
    add("--remount-ro", "/dev", "--remount-ro", "/")
    add("--setenv", "PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    add("--setenv", "PYTHONUSERBASE", site.getuserbase())
    # Some Pythons need theirs to find their libraries.
    add("--setenv", "LD_LIBRARY_PATH", os.environ.get("LD_LIBRARY_PATH", ""))
    if root:
        add("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups")
    return command


def check_sandbox(course: Path) -> None:
    """Run nothing in the sandbox, to see whether there is one.

    Raises
    ------
    SandboxError
        If not.
    """
    if sys.platform != "linux":
        needed = "the sandbox needs Linux (on Windows: WSL)"
        raise SandboxError(f"{needed}, this is {sys.platform}")
    for program in ("bwrap", "prlimit", "setpriv"):
        if shutil.which(program) is None:
            raise SandboxError(f"{program} is not on this machine: {INSTALL}")
    command = [*bwrap_command([course]), sys.executable, "-c", "import ipykernel"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        why = done.stderr.strip() or f"it ended with {done.returncode}"
        raise SandboxError(f"bwrap does not work here: {why}. {FORBIDDEN}")


class SandboxedKernel(AsyncKernelManager):
    """Starts and watches one kernel in the sandbox."""

    seconds = Integer(300, help="wall time of a notebook").tag(config=True)
    memory = Integer(2048, help="megabytes of a process; of all: double").tag(
        config=True
    )
    processes = Integer(64, help="how many processes").tag(config=True)
    course = Unicode("", help="the folder to hide").tag(config=True)

    reason = Unicode("", help="why the kernel was stopped, to be translated")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The path of a socket has at most 107 characters.
        prefix = f"hpocourse-{os.getpid()}-"
        self._folder = tempfile.TemporaryDirectory(prefix=prefix, dir="/tmp")
        self._over = threading.Event()
        folder = Path(self._folder.name)
        kwargs |= {"transport": "ipc", "ip": str(folder / "kernel")}
        super().__init__(*args, connection_file=str(folder / "kernel.json"), **kwargs)

    @property
    def kernel_spec(self) -> KernelSpec:
        """The command that starts the kernel."""
        limits = f"--data={self.memory * MEGABYTE} --fsize={FILE_SIZE} --nproc=1024"
        hidden = [Path(self.course)] if self.course else []
        inside = bwrap_command(hidden, Path(self._folder.name))
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(
            argv=["prlimit", *limits.split(), "--core=0", "--", *inside, *launch],
            display_name="Python 3",
            language="python",
            # A signal would meet bwrap, not the kernel.
            interrupt_mode="message",
        )

    def write_connection_file(self, **kwargs: Any) -> None:
        """Write the file that the kernel reads, for the user that it runs as."""
        super().write_connection_file(**kwargs)
        if os.geteuid() == 0:
            for path in (self._folder.name, self.connection_file):
                os.chown(path, NOBODY, NOBODY)

    async def start_kernel(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Start the kernel, and watch it until it ends."""
        kwargs["cwd"] = "/"
        await super().start_kernel(**kwargs)
        threading.Thread(target=self._watch, daemon=True).start()

    async def cleanup_resources(  # type: ignore[override]
        self, restart: bool = False
    ) -> None:
        """Leave nothing behind."""
        self._over.set()
        await ensure_async(super().cleanup_resources(restart=restart))
        self._folder.cleanup()

    def _watch(self) -> None:
        start = time.monotonic()
        # The kernel may end, and its folder go, at any moment.
        with suppress(psutil.NoSuchProcess, FileNotFoundError):
            outer = psutil.Process(self.provisioner.pid)  # type: ignore[union-attr]
            while not self._over.wait(0.1):
                inside = outer.children(recursive=True)
                if reason := self._broken(inside, time.monotonic() - start):
                    self.reason = reason
                    outer.kill()  # bwrap's end is that of all inside
                    return

    def _broken(self, inside: list[psutil.Process], seconds: float) -> str:
        """Return which limit is broken, if any."""
        if seconds > self.seconds:
            return N_("The notebook took too long in all.")
        if len(inside) > self.processes:
            return N_("The code started too many processes.")
        used = 0
        for process in inside:
            with suppress(psutil.NoSuchProcess):
                used += process.memory_info().rss
        if used > 2 * self.memory * MEGABYTE:
            return N_("The code took too much memory.")
        # The kernel's file and its five sockets, no more.
        found = list(Path(self._folder.name).iterdir())
        strange = [each for each in found if each.is_file() or each.is_dir()]
        if len(found) > 8 or len(strange) > 1:
            return N_("The code wrote files where it must not.")
        return ""
