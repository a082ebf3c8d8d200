"""crmkit: from customer records and purchase events to value, churn, segments and next offers.

Sub-packages load on first use, so that `import crmkit` stays light.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmkit import (
        churn,
        cleaning,
        clv,
        datasets,
        io,
        metrics,
        model_selection,
        pipelines,
        plotting,
        recommend,
        report,
        scale,
        segment,
    )
    from crmkit._show_versions import show_versions
    from crmkit.events import EventLog, summarize

__version__ = "0.1.0"

__all__ = [
    "EventLog",
    "__version__",
    "churn",
    "cleaning",
    "clv",
    "datasets",
    "io",
    "metrics",
    "model_selection",
    "pipelines",
    "plotting",
    "recommend",
    "report",
    "scale",
    "segment",
    "show_versions",
    "summarize",
]

_PACKAGES = {
    "churn",
    "cleaning",
    "clv",
    "datasets",
    "events",
    "io",
    "metrics",
    "model_selection",
    "pipelines",
    "plotting",
    "recommend",
    "report",
    "scale",
    "segment",
}
_FRONT_DOOR = {"EventLog", "summarize"}


def __getattr__(name: str) -> object:
    if name in _PACKAGES:
        return importlib.import_module(f"crmkit.{name}")
    if name in _FRONT_DOOR:
        found: object = getattr(importlib.import_module("crmkit.events"), name)
        return found
    if name == "show_versions":
        return importlib.import_module("crmkit._show_versions").show_versions
    raise AttributeError(f"module 'crmkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "events"])
