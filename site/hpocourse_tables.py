"""How tables of pandas are shown: without what a reader does not need, in columns."""

import re
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup
from bs4.element import Tag

__all__ = ["tidy_table"]

#: What a cell of numbers may begin with, or be; an empty cell may be either.
NUMBER = re.compile(r"[-−+±]?[\d.]|(nan|inf|none|[-–—])?$", re.IGNORECASE)


def _is_idle(table: Tag) -> bool:
    """Tell whether a table's first column only counts its rows."""
    rows = table.select("thead > tr")
    labels = [row.find("th") for row in table.select("tbody > tr")]
    if len(rows) != 1 or not labels or None in labels:
        return False
    corner, *columns = rows[0].find_all("th")
    counted = [label.get_text(strip=True) for label in labels]
    return (
        not corner.get_text(strip=True)
        and counted == [str(k) for k in range(len(counted))]
        and not all(column.get_text(strip=True).isdigit() for column in columns)
    )


def _cells(rows: Iterable[Tag]) -> Iterator[tuple[int, Tag]]:
    """Yield cells with their columns, where some take several columns or rows."""
    taken: dict[int, int] = {}  # column: how many rows more
    for row in rows:
        column = 0
        left = {place: count - 1 for place, count in taken.items() if count > 1}
        for cell in row.find_all(["td", "th"], recursive=False):
            while taken.get(column):
                column += 1
            yield column, cell
            for _ in range(int(cell.get("colspan", 1))):
                left[column] = int(cell.get("rowspan", 1)) - 1
                column += 1
        taken = {place: count for place, count in left.items() if count}


def _mark_words(table: Tag) -> None:
    """Mark the cells of columns that hold words, which begin at one line."""
    body = list(_cells(table.select("tbody > tr")))
    texts: dict[int, list[str]] = {}
    for column, cell in body:
        texts.setdefault(column, []).append(cell.get_text(strip=True))
    words = {
        column
        for column, shown in texts.items()
        if any(shown) and not any(text and NUMBER.match(text) for text in shown)
    }
    for column, cell in [*_cells(table.select("thead > tr")), *body]:
        if column in words and "colspan" not in cell.attrs:
            cell["class"] = "words"


def tidy_table(html: str) -> str:
    """Return an output of pandas as a page shows it.

    It has no column that only counts, no empty heads, and no styles of its own, which
    would hold for every table of the page; columns of words are marked.

    Parameters
    ----------
    html : str
        The output.

    Examples
    --------
    >>> tidy_table('<p>no table</p>')
    '<p>no table</p>'
    """
    if 'class="dataframe"' not in html:
        return html
    page = BeautifulSoup(html, "html.parser")
    for style in page.select("style[scoped]"):
        style.decompose()
    for table in page.select("table.dataframe"):
        if _is_idle(table):
            for row in table.select("tr"):
                row.find("th").decompose()
        for head in table.select("th"):
            if not head.get_text(strip=True):
                head.name = "td"
        _mark_words(table)
    return str(page)
