"""Reasons why a customer is unusual, in sentences that compare with the customers alike."""

from typing import Any

import numpy as np
import numpy.typing as npt

from crmkit._validation import Floats
from crmkit.segment._deeds import Deeds
from crmkit.segment._stages import counted

Whole = npt.NDArray[Any]

NOUNS = {
    "returns": "returns",
    "return_burst": "frequent returns in a short time",
    "refund_share": "share of money returned",
    "order_burst": "orders in a short time",
    "largest_order": "largest order",
    "largest_quantity": "largest quantity",
    "night": "orders at night",
}


def sentences(
    deeds: Deeds,
    alarms: npt.NDArray[np.bool_],
    p: Floats,
    usual: Floats,
    measures: list[str],
    window: int,
    burst: int,
) -> list[str]:
    """Reasons of each customer, the rarest deed first; "" for those without an alarm."""
    texts = [""] * len(alarms)
    for i in np.flatnonzero(alarms.any(axis=1)).tolist():
        some = [m for m in np.argsort(p[i], kind="stable").tolist() if alarms[i, m]]
        said = [sentence(deeds, i, measures[m], usual[i, m], window, burst) for m in some]
        texts[i] = ". ".join(said)
    return texts


def sentence(deeds: Deeds, i: int, name: str, usual: float, window: int, burst: int) -> str:
    """One deed of one customer beside what 99 of 100 customers alike have at most."""
    own = float(getattr(deeds, name)[i])
    n, exposure = deeds.orders[i], deeds.exposure[i]
    if name == "refund_share":
        said, alike = f"{own:.0%} of the money returned", f"{usual:.0%}"
    elif name == "largest_order":
        said, alike = f"an order of {own:,.2f}", f"{usual:,.2f}"
    elif name == "largest_quantity":
        said, alike = f"{own:,.0f} units in an order", f"{usual:,.0f}"
    elif name == "order_burst":
        said, alike = f"{own:.0f} of {n:.0f} orders in {burst} days", f"{usual:.0f}"
    elif name == "night":
        said, alike = f"{own:.0f} of {n:.0f} orders at night", f"{usual:.0f}"
    else:
        days = window if name == "returns" else burst
        said, alike = f"{counted(int(own), 'return')} in {days} days", f"{usual:.0f}"
        if own <= usual:
            return f"{said}, many for {counted(int(exposure), 'order')}"
    if own <= usual:
        return f"{said}, rare among customers alike"
    return f"{said}; 99 of 100 customers alike have at most {alike}"
