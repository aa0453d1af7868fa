"""What the checks look at, and what they report."""

from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tools.exercises import FOLDER
from tools.notebooks import ROOT, code_cells, code_hash, folder_of, label, read

__all__ = ["Page", "Problem"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a notebook.

    Attributes
    ----------
    notebook : str
        The path of the notebook, from the root.
    cell : str
        The id of the cell; empty where the problem is the whole notebook's.
    message : str
        What is wrong, the value seen, and what to do.
    """

    notebook: str
    cell: str
    message: str

    def __str__(self) -> str:
        """Return the line that is printed: notebook, cell and what is wrong."""
        where = f": cell {self.cell}" if self.cell else ""
        return f"{self.notebook}{where}: {self.message}"


@dataclass
class Page:
    """A notebook of the book.

    Attributes
    ----------
    name : str
        The path of the notebook, from the root.
    language : str
        The folder of its language.
    slug : str
        What the notebook is called in every language.
    notebook : NotebookNode
        Its content.
    text : str
        The text of its file.
    root : Path
        The folder that holds ``book/``.
    """

    name: str
    language: str
    slug: str
    notebook: NotebookNode
    text: str = ""
    root: Path = ROOT

    @classmethod
    def load(cls, path: Path, root: Path = ROOT) -> "Page":
        """Read a page from its file."""
        notebook = read(path, root)
        language = folder_of(path)
        parts = path.resolve().with_suffix("").parts
        last = len(parts) - 1 - parts[::-1].index(language)
        slug = "/".join(parts[last + 1 :])
        text = path.read_text("utf-8")
        return cls(label(path, root), language, slug, notebook, text, root)

    @property
    def is_exercise(self) -> bool:
        """Whether the notebook holds exercises, which have rules of their own."""
        return self.slug.startswith(f"{FOLDER}/")

    @property
    def is_fresh(self) -> bool:
        """Whether the stored outputs are those of the code as it stands."""
        executed = self.notebook.metadata.get("hpocourse", {}).get("executed")
        return executed == code_hash(self.notebook) or not code_cells(self.notebook)

    def problem(self, cell: NotebookNode | None, message: str) -> Problem:
        """Return a problem of this page, or of one of its cells."""
        return Problem(self.name, "" if cell is None else cell.get("id", "?"), message)
