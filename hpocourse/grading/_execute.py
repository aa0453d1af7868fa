"""How nbgrader runs a submission here: in the sandbox, to the end, within limits."""

from __future__ import annotations

from subprocess import DEVNULL
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from traitlets import Bool

from ..languages import N_
from ..languages import gettext as _
from ..languages import gettext as translate
from ._sandbox import SandboxedKernel

OUTPUTS = {"stream", "display_data", "execute_result", "update_display_data"}
ENDED = N_("The code ended Python itself, or a crash did.")
DEAF = N_("The code took too long, and did not stop when interrupted.")
LARGEST = 200_000  # characters of a cell's outputs
LONGEST = 2000  # characters of one line of a traceback


def _error(name: str, text: str) -> dict[str, Any]:
    return {"ename": name, "evalue": text, "traceback": [text]}


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class SafeExecute(Execute):
    """Runs a notebook; what it does to its kernel ends it, and not the class's run."""

    sandbox = Bool(True, help="whether to run in the sandbox").tag(config=True)
    shutdown_kernel = "immediate"
    startup_timeout = 300  # seconds; a machine that grades a class may be busy

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.sandbox:
            self.kernel_manager_class = SandboxedKernel
        text = _("This cell ran longer than {seconds} s, and was interrupted.")
        self.error_on_timeout = _error(
            "CellTimeoutError", text.format(seconds=self.timeout)
        )
        self.stopped = ""  # why the kernel ended before the notebook did
        self._seen = 0

    def start_new_kernel(self, **kwargs: Any) -> None:
        """Start a kernel that cannot write to the instructor's terminal."""
        super().start_new_kernel(stdout=DEVNULL, stderr=DEVNULL, **kwargs)

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """Run a cell; once the kernel has ended, say so in each that is left."""
        if not self.stopped:
            self._seen = 0
            try:
                return super().preprocess_cell(cell, resources, index)
            except DeadKernelError:
                self.stopped = getattr(self.km, "reason", "") or ENDED
            except CellTimeoutError:  # interrupted, and still busy
                self.stopped = DEAF
        if cell.cell_type == "code":
            error = _error("KernelStopped", translate(self.stopped))
            cell.outputs = [*cell.outputs, new_output("error", **error)]
        return cell, resources

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take a message of the kernel, but no more output than is allowed."""
        kind, content = msg["msg_type"], msg["content"]
        if content.get("name") == "stderr" and is_grade(cell):
            return None  # a warning, which nbgrader takes for a failed test
        if kind in OUTPUTS:
            self._seen += len(str(content))
            if self._seen > LARGEST:
                return None
        if kind == "error":
            content["evalue"] = _shortened(content["evalue"])
            content["traceback"] = [_shortened(each) for each in content["traceback"]]
        return super().process_message(msg, cell, cell_index)
