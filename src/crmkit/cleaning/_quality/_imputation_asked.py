"""What is asked of an imputer, checked before it looks at a table."""

from collections.abc import Mapping
from typing import Any

from crmkit._validation import check_choice, check_whole
from crmkit.exceptions import DataError

OWNER = "MissingValueImputer"
STRATEGIES = ("auto", "simple", "groups", "iterative", "trees", "missing")


def check_asked(asked: Mapping[str, Any]) -> None:
    """Refuse parameters that no table can make right."""
    strategy = asked["strategy"]
    strategies = list(strategy.values()) if isinstance(strategy, Mapping) else [strategy]
    for each in strategies:
        check_choice(each, "strategy", STRATEGIES, OWNER)
    for name in ("never", "by"):
        if not isinstance(asked[name], (list, tuple)):
            raise DataError(f"{OWNER}: {name} must be a list of columns, got {asked[name]!r}.")
    if "groups" in strategies and not asked["by"]:
        raise DataError(f'{OWNER}: strategy="groups" needs by=, the columns of the groups.')
    if (asked["when"] is None) != (asked["as_of"] is None):
        raise DataError(f"{OWNER}: when and as_of go together: give both, or neither.")
    check_whole(asked["max_levels"], "max_levels", OWNER, low=2)
    check_whole(asked["sample_size"], "sample_size", OWNER, low=100)
    if asked["n_jobs"] not in (None, -1):
        check_whole(asked["n_jobs"], "n_jobs (unless -1)", OWNER, low=1)
