"""Which models a holdout report compares: checked, named, and copied before they are fitted."""

from collections.abc import Mapping
from typing import Any

from sklearn.base import clone

from crmkit.clv import AverageSpendModel, BoostedLifetimeValue, NBDModel
from crmkit.clv._purchase_model import PurchaseModel
from crmkit.clv._spend_model import SpendModel
from crmkit.events import EventLog
from crmkit.exceptions import DataError

OWNER = "holdout_report"
RULES = ("own rate", "mean rate", "hiatus rule")
BASELINES: dict[str, type] = {kind.__name__: kind for kind in (NBDModel, AverageSpendModel)}
"""Models that stand beside the others by their own name, so that no other may have it."""

KINDS: dict[str, tuple[type, ...]] = {
    "purchases": (PurchaseModel, BoostedLifetimeValue),
    "spend": (SpendModel,),
}
EXAMPLES = {
    "purchases": '{"weak": BetaGeoModel(), "plain": BetaGeoModel(prior=None)}',
    "spend": '{"weak": GammaGammaModel(), "plain": GammaGammaModel(prior=None)}',
}


def purchase_models(purchases: Any) -> dict[str, Any]:
    """Copies of the purchase models by name."""
    return named(purchases, "purchases")


def spend_models(log: EventLog, spend: Any) -> dict[str, Any]:
    """Copies of the spend models by name, the own average always among them."""
    if log.amount is None:
        raise DataError(f"{OWNER}: spend= needs amounts: name their column, EventLog(amount=...).")
    models = named(spend, "spend")
    if not any(type(model) is AverageSpendModel for model in models.values()):
        models[AverageSpendModel.__name__] = AverageSpendModel()
    return models


def named(models: Any, parameter: str) -> dict[str, Any]:
    """Copies of models by name: that of the class where the caller gives no other."""
    if isinstance(models, Mapping):
        pairs = [(str(name), model) for name, model in models.items()]
    else:
        given = models if isinstance(models, (list, tuple)) else [models]
        pairs = [(type(model).__name__, model) for model in given]
    for name, model in pairs:
        check_kind(model, parameter, f" as {name!r}" if isinstance(models, Mapping) else "")
        check_free(name, model, parameter)
    names = [name for name, _ in pairs]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None or not names:
        fault = f"two models are called {double!r}" if names else "there is no model"
        cure = "Give each a name of its own" if names else "Pass one or more"
        example = f"{parameter}={EXAMPLES[parameter]}"
        raise DataError(f"{OWNER}: {parameter}: {fault}. {cure}: {example}.")
    return {name: clone(model) for name, model in pairs}


def check_kind(model: Any, parameter: str, called: str) -> None:
    """Refuse what is no model of purchases (or of spend), and say where it belongs."""
    if isinstance(model, KINDS[parameter]):
        return
    other = "spend" if parameter == "purchases" else "purchases"
    if isinstance(model, type):
        cure = f"Call it: {model.__name__}()."
    elif isinstance(model, KINDS[other]):
        cure = f"Pass it as {other}=."
    else:
        cure = f"By name: {parameter}={EXAMPLES[parameter]}."
    raise DataError(
        f"{OWNER}: {parameter} must hold models of crmkit.clv, got {model!r}{called}. {cure}"
    )


def check_free(name: str, model: Any, parameter: str) -> None:
    """Refuse the name of a baseline for anything else."""
    kind = BASELINES.get(name)
    if name in RULES or (kind is not None and type(model) is not kind):
        raise DataError(f"{OWNER}: {parameter}: {name!r} is the name of a baseline; take another.")
