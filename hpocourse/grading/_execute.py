"""How nbgrader runs a submission here: in the sandbox, to the end, within limits."""

from __future__ import annotations

from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from traitlets import Bool

from ..languages import gettext as _
from ._sandbox import QuietKernel, SandboxedKernel, explain

OUTPUTS = {"stream", "display_data", "execute_result", "update_display_data"}
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
        self.kernel_manager_class = SandboxedKernel if self.sandbox else QuietKernel
        text = _("This cell ran longer than {seconds} s, and was interrupted.")
        self.error_on_timeout = _error(
            "CellTimeoutError", text.format(seconds=self.timeout)
        )
        self.stopped = ""  # why the kernel ended before the notebook did
        self._seen = 0

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """Run a cell; once the kernel has ended, say so in each that is left."""
        if not self.stopped:
            self._seen = 0
            try:
                cell, resources = super().preprocess_cell(cell, resources, index)
                return _without_warnings(cell), resources
            except DeadKernelError:
                self.stopped = getattr(self.km, "reason", "") or "died"
            except CellTimeoutError:  # interrupted, and still busy
                self.stopped = "deaf"
        if cell.cell_type == "code":
            error = _error("KernelStopped", explain(self.stopped))
            cell.outputs = [*cell.outputs, new_output("error", **error)]
        return cell, resources

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take a message of the kernel, but no more output than is allowed."""
        kind, content = msg["msg_type"], msg["content"]
        if kind in OUTPUTS:
            self._seen += len(str(content))
            if self._seen > LARGEST:
                return None
        if kind == "error":
            content["evalue"] = _shortened(content["evalue"])
            content["traceback"] = [_shortened(each) for each in content["traceback"]]
        return super().process_message(msg, cell, cell_index)


def _without_warnings(cell: NotebookNode) -> NotebookNode:
    """Drop what a graded cell wrote to stderr: nbgrader takes it for a failed test."""
    if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
        cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    return cell
