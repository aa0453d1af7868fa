"""Check the book: ``python -m tools.checks [NOTEBOOK …]``."""

import argparse
import sys
from pathlib import Path

from tools.checks import check_book, load_pages
from tools.checks.budget import share


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the status is 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.checks", description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: the book's")
    options = parser.parse_args(arguments)
    for path in options.notebooks:
        if not path.is_file():
            parser.error(f"no such notebook: {path}")
    problems = check_book(only=options.notebooks or None)
    for problem in problems:
        print(problem)
    pages, _ = load_pages()
    ignored, total = share(pages)
    print(
        f"{len(problems)} problems; {ignored} of {total} code cells "
        f"({ignored / max(total, 1):.1%}) have outputs that are not compared"
    )
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
