"""The reference lists every public name, and nothing else."""

import importlib
import re
from pathlib import Path

import crmkit

PACKAGES = [
    "churn",
    "cleaning",
    "clv",
    "datasets",
    "exceptions",
    "metrics",
    "model_selection",
    "pipelines",
    "plotting",
    "recommend",
    "report",
    "scale",
    "segment",
]
ENTRY = re.compile(r"^\.\. (?:current)?module:: (\S+)|^   ([A-Za-z_]\w*)$", re.MULTILINE)


def listed():
    """Full names in the tables of the reference."""
    names = []
    for page in sorted((Path(__file__).parent / "api").glob("[!i]*.rst")):
        module = ""
        for found in ENTRY.finditer(page.read_text("utf-8")):
            module = found[1] or module
            if found[2]:
                names.append(f"{module}.{found[2]}")
    return names


def public():
    """Full names in the `__all__` of every package."""
    names = {"crmkit.EventLog", "crmkit.summarize", "crmkit.events.EventReport"}
    names.add("crmkit.show_versions")
    for package in PACKAGES:
        module = importlib.import_module(f"crmkit.{package}")
        names |= {f"crmkit.{package}.{name}" for name in module.__all__}
    return names


def test_every_public_name_is_listed_once():
    assert sorted(listed()) == sorted(public())


def test_every_public_package_is_looked_at():
    folder = Path(crmkit.__file__).parent
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    elsewhere = {"events", "cli"}  # beside the front door; a page of its own
    assert {p for p in packages if not p.startswith("_")} - elsewhere <= set(PACKAGES)
