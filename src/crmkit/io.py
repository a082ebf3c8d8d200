"""Save fitted models and load them again, without pickle.

A file is a zip of a manifest, which is JSON to read, and of the model as skops keeps it: arrays and
the names of types, no code. Loading builds nothing of a type that nobody vouched for.
"""

import inspect
import json
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from crmkit import _frames, _optional
from crmkit._model_file import (
    Manifest,
    read_manifest_of,
    read_model_file,
    write_model_file,
    write_whole,
)
from crmkit._model_state import check_state
from crmkit._model_types import check_sound, check_types, parts_of
from crmkit.events import EventLog
from crmkit.exceptions import DataError, DataWarning, ModelFileError, warn_user

__all__ = ["load", "read_manifest", "save", "to_onnx"]

LIBRARIES = ("crmkit", "numpy", "scipy", "pandas", "scikit-learn", "lightgbm", "narwhals", "skops")
MATTER = ("scikit-learn", "lightgbm")  # those whose state lies in a file
LONGEST = 300  # characters of a parameter in the manifest


def save(
    model: Any,
    path: str | Path,
    *,
    data: Any = None,
    note: str = "",
    card: Mapping[str, Any] | None = None,
    customers: bool = False,
    trusted: Iterable[str] = (),
) -> Path:
    """Save a fitted model: an estimator in, the path of its file out.

    Use it to fit once and score in a service or every night. The file is written beside its place
    and then moved there, so that a reader sees the old model or the new one, never half of one. It
    may be read by whoever might read the file that was there; a link is replaced, not followed.

    Most models hold no data of customers. Recommenders, profiles and matchers do, because they
    answer for customers they know: these are refused until you say `customers=True`, and the file
    is then personal data, to be kept as such. For a service save ``model.without_customers()`` of a
    recommender or of `CustomerValuePipeline`, which holds nobody.

    Parameters
    ----------
    model : estimator
        Any fitted estimator of crmkit, or one of scikit-learn's with such inside.
    path : str or Path
        File to write; its folder must exist. ".crmkit" is a good ending.
    data : EventLog or dataframe, default=None
        What the model was fitted on: its rows, columns, span and SHA-256 go into the manifest,
        none of its values do.
    note : str, default=""
        Anything to remember, such as who fitted the model for what.
    card : mapping, default=None
        What a reader of the model should know, as JSON can say it: how it was evaluated beside
        which baselines, what it is for, what it must not be used for. Name no customer in it.
    customers : bool, default=False
        Whether data of single customers may be in the file.
    trusted : iterable of str, default=()
        Full names of further types that may be in the model, such as "firm.models.Scorer"; `load`
        must be told the same.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DataError
        If the model is not fitted, holds customers that it may not, `data` is no log or frame, or
        JSON cannot say `card`.
    ModelFileError
        If the model holds types that `load` would refuse, the folder is not there, or `path` is
        one.
    MissingExtraError
        If skops is not installed.

    Examples
    --------
    >>> import crmkit as ck
    >>> from crmkit.clv import BetaGeoModel
    >>> from crmkit.datasets import make_customers
    >>> log = ck.EventLog(make_customers(200, random_state=0).events)
    >>> model = BetaGeoModel().fit(ck.summarize(log, unit="W"))
    >>> folder = getfixture("tmp_path")
    >>> path = ck.io.save(model, folder / "buyers.crmkit", data=log, note="weekly")
    >>> ck.io.load(path)
    BetaGeoModel()
    >>> ck.io.read_manifest(path)["data"]["customers"]
    200
    """
    owner = "save"
    skops = _optional.require("skops.io", extra="service", purpose="crmkit.io.save")
    _check_fitted(model, owner)
    held = _holders(model)
    if held and not customers:
        cure = "Pass"
        if hasattr(model, "without_customers"):
            cure = (
                "Save model.without_customers(), which serves whoever comes with his purchases, or "
                "pass"
            )
        raise DataError(
            f"save: {', '.join(held)} holds data of single customers, which it needs to answer for "
            f"them. {cure} customers=True if the file may hold it: it is then personal data."
        )
    target = Path(path)
    _check_folder(target, owner)
    written = skops.dumps(model)
    types = skops.get_untrusted_types(data=written)
    check_types(types, trusted, type(model).__name__, owner)
    manifest = {
        "model": f"{type(model).__module__}.{type(model).__qualname__}",
        "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "note": str(note),
        "card": _card(card, owner),
        "parameters": _parameters(model),
        "learnt": _learnt(model),
        "data": None if data is None else _described(data, owner),
        "customers": held,
        "types": sorted(types),
        "versions": _versions(),
    }
    write_model_file(target, manifest, written)
    return target


