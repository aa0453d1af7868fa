"""What a module of hpocourse offers, from its docstrings.

The directive ``package`` describes it, on the module's page ``api-MODULE``;
``names`` lists it on the overview of all modules. Docstrings are in English, and
marked as such.
"""

import html
from functools import cached_property
from itertools import groupby
from typing import Any

import griffe
import hpocourse_source as source
from docutils import nodes
from docutils.parsers.rst import Parser
from docutils.utils import new_document
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

__all__ = ["Names", "Package", "setup"]

# Headings of numpydoc, by what griffe calls a section.
HEADINGS = {
    "parameters": "Parameters",
    "attributes": "Attributes",
    "returns": "Returns",
    "yields": "Yields",
    "raises": "Raises",
    "warns": "Warns",
    "examples": "Examples",
}


class _Described(SphinxDirective):
    """What the directives have in common: a module, and links to what it offers."""

    required_arguments = 1

    @property
    def module(self) -> str:
        """The module, once it is sure that there is one."""
        module: str = self.arguments[0]
        if module not in source.public_modules():
            raise self.error(f"{source.NAME} has no public module {module!r}")
        for path in source.sources():
            self.env.note_dependency(str(path))
        return module

    def link(self, name: str, module: str, text: str = "") -> nodes.reference:
        """Return a link to the place that describes a name of a module."""
        folder = self.env.docname.rpartition("/")[0]
        page = "/".join(filter(None, [folder, f"api-{module.replace('.', '-')}"]))
        at = {"refid": name}
        if page != self.env.docname:
            builder = self.env.app.builder
            at = {
                "refuri": f"{builder.get_relative_uri(self.env.docname, page)}#{name}"
            }
        literal = nodes.literal(text or name, text or name)
        return nodes.reference("", "", literal, internal=True, **at)

    def rst(self, text: str) -> list[nodes.Node]:
        """Return reStructuredText; names of the package become links."""
        document = new_document("docstring", self.state.document.settings)
        Parser().parse(text, document)
        for node in list(document.findall(addnodes.pending_xref)):
            shown = node.astext().rstrip("()")
            found = self.find(node["reftarget"])
            node.replace_self(
                self.link(*found, shown) if found else nodes.literal(shown, shown)
            )
        return document.children

    @cached_property
    def places(self) -> dict[str, str]:
        """The module that offers a name, by the name."""
        return {
            each: name
            for name, names in source.public_names().items()
            for each in names
        }

    def find(self, name: str) -> tuple[str, str] | None:
        """Return the full name, and the module, of what a docstring mentions."""
        name = name.removeprefix("~").removeprefix(f"{source.NAME}.")
        ends = (each for each in sorted(self.places) if each.endswith(f".{name}"))
        found = name if name in self.places else next(ends, None)
        return (found, self.places[found]) if found else None


class Names(_Described):
    """The names that a module offers, each with what it is: ``{names} datasets``."""

    def run(self) -> list[nodes.Node]:
        """Return a list in which every name has the address that it once had."""
        module = self.module
        listed = nodes.definition_list(classes=["names", "language-en"])
        for name, item in source.items(module).items():
            about = nodes.definition("", *self.rst(source.first_sentence(item)))
            members = nodes.paragraph(classes=["members"])
            for member in source.members(item):
                each = f"{name}.{member}"
                members += nodes.inline("", "", self.link(each, module), ids=[each])
                members += nodes.Text(" ")
            if members.children:
                about += members
            term = nodes.term("", "", self.link(name, module), ids=[name])
            listed += nodes.definition_list_item("", term, about)
        return [listed]


class Package(_Described):
    """Everything that one module offers: ``{package} datasets``."""

    def run(self) -> list[nodes.Node]:
        """Return the module's docstring, and a section for each public name."""
        module = self.module
        about = nodes.container(classes=["language-en"])
        about += self.docstring(source.package()[module].docstring)
        sections = [
            self.item(name, item, classes=["api", "language-en"])
            for name, item in source.items(module).items()
        ]
        return [about, *sections]

    def item(self, name: str, item: griffe.Object, **attributes: Any) -> nodes.section:
        """Return the section of a class, a function or a value, or of a method."""
        section = nodes.section(ids=[name], names=[name.lower()], **attributes)
        title = item.name
        section += nodes.title("", "", nodes.literal(title, title))
        if signature := source.signature(name, item):
            line = nodes.literal(signature, signature)
            section += nodes.paragraph("", "", line, classes=["signature"])
        section += self.docstring(item.docstring) or self.rst(source.comment(item))
        for member, each in source.members(item).items():
            section += self.item(f"{name}.{member}", each)
        return section

    def docstring(self, docstring: griffe.Docstring | None) -> list[nodes.Node]:
        """Return a docstring, its numpydoc sections with headings."""
        found: list[nodes.Node] = []
        for part in docstring.parsed if docstring else []:
            kind = part.kind.value
            if heading := HEADINGS.get(kind):
                found.append(nodes.rubric(heading, heading))
            if kind == "text":
                found += self.rst(part.value)
            elif kind == "admonition":
                found.append(nodes.rubric(part.title, part.title))
                found += self.rst(part.value.description)
            elif kind == "examples":
                for what, text in part.value:
                    found += (
                        self.rst(text)
                        if what.value == "text"
                        else [nodes.doctest_block(text, text)]
                    )
            else:
                found.append(self.definitions(part.value))
        return found

    def definitions(self, values: list[Any]) -> nodes.definition_list:
        """Return parameters, or what is returned or raised, as a list."""
        listed = nodes.definition_list()
        for description, group in groupby(values, key=lambda each: each.description):
            same = list(group)
            names = ", ".join(each.name for each in same if getattr(each, "name", ""))
            kind = source.kind_of(same[0].annotation)
            term = nodes.term()
            if names:
                term += nodes.literal(names, names)
            if names and kind:
                term += nodes.Text(" : ")
            if kind:
                # Raw, so that quotes of code do not become those of a language.
                shown = nodes.raw("", html.escape(kind, quote=False), format="html")
                term += nodes.inline("", "", shown, classes=["kind"])
            listed += nodes.definition_list_item(
                "", term, nodes.definition("", *self.rst(description))
            )
        return listed


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        The extension's metadata.
    """
    app.add_directive("names", Names)
    app.add_directive("package", Package)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
