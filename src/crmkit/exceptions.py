"""Errors and warnings of crmkit.

All errors are also the built-in error that a caller would expect::

    CrmkitError
    ├── DataError (ValueError)        the data or a parameter is not what the model can use
    │   └── ExpectationError          the data fail what was expected of them; lists every failure
    ├── ModelFileError (ValueError)   a saved model is damaged, too new, or not to be trusted
    └── MissingExtraError (ImportError)  an optional package is not installed
    CrmkitWarning (UserWarning)
    ├── DataWarning                   rows were dropped or values look wrong; says how many
    └── ConvergenceWarning            a fit ended early or at a boundary; says what it means

Every text says what, where, what was got, and what to do.
"""

import difflib
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = [
    "ConvergenceWarning",
    "CrmkitError",
    "CrmkitWarning",
    "DataError",
    "DataWarning",
    "ExpectationError",
    "MissingExtraError",
    "ModelFileError",
]


class CrmkitError(Exception):
    """Base of every error that crmkit raises on purpose."""


class DataError(CrmkitError, ValueError):
    """The data or a parameter cannot be used as it is."""

    @classmethod
    def missing_column(
        cls, owner: str, wanted: str, columns: Iterable[str], parameter: str | None = None
    ) -> "DataError":
        """Name the missing column, the nearest existing one and all columns there are."""
        columns = list(columns)
        hint = nearest(wanted, columns)
        if hint is None:
            meant = "" if parameter is None else f" Name it with {parameter}=."
        else:
            meant = f" Did you mean {f'{parameter}=' if parameter else ''}{hint!r}?"
        shown = columns if len(columns) <= 30 else [*columns[:30], "..."]
        return cls(f"{owner}: column {wanted!r} not found.{meant} Columns: {shown}.")


class ExpectationError(DataError):
    """Data fail what was expected of them: the text lists every failure.

    Parameters
    ----------
    message : str
        All failures, one a line.
    result : frame, default=None
        What `crmkit.cleaning.Expectations.result` gives: one row an expectation.
    """

    def __init__(self, message: str, result: object = None) -> None:
        super().__init__(message)
        self.result = result


class ModelFileError(CrmkitError, ValueError):
    """A file of a model is damaged, of another kind, too new, or holds what nobody vouched for."""


class MissingExtraError(CrmkitError, ImportError):
    """An optional package is needed and not installed."""


class CrmkitWarning(UserWarning):
    """Base of every warning that crmkit gives."""


class DataWarning(CrmkitWarning):
    """Rows were dropped or values look wrong: the text counts them."""


class ConvergenceWarning(CrmkitWarning):
    """A fit ended early or at a boundary: the text says what that means."""


def nearest(wanted: str, names: Iterable[str]) -> str | None:
    """Return the name most like `wanted`, whatever its case, or None when nothing is near."""
    by_key = {_key(str(name)): str(name) for name in names}
    found = difflib.get_close_matches(_key(wanted), by_key, n=1, cutoff=0.6)
    return by_key[found[0]] if found else None


def _key(name: str) -> str:
    return name.lower().replace("_", "").replace(" ", "")


_muted: ContextVar[tuple[str, ...]] = ContextVar("muted", default=())


@contextmanager
def muted(pattern: str) -> Iterator[None]:
    """Leave out warnings whose text begins like this, in this thread alone.

    The filters of `warnings` belong to all threads: what one of them changes for a moment, another
    may see or undo.
    """
    token = _muted.set((*_muted.get(), pattern))
    try:
        yield
    finally:
        _muted.reset(token)


def warn_user(message: str, category: type[Warning]) -> None:
    """Warn at the line outside crmkit and scikit-learn that led here, however deep the call is."""
    if any(re.match(pattern, message) for pattern in _muted.get()):
        return
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in ("crmkit", "functools", "sklearn")
