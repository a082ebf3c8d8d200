"""Who competes in a churn report: models and baselines by name, and how each learns and foretells.

An estimator of this package is given the training snapshots whole; any other classifier gets
features and labels, and of `cutoff`, `label_end` and `groups` those that its `fit` names or, with
scikit-learn's metadata routing, those that it requests.
"""

import inspect
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.utils.metadata_routing import get_routing_for_object

from crmkit import _frames
from crmkit._validation import Floats
from crmkit.churn._binary import BinaryChurn
from crmkit.churn._recency_rule import RecencyRule
from crmkit.churn._rfm_logistic import COLUMNS, RFMLogistic
from crmkit.churn._snapshots import Snapshots
from crmkit.exceptions import CrmkitWarning, DataError, warn_user
from crmkit.metrics._churn_checks import scores

OWNER = "churn_report"
BASE_RATE = "base rate"
BESIDE = ("cutoff", "label_end", "groups")

_NEEDED = ("days_since_last", "frequency")
_EXAMPLE = '{"small": ChurnClassifier("boosted_small"), "curves": ChurnClassifier("average")}'


@dataclass(frozen=True, eq=False)
class Entrants:
    """Unfitted models and baselines by name, and why a usual baseline is not among them."""

    models: dict[str, Any]
    baselines: dict[str, Any]
    notes: list[str]

    @property
    def all(self) -> dict[str, Any]:
        """Models first, then baselines."""
        return self.models | self.baselines


def entrants(model: Any, baselines: Any, snapshots: Snapshots) -> Entrants:
    """Name the models, and set the baselines beside them: the usual ones and the caller's."""
    models = named(model, "model")
    given = {} if baselines is None else named(baselines, "baselines", none_allowed=True)
    usual, notes = usual_baselines(snapshots)
    usual = {name: each for name, each in usual.items() if type(models.get(name)) is not type(each)}
    beside = {name: each for name, each in (usual | given).items() if each is not None}
    notes = [note for note in notes if note.partition(" ")[0] not in {*given, *models}]
    for name in models:
        if name in beside:
            raise DataError(
                f"{OWNER}: a model and a baseline are both called {name!r}. Give the model a name "
                f"of its own: model={{'mine': ...}}."
            )
    _refuse_names([*models, *beside], snapshots)
    return Entrants(models, beside, notes)


def named(given: Any, parameter: str, *, none_allowed: bool = False) -> dict[str, Any]:
    """Classifiers by name: that of the class where the caller gives no other."""
    if isinstance(given, Mapping):
        pairs = [(str(name), each) for name, each in given.items()]
    else:
        several = given if isinstance(given, (list, tuple)) else [given]
        pairs = [(type(each).__name__, each) for each in several]
    names = [name for name, _ in pairs]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None or not (names or none_allowed):
        fault = f"two are called {double!r}" if names else "there is none"
        raise DataError(f"{OWNER}: {parameter}: {fault}. Give each a name: {parameter}={_EXAMPLE}.")
    for name, each in pairs:
        if not (each is None and none_allowed):
            _check_classifier(each, name, parameter)
    return dict(pairs)


def _check_classifier(model: Any, name: str, parameter: str) -> None:
    """Refuse a class, and what cannot be cloned and fitted."""
    if isinstance(model, type):
        raise DataError(f"{OWNER}: {parameter} must be an estimator: call it, {model.__name__}().")
    if hasattr(model, "probability_no_purchase") and not hasattr(model, "predict_proba"):
        raise DataError(
            f"{OWNER}: {name!r} in {parameter} is a purchase model. Wrap it, so that it tells the "
            f'churn of a horizon: BTYDChurn({name}(), horizon="90D").'
        )
    if not (hasattr(model, "fit") and hasattr(model, "get_params")):
        raise DataError(
            f"{OWNER}: {parameter} must be a classifier with fit and predict_proba, such as "
            f"ChurnClassifier() or a Pipeline, or several by name, got {model!r}."
        )


def _refuse_names(names: list[str], snapshots: Snapshots) -> None:
    """Refuse names that the columns of the predictions would share."""
    taken = [name for name in names if name in (snapshots.customer, "cutoff", "y")]
    if taken:
        raise DataError(
            f"{OWNER}: a model is called {taken[0]!r}, as is a column of the predictions "
            f"({snapshots.customer}, cutoff, y). Give it another name."
        )


