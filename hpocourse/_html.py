"""Tables in HTML, as Jupyter shows them."""

from collections.abc import Iterable
from html import escape


def table(
    caption: str, header: tuple[str, str], rows: Iterable[tuple[str, str]]
) -> str:
    """Return a table of two columns in HTML.

    Parameters
    ----------
    caption : str
        What the table is about.
    header : tuple of str
        The titles of the columns.
    rows : iterable of tuple of str
        For each row its name and its value.

    Returns
    -------
    str
        The table.
    """
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in header)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>\n'
        for name, value in rows
    )
    return (
        f"<table>\n<caption>{escape(caption)}</caption>\n"
        f"<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{body}</tbody>\n</table>"
    )
