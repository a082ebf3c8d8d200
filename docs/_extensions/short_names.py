"""`RFMScorer` in a text links to its page, wherever the text stands: public names are unique."""

import importlib
import pkgutil
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import crmkit


def full_names() -> dict[str, str]:
    """Short name of everything public to its full name."""
    names = {name: f"crmkit.{name}" for name in ("EventLog", "summarize")}
    for package in pkgutil.iter_modules(crmkit.__path__, "crmkit."):
        if not package.name.startswith(("crmkit._", "crmkit.cli")):
            for name in getattr(importlib.import_module(package.name), "__all__", []):
                names.setdefault(name, f"{package.name}.{name}")
    return names


FULL = full_names()


def resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> Any:
    """Try the full name of the first part of a short one."""
    first, dot, rest = node.get("reftarget", "").partition(".")
    if node.get("refdomain") != "py" or first not in FULL:
        return None
    return env.domains["py"].resolve_xref(
        env, node["refdoc"], app.builder, "obj", f"{FULL[first]}{dot}{rest}", node, content
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen to references that Sphinx cannot resolve."""
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
