"""Covariates of a model: checked, standardised for the search, told in the user's unit.

An effect g of a covariate z enters as ln scale_i = ln scale - g z. The search looks at
(z - mean) / sd, which makes all effects alike in size and hardly correlated with the scale; being
linear, what it finds translates exactly: g / sd per unit of z, and ln scale + g mean / sd at z = 0.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from crmkit._validation import Floats, check_finite, select_columns
from crmkit.clv._distinct import Distinct
from crmkit.exceptions import DataError

_FAR = 100.0  # standard deviations between 0 and the mean of a covariate


def covariate_names(covariates: object, taken: Sequence[str], owner: str) -> tuple[str, ...]:
    """Names of the covariates as given, none for None; anything but names is refused."""
    if covariates is None:
        return ()
    cure = 'Pass a list of names, such as covariates=["age"], or None.'
    if isinstance(covariates, str) or not isinstance(covariates, Sequence):
        raise DataError(
            f"{owner}: covariates must be a list of columns, got {covariates!r}. {cure}"
        )
    names = tuple(covariates)
    if not names or not all(isinstance(name, str) for name in names):
        raise DataError(
            f"{owner}: covariates must be a list of columns, got {covariates!r}. {cure}"
        )
    bad = [name for i, name in enumerate(names) if name in taken or name in names[:i]]
    if bad:
        raise DataError(
            f"{owner}: covariates {bad} are named twice or read by the model already. {cure}"
        )
    return names


def given(covariates: Any, names: Sequence[str], n: int, owner: str) -> Floats:
    """Covariates of n customers to invent: a matrix of shape (n, n_covariates)."""
    if not names:
        return np.empty((n, 0))
    if covariates is None:
        raise DataError(
            f"{owner}: simulate needs the covariates {list(names)} of the customers to invent: "
            "pass covariates=frame with a row for each age."
        )
    z = np.asarray(select_columns(covariates, names, owner), dtype=np.float64)
    if z.shape != (n, len(names)):
        raise DataError(
            f"{owner}: covariates must have a row for each of the {n:,} ages and the columns "
            f"{list(names)}, got shape {z.shape}."
        )
    check_finite(z, names, owner)
    return z


def location(data: Distinct, first: int, names: Sequence[str], owner: str) -> tuple[Floats, Floats]:
    """Means and standard deviations of the columns from `first` on; constants are refused."""
    z = np.column_stack(data.columns[first:])
    share = data.weight / data.total
    mean = share @ z
    sd = np.sqrt(share @ (z - mean) ** 2)
    constant = [n for n, s, m in zip(names, sd, mean, strict=True) if s <= 1e-12 * abs(m)]
    if constant:
        raise DataError(
            f"{owner}: covariates {constant} have one value only, so their effect cannot be told. "
            "Leave them out."
        )
    far = [n for n, s, m in zip(names, sd, mean, strict=True) if abs(m) > _FAR * s]
    if far:
        raise DataError(
            f"{owner}: covariates {far} lie more than {_FAR:.0f} standard deviations from 0, where "
            "alpha and beta would be told. Subtract a typical value first, such as year - 2020."
        )
    return mean, sd


def standardised(data: Distinct, first: int, mean: Floats, sd: Floats) -> Distinct:
    """The same rows with standardised covariates from column `first` on."""
    z = [(column - m) / s for column, m, s in zip(data.columns[first:], mean, sd, strict=True)]
    return Distinct((*data.columns[:first], *z), data.weight)


def translation(n_parameters: int, scales: Sequence[int], mean: Floats, sd: Floats) -> Floats:
    """Matrix from the point of the search to the user's unit.

    The effects on the logarithms at `scales` follow the other parameters, scale by scale.
    """
    matrix = np.eye(n_parameters)
    first = n_parameters - len(scales) * len(mean)
    for scale in scales:
        effects = np.arange(first, first + len(mean))
        matrix[effects, effects] = 1.0 / sd
        matrix[scale, effects] = mean / sd
        first += len(mean)
    return matrix


def translated(covariance: Floats, matrix: Floats) -> Floats:
    """Covariance of the translated point; what is unknown of a parameter stays unknown."""
    loose = np.isnan(np.diag(covariance))
    out = matrix @ np.nan_to_num(covariance) @ matrix.T
    touched = np.abs(matrix) @ loose > 0
    out[touched, :] = out[:, touched] = np.nan
    return np.asarray(out)
