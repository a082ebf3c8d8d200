"""Refit: a fit that is refused leaves what was fitted before as it stood."""

from collections.abc import Iterator
from contextlib import contextmanager

from sklearn.base import BaseEstimator


@contextmanager
def kept_if_refused(model: BaseEstimator) -> Iterator[None]:
    """Give a model back the attributes it had where the block raises."""
    before = dict(vars(model))
    try:
        yield
    except BaseException:
        vars(model).clear()
        vars(model).update(before)
        raise
