"""Checks of parameters and columns that several estimators share."""

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit import _frames
from crmkit.exceptions import DataError, nearest

Floats = npt.NDArray[np.float64]


SUMMARIZE = "make customers of them first: crmkit.summarize"
SUMMARY = {"frequency", "recency", "T", "monetary_value", "n_orders", "days_since_last"}


def select_columns(X: Any, names: Sequence[str], owner: str) -> Any:
    """Pick named columns of a customers frame as float64, in this order; an array passes.

    Missing columns and text are told by name; who brings events is told how customers are made.
    """
    if type(X).__name__ == "EventLog":
        raise DataError(
            f"{owner}: one row a customer is needed, got an EventLog: {SUMMARIZE}(log)."
        )
    if not _frames.is_frame(X):
        return X
    try:
        return _frames.float_columns(X, names, owner)
    except DataError as error:
        if not SUMMARY & set(names) or SUMMARY & set(_frames.column_names(X, owner)):
            raise
        cure = f"{SUMMARIZE}(EventLog(frame, customer=..., when=..., amount=...))."
        raise DataError(f"{error} If these are events, one row a purchase: {cure}") from None


def check_finite(x: npt.NDArray[Any], names: Sequence[str], owner: str) -> None:
    """Refuse NaN and infinity, naming every column, how often and where first."""
    x = np.asarray(x, dtype=np.float64)
    if np.isfinite(x).all():
        return
    faults = []
    for name, column in zip(names, x.T, strict=True):
        for text, bad in (("NaN", np.isnan(column)), ("infinite", np.isinf(column))):
            if bad.any():
                faults.append(f"{name!r} has {bad.sum():,} {text} (first at row {bad.argmax():,})")
    if faults:
        raise DataError(f"{owner}: {'; '.join(faults)}. Drop these rows or fill them first.")


def check_choice(value: object, name: str, allowed: Iterable[str], owner: str) -> None:
    """Refuse a value that is none of the allowed words."""
    allowed = list(allowed)
    if not isinstance(value, str) or value not in allowed:
        hint = nearest(value, allowed) if isinstance(value, str) else None
        meant = "" if hint is None else f" Did you mean {hint!r}?"
        raise DataError(f"{owner}: {name} must be one of {allowed}, got {value!r}.{meant}")


def check_whole(value: object, name: str, owner: str, *, low: int) -> None:
    """Refuse anything but a whole number of at least `low`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < low:
        raise DataError(f"{owner}: {name} must be a whole number of at least {low}, got {value!r}.")


def check_real(value: object, name: str, owner: str, *, low: float, open_low: bool = False) -> None:
    """Refuse anything but a finite number of at least `low` (above it with `open_low`)."""
    number = _as_float(value)
    if not np.isfinite(number) or number < low or (open_low and number == low):
        bound = "above" if open_low else "of at least"
        got = f"{number}" if np.isinf(number) else repr(value)
        raise DataError(f"{owner}: {name} must be a finite number {bound} {low}, got {got}.")


def check_share(value: object, name: str, owner: str) -> None:
    """Refuse anything but a number between 0 and 1, both excluded."""
    number = _as_float(value)
    if not 0.0 < number < 1.0:
        raise DataError(f"{owner}: {name} must be a number between 0 and 1, got {value!r}.")


def _as_float(value: object) -> float:
    """A number as a float, infinite beyond the largest one; NaN for what is no number."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return -np.inf if value < 0 else np.inf


def generator(random_state: object, owner: str) -> np.random.Generator:
    """Source of random numbers: of a seed, of scikit-learn's RandomState, or as given."""
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(0, 2**31, size=4))
    if isinstance(random_state, np.random.Generator) or random_state is None:
        return np.random.default_rng(random_state)
    if isinstance(random_state, Integral) and int(random_state) >= 0:
        return np.random.default_rng(int(random_state))
    raise DataError(
        f"{owner}: random_state must be None, a whole number of at least 0, a RandomState or a "
        f"Generator, got {random_state!r}."
    )
