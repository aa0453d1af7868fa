"""The workflows depend on nothing that changes by itself, and leave no Python out."""

import re

import pytest
import yaml

from tools.notebooks import ROOT

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(path.name for path in FOLDER.glob("*.yml"))
# The first major versions that run on Node 24; GitHub's machines have no Node 20.
NODE_24 = {
    "actions/checkout": 5,
    "actions/setup-python": 6,
    "actions/upload-pages-artifact": 5,
    "actions/deploy-pages": 5,
}
# Commands with Chromium or the sandbox of grading, which Ubuntu keeps from working.
SANDBOXED = re.compile(r"\bmake (?:.*\bpdf\b|lowest)|\bpytest\b.*tests/hpocourse")
LIFTED = "sysctl --ignore kernel.apparmor_restrict_unprivileged_userns=0"


def faults(text):
    """Yield what of a workflow will end to work without anybody changing it."""
    workflow = yaml.safe_load(text)
    for name, job in workflow["jobs"].items():
        if not re.fullmatch(r"ubuntu-\d\d\.\d\d", job["runs-on"]):
            yield f"{name}: runs on {job['runs-on']}"
        if "timeout-minutes" not in job:
            yield f"{name}: has no time limit"
        lifted = False
        for step in job["steps"]:
            action, _, version = step.get("uses", "").partition("@v")
            if action and int(version or 0) < NODE_24.get(action, 0):
                yield f"{name}: {step['uses']} needs Node 20"
            if action and action not in NODE_24:
                yield f"{name}: {step['uses']} is not known here"
            lifted |= LIFTED in step.get("run", "")
            if SANDBOXED.search(step.get("run", "")) and not lifted:
                yield f"{name}: {step['run']!r} before the sandbox is let"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow_depends_on_nothing_that_changes_by_itself(name):
    assert list(faults((FOLDER / name).read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("runs-on: ubuntu-24.04", "runs-on: ubuntu-latest", "runs on ubuntu-latest"),
        ("checkout@v7", "checkout@v4", "checkout@v4 needs Node 20"),
        ("setup-python@v7", "setup-python@v5", "setup-python@v5 needs Node 20"),
        ("actions/checkout@v7", "someone/checkout@v7", "is not known here"),
        (f"      - run: sudo {LIFTED}\n", "", "'make offline pdf epub' before"),
        ("    timeout-minutes: 30\n", "", "has no time limit"),
    ],
)
def test_a_workflow_that_does_is_found(good, bad, said):
    text = (FOLDER / "release.yml").read_text("utf-8")
    assert good in text
    assert any(said in fault for fault in faults(text.replace(good, bad)))


def pythons(job):
    return set(job["strategy"]["matrix"]["python-version"])


def test_each_python_that_is_promised_is_tried():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    promised = set(re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text))
    test, weekly = (
        yaml.safe_load((FOLDER / name).read_text("utf-8"))["jobs"]
        for name in ("test.yml", "weekly.yml")
    )
    assert pythons(test["package"]) == promised
    # The job `course` is the README's commands on the oldest one, at each push.
    assert pythons(weekly["pythons"]) | {"3.11"} == promised


def test_a_pull_request_meets_lists_of_colab_that_never_change():
    text = (FOLDER / "test.yml").read_text("utf-8")
    (script,) = [
        step["run"]
        for step in yaml.safe_load(text)["jobs"]["course"]["steps"]
        if "backend-info" in step.get("run", "")
    ]
    assert len(re.findall(r"\b[0-9a-f]{40}\b", script)) == 2
    assert "main" not in script