def usual_baselines(snapshots: Snapshots) -> tuple[dict[str, Any], list[str]]:
    """The baselines that the columns allow, and notes on those they do not."""
    found: dict[str, Any] = {}
    faults = {name: fault_of(snapshots.X, name) for name in COLUMNS}
    sound = tuple(name for name in COLUMNS if faults[name] is None)
    notes = []
    if all(name in sound for name in _NEEDED):
        found["RFMLogistic"] = RFMLogistic(columns=sound)
        if len(sound) < len(COLUMNS):
            told = ", ".join(f"{name} {faults[name]}" for name in COLUMNS if name not in sound)
            notes.append(f"RFMLogistic reads {', '.join(sound)} only: {told}.")
    else:
        told = ", ".join(f"{name} {faults[name]}" for name in _NEEDED if name not in sound)
        notes.append(f"RFMLogistic is left away: {told}. RFM() among the features brings it.")
    if "days_since_last" in sound:
        found["RecencyRule"] = RecencyRule()
    else:
        fault = faults["days_since_last"]
        notes.append(f"RecencyRule is left away: days_since_last {fault}.")
    found[BASE_RATE] = DummyClassifier(strategy="prior")
    return found, notes


def fault_of(X: Any, name: str) -> str | None:
    """Why a baseline cannot read a column, or None."""
    if name not in _frames.column_names(X, OWNER):
        return "is no feature"
    try:
        column = np.asarray(_frames.float_columns(X, [name], OWNER))
    except DataError:
        return "holds no numbers"
    return None if np.isfinite(column).all() else "has missing values"


def learnt(model: Any, known: Snapshots) -> Any:
    """A copy of a model, fitted on snapshots whose labels are known."""
    copy = clone(model)
    if isinstance(copy, BinaryChurn):
        return copy.fit(known)
    return copy.fit(known.X, known.y, **asked_for(copy, known))


def asked_for(model: Any, known: Snapshots) -> dict[str, Any]:
    """What the `fit` of a model takes beside features and labels."""
    wanted = set(inspect.signature(model.fit).parameters) & set(BESIDE)
    if sklearn.get_config()["enable_metadata_routing"]:
        wanted |= set(get_routing_for_object(model).consumes("fit", BESIDE))
    return {name: getattr(known, name) for name in BESIDE if name in wanted}


def foretold(model: Any, name: str, test: Snapshots) -> Floats:
    """Probability of churn of each row, by a fitted model."""
    if not hasattr(model, "predict_proba"):
        raise DataError(
            f"{OWNER}: {name!r} has no predict_proba, so it tells no probability of churn. Take a "
            "classifier that has it, or wrap this one: "
            "sklearn.calibration.CalibratedClassifierCV(...)."
        )
    p = np.asarray(model.predict_proba(test.X), dtype=np.float64)
    if p.shape != (len(test), 2):
        raise DataError(
            f"{OWNER}: predict_proba of {name!r} gave shape {p.shape} for {len(test):,} rows: two "
            "columns were expected, staying and churn."
        )
    classes = list(getattr(model, "classes_", (0, 1)))
    if 1 not in classes:
        raise DataError(
            f"{OWNER}: the classes of {name!r} are {classes}, and none is 1, which is churn. Let "
            "it learn from the labels as they are."
        )
    return scores(p[:, classes.index(1)], OWNER, f"probability of {name!r}", probability=True)


class ToldWith:
    """Say with every error and with every warning of this package which model it was, and where."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.ours: list[tuple[str, type[Warning]]] = []

    def __enter__(self) -> None:
        self.guard = warnings.catch_warnings()
        self.guard.__enter__()
        self.shown, warnings.showwarning = warnings.showwarning, self.show

    def show(
        self, message: Warning | str, category: type[Warning], *rest: Any, **more: Any
    ) -> None:
        """Keep a warning of this package for the end; show another as it is."""
        if issubclass(category, CrmkitWarning):
            self.ours.append((str(message), category))
        else:
            self.shown(message, category, *rest, **more)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.guard.__exit__(kind, error, trace)
        if error is not None:
            error.add_note(self.where)
            return
        for text, category in dict.fromkeys(self.ours):
            warn_user(f"{self.where}: {text}", category)
