"""Reference pages show what crmkit wrote, not what its classes inherit from other libraries."""

import inspect
from typing import Any

from sphinx.application import Sphinx


def is_foreign(what: str, member: Any) -> bool:
    """Whether a member of a class was written outside crmkit."""
    if what != "class":
        return False
    function = getattr(member, "fget", None) or getattr(member, "func", None) or member
    module = getattr(inspect.unwrap(function), "__module__", None) or "crmkit"
    return module.partition(".")[0] != "crmkit"


def skip(app: Sphinx, what: str, name: str, member: Any, skipped: bool, options: Any) -> bool:
    """Leave out private and foreign members, and those that autodoc leaves out."""
    return skipped or name.startswith("_") or is_foreign(what, member)


def signature(app: Sphinx, what: str, name: str, obj: Any, options: Any, args: str, to: str) -> Any:
    """Write a default that is made anew each time as dots."""
    return args and args.replace("<factory>", "..."), to


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen to autodoc."""
    app.connect("autodoc-skip-member", skip)
    app.connect("autodoc-process-signature", signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
