"""Measure every page of the built site with Lighthouse, as on a telephone.

The site is served on this machine, text compressed as GitHub does, and each page gets
Lighthouse's four marks on its slow network and slow processor, and how far what is seen
moves while the page loads.
Run ``python benchmarks/bench_site.py [--lighthouse PROGRAM] [--only PART]`` after
``make book``, on a machine that does nothing else: a busy one spoils the marks of
performance. A page takes a quarter of a minute. Lighthouse is a program of npm's;
without ``--lighthouse``, the one on the path is taken, or npx fetches it. It ends with
status 1 if a page misses a goal.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.pdf import find_chromium  # noqa: E402
from tools.serve import start  # noqa: E402

SITE = ROOT / "_build" / "site"
GOALS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
SHIFT = "layout shift"
GOAL_OF_SHIFT = 0.02
#: It asks search engines not to list it, which costs it their mark on purpose.
UNLISTED = "search.html"
FLAGS = "--headless=new --no-sandbox --disable-gpu --no-first-run"


def find_lighthouse():
    """Return the command of Lighthouse, or None where there is neither it nor npx."""
    if found := shutil.which("lighthouse"):
        return [found]
    return ["npx", "--yes", "lighthouse"] if shutil.which("npx") else None


def pages(site, part=""):
    """Return the addresses of a site's pages, those whose address has a part in it."""
    names = [path.relative_to(site).as_posix() for path in site.rglob("*.html")]
    # What stands for a page that is not there has nothing to be found by.
    return sorted(name for name in names if part in name and name != "404.html")


def read_report(report):
    """Return the marks of a report of Lighthouse's, and the shift of its page."""
    if error := report.get("runtimeError"):
        raise RuntimeError(f"Lighthouse: {error['message']}")
    marks = {name: report["categories"][name]["score"] for name in GOALS}
    if None in marks.values():
        raise RuntimeError(f"Lighthouse gave no mark: {marks}")
    found = {name: round(100 * mark) for name, mark in marks.items()}
    found[SHIFT] = report["audits"]["cumulative-layout-shift"]["numericValue"]
    return found


def measure(lighthouse, address):
    """Return the marks of a page and how much it moves."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "report.json")
        command = [
            *lighthouse,
            address,
            "--quiet",
            "--output=json",
            f"--output-path={target}",
            f"--only-categories={','.join(GOALS)}",
            f"--chrome-flags={FLAGS}",
        ]
        environment = os.environ | {"CHROME_PATH": find_chromium()}
        subprocess.run(command, env=environment, check=True, timeout=300)
        return read_report(json.loads(target.read_text("utf-8")))


def goals_of(page):
    """Return the goals of a page by its address."""
    unlisted = page.endswith(UNLISTED)
    return {name: goal for name, goal in GOALS.items() if name != "seo" or not unlisted}


def misses(page, found):
    """Return what a page misses of its goals."""
    told = [
        f"{name} {found[name]} (goal: {goal})"
        for name, goal in goals_of(page).items()
        if found[name] < goal
    ]
    if found[SHIFT] >= GOAL_OF_SHIFT:
        told.append(f"{SHIFT} {found[SHIFT]:.3f} (goal: below {GOAL_OF_SHIFT})")
    return told


def summary(results):
    """Return the lines to print of what was measured of each page."""
    lines = [
        f"Lighthouse, mobile, {len(results)} pages",
        f"{'':<16}worst  median  goal",
    ]
    for name, goal in GOALS.items():
        marks = [each[name] for page, each in results.items() if name in goals_of(page)]
        if marks:
            lines.append(f"{name:<16}{min(marks):>5}{median(marks):>8.0f}{goal:>6}")
    shifts = [found[SHIFT] for found in results.values()]
    lines.append(
        f"{SHIFT:<16}{max(shifts):>5.3f}{median(shifts):>8.3f}{GOAL_OF_SHIFT:>6}"
    )
    for page, found in results.items():
        if told := misses(page, found):
            lines.append(f"MISSED {page}: {', '.join(told)}")
    return lines


def main(arguments=None):
    """Print the marks; return the exit status."""
    parser = argparse.ArgumentParser(description="Measure every page of the site.")
    parser.add_argument("--lighthouse", help="the program; that on the path, or npx")
    parser.add_argument("--only", default="", help="pages with this in their address")
    options = parser.parse_args(arguments)
    lighthouse = [options.lighthouse] if options.lighthouse else find_lighthouse()
    if lighthouse is None:
        print("the site is not measured: Lighthouse takes node: https://nodejs.org")
        return 1
    results = {}
    with start(SITE) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for page in pages(SITE, options.only):
            address = f"http://127.0.0.1:{server.server_port}/{page}"
            results[page] = measure(lighthouse, address)
            print(page, *results[page].values(), file=sys.stderr, flush=True)
        server.shutdown()
    if not results:
        print(f"no page of {SITE} has {options.only!r} in its address")
        return 1
    print("\n".join(summary(results)))
    return int(any(misses(*result) for result in results.items()))


if __name__ == "__main__":
    sys.exit(main())
