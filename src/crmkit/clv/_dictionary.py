"""A fitted model as plain numbers and text, and back: for JSON, and for published estimates."""

from numbers import Real
from typing import Any, TypeVar

import numpy as np

from crmkit._validation import Floats
from crmkit.exceptions import DataError

Model = TypeVar("Model")


def to_plain(model: Any) -> dict[str, Any]:
    """Class, parameters and fitted attributes; what is not known (NaN) is None."""
    fitted = {name: _plain(value) for name, value in vars(model).items() if name.endswith("_")}
    init = {name: _plain(value) for name, value in model.get_params().items()}
    return {"model": type(model).__name__, "init": init, "fitted": fitted}


def from_plain(cls: type[Model], state: Any) -> Model:
    """Rebuild a fitted model of this class; refuse what cannot be one."""
    owner = cls.__name__
    if isinstance(state, dict) and state.get("model", owner) != owner:
        kind = state["model"]
        raise DataError(f"{owner}: the dictionary is of a {kind}: use {kind}.from_dict.")
    parts = state if isinstance(state, dict) else {"fitted": None}
    init, fitted = parts.get("init", {}), parts.get("fitted", {})
    if not isinstance(init, dict) or not isinstance(fitted, dict):
        raise DataError(
            f"{owner}: expected a dictionary of to_dict, or {{'fitted': {{'params_': {{...}}}}}}, "
            f"got {str(state)[:200]}."
        )
    try:
        built = cls(**init)
    except TypeError as error:
        raise DataError(f"{owner}: {error}. Was the dictionary made by another version?") from None
    model: Any = built
    foreign = [name for name in fitted if not name.endswith("_") or name.startswith("_")]
    if foreign:
        raise DataError(
            f"{owner}: {', '.join(foreign)} are no fitted attributes: each ends in '_'."
        )
    names = model._parameter_names()
    params = _checked(fitted.get("params_", {}), names, model._lower(), owner)
    model.n_features_in_ = len(model._column_names())
    model.feature_names_in_ = np.asarray(model._column_names(), dtype=object)
    for name, value in fitted.items():
        kept = np.asarray(value, dtype=object if name == "feature_names_in_" else None)
        setattr(model, name, kept if isinstance(value, list) else value)
    model.params_ = params
    model.covariance_ = _covariance(fitted.get("covariance_"), len(names), owner)
    return built


def _checked(params: Any, names: tuple[str, ...], lower: Floats, owner: str) -> dict[str, float]:
    """The parameters in the order of the model, whatever the order they came in."""
    right = isinstance(params, dict) and set(params) == set(names)
    if not right or not all(
        isinstance(params[name], Real) and np.isfinite(params[name]) and params[name] > low
        for name, low in zip(names, lower, strict=True)
    ):
        raise DataError(
            f"{owner}: params_ must hold {', '.join(names)}, numbers, each above "
            f"{lower.tolist()}, got {params!r}."
        )
    return {name: float(params[name]) for name in names}


def _covariance(value: Any, n: int, owner: str) -> Floats:
    if value is None:
        return np.full((n, n), np.nan)
    try:
        covariance = np.asarray(value, dtype=np.float64)  # None becomes NaN
    except (TypeError, ValueError):
        covariance = np.empty(0)
    if covariance.shape != (n, n):
        raise DataError(
            f"{owner}: covariance_ must be a table of {n} x {n} numbers, got {value!r}."
        )
    return covariance


def _plain(value: Any) -> Any:
    """Numbers of Python, lists and None for NaN."""
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and np.isnan(value):
        return None
    return value