def load(path: str | Path, *, trusted: Iterable[str] = ()) -> Any:
    """Load a saved model: the path of a file in, the fitted estimator out.

    No code of a file runs, and before anything is built it is checked for what makes much of
    little, and for numbers that compiled code would follow out of its arrays. A file may take some
    hundred times its size of memory, so that whoever may write it is still to be chosen with care:
    what it says is what is answered.

    Parameters
    ----------
    path : str or Path
        File of `save`.
    trusted : iterable of str, default=()
        Full names of types to build beside those of crmkit, scikit-learn, scipy and numpy. Only
        for files of people you trust: to build a type runs its code.

    Returns
    -------
    estimator
        The model, which predicts what it predicted when it was saved. Parameters that crmkit did
        not have yet when it was saved have their defaults.

    Raises
    ------
    ModelFileError
        If the file is damaged, no model, of a newer format, holds types that nobody vouched for
        (nothing was built of it then), or customers that its manifest does not tell of.
    MissingExtraError
        If skops is not installed.

    Warns
    -----
    DataWarning
        If another scikit-learn or lightgbm saved the model, whose predictions may then differ.
    """
    owner, file = "load", Path(path)
    skops = _optional.require("skops.io", extra="service", purpose="crmkit.io.load")
    manifest, written, most = read_model_file(file, owner)
    where = repr(str(file))
    trusted = list(trusted)
    check_state(written, most, where, owner)
    try:
        types = skops.get_untrusted_types(data=written)
        check_types(types, trusted, where, owner)
        model = skops.loads(written, trusted=types)
    except ModelFileError:
        raise
    except Exception as error:  # whatever a forged file makes skops stumble over
        raise ModelFileError(
            f"load: {where} cannot be read: {type(error).__name__}: {error}. It was saved by "
            f"{_told(manifest)}."
        ) from error
    check_sound(model, where, owner)
    _check_claim(model, manifest, where)
    _give_defaults(model)
    _tell_of_other_versions(manifest, where)
    return model


def read_manifest(path: str | Path) -> Manifest:
    """Tell what a file holds without loading the model: the path of a file in, a dict out.

    Parameters
    ----------
    path : str or Path
        File of `save`.

    Returns
    -------
    dict
        "model", "saved_at", "note", "card", "parameters", "learnt" (columns and cut-off), "data"
        (rows, columns, span and SHA-256 of what it was fitted on, if that was given), "customers"
        (parts that hold data of single customers), "types", "versions", "format", "bytes" and
        "sha256".

    Raises
    ------
    ModelFileError
        If the file is damaged, no model, or of a newer format.
    """
    return read_manifest_of(Path(path), "read_manifest")


def to_onnx(model: Any, path: str | Path) -> Path:
    """Write a classifier as ONNX: a fitted `ChurnClassifier` in, the path of a file out.

    Use it to score where there is no Python: in a database, in Java, in a browser. It is offered
    where it is exact: for boosted trees over columns of numbers, with their calibration. All is in
    double precision (the operator TreeEnsemble of ai.onnx.ml 5, which onnxruntime has from 1.20
    on), so that no value falls on another side of a threshold; what is left is the order in which
    the trees are added, below 1e-12 of a probability. Within Python take `save`, which keeps
    every model.

    Parameters
    ----------
    model : ChurnClassifier
        A fitted one that chose boosted trees (``model="boosted_small"`` or "boosted_default").
    path : str or Path
        File to write; its folder must exist. ".onnx" is a good ending.

    Returns
    -------
    Path
        The file. Its input is `X`, doubles of shape (n_customers, n_columns) with NaN for what is
        missing, the columns as in the model's `features_` and in the file's metadata; its outputs
        are `log_odds` and `probability_churn`, doubles of shape (n_customers, 1).

    Raises
    ------
    DataError
        If the model is not fitted, is of another kind, chose curves, or reads words.
    ModelFileError
        If the folder is not there, or `path` is one.
    MissingExtraError
        If onnx is not installed.

    See Also
    --------
    save : Keep any model for Python.
    """
    owner = "to_onnx"
    _check_fitted(model, owner)
    make = getattr(model, "_onnx_graph", None)
    if make is None:
        raise DataError(
            f"to_onnx: a {type(model).__name__} cannot be written exactly: only boosted trees over "
            "columns of numbers can, which ChurnClassifier holds. What reads event logs, or "
            "computes with special functions, stays in Python: crmkit.io.save."
        )
    target = Path(path)
    _check_folder(target, owner)
    graph = make(owner)
    write_whole(target, lambda file: file.write(graph))
    return target


def _check_folder(target: Path, owner: str) -> None:
    if target.is_dir():
        raise ModelFileError(f"{owner}: {str(target)!r} is a folder. Name a file in it.")
    if not target.parent.is_dir():
        raise ModelFileError(f"{owner}: there is no folder {str(target.parent)!r}. Make it first.")


def _check_fitted(model: Any, owner: str) -> None:
    if not isinstance(model, BaseEstimator):
        raise DataError(
            f"{owner}: an estimator is needed, got {type(model).__name__}. Save a fitted model; "
            "tables go to Parquet."
        )
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise DataError(
            f"{owner}: this {type(model).__name__} is not fitted. Call fit first."
        ) from None


def _holders(model: Any) -> list[str]:
    """Names of the parts that hold data of single customers."""
    found = {type(each).__name__ for each in parts_of(model) if _holds(each)}
    return sorted(found)


def _holds(part: Any) -> bool:
    """Whether a part holds them; a recommender may have been rid of them."""
    asked = getattr(part, "_holds_customers", None)
    if asked is not None:
        return bool(asked())
    return any(hasattr(part, name) for name in getattr(part, "_customer_data", ()))


def _check_claim(model: Any, manifest: Manifest, where: str) -> None:
    """A file that hides whom it holds would be kept, and served, as one that holds nobody."""
    hidden = sorted(set(_holders(model)) - set(manifest.get("customers") or ()))
    if hidden:
        raise ModelFileError(
            f"load: {where} holds data of single customers ({', '.join(hidden)}), which its "
            "manifest does not tell: it is damaged or was tampered with. Save the model again."
        )


def _parameters(model: Any) -> dict[str, str]:
    told = {name: repr(value) for name, value in model.get_params(deep=False).items()}
    return {
        name: text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
        for name, text in told.items()
    }


def _learnt(model: Any) -> dict[str, Any]:
    columns = getattr(model, "feature_names_in_", None)
    as_of = getattr(model, "as_of_", None)
    return {
        "columns": None if columns is None else [str(name) for name in columns],
        "as_of": None if as_of is None else str(as_of),
    }


def _give_defaults(model: Any) -> None:
    """Give parameters that a later crmkit brought, which a file does not hold, their defaults."""
    for part in parts_of(model):
        if isinstance(part, BaseEstimator) and _is_ours(type(part)):
            for name, parameter in inspect.signature(type(part)).parameters.items():
                if name not in vars(part) and parameter.default is not parameter.empty:
                    setattr(part, name, parameter.default)


def _is_ours(kind: type) -> bool:
    """Whether a class is one of crmkit, or made of one."""
    return any(base.__module__.startswith("crmkit.") for base in kind.__mro__)


def _card(card: Mapping[str, Any] | None, owner: str) -> dict[str, Any]:
    """The card as it will be read again; refuses what JSON has no word for."""
    try:
        told = json.loads(json.dumps(dict(card or {}), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{owner}: card must hold text, numbers, lists and dicts only ({error}). Turn frames "
            "into lists of dicts, and NaN into None."
        ) from None
    return dict(told)


def _described(data: Any, owner: str) -> dict[str, Any]:
    if isinstance(data, EventLog):
        facts = data.report()
        events = {
            "customers": facts.n_customers,
            "first_event": str(facts.first_event),
            "last_event": str(facts.last_event),
        }
        return _frames.fingerprint(data.data, owner) | events
    return _frames.fingerprint(data, owner)


def _versions() -> dict[str, str]:
    versions = {name: metadata.version(name) for name in LIBRARIES}
    return versions | {"python": platform.python_version()}


def _told(manifest: Manifest) -> str:
    return ", ".join(f"{name} {version}" for name, version in manifest.get("versions", {}).items())


def _tell_of_other_versions(manifest: Manifest, where: str) -> None:
    """Warn where the libraries that built the model's parts had another major or minor version."""
    then, now = manifest.get("versions", {}), _versions()
    other = [
        f"{name} {then.get(name)} (here {now[name]})"
        for name in MATTER
        if str(then.get(name)).split(".")[:2] != now[name].split(".")[:2]
    ]
    if other:
        warn_user(
            f"load: {where} was saved with {' and '.join(other)}: predictions may differ. Fit "
            "again, or install these versions.",
            DataWarning,
        )
