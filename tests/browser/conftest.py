"""Pages as the report writes them, and a browser to open them in."""

import matplotlib as mpl
import numpy as np
import pytest

from crmkit.report import MovementContent, build_report
from tests.browser._chromium import chromium, why_not
from tests.report import _moved, _offered, _tagged
from tests.report._churned import OFFER, check, churn, with_churn
from tests.report._made import CUSTOMERS, content

MANY = 100_000


@pytest.fixture(scope="session")
def browser():
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with chromium() as driven:
        yield driven


def many_customers():
    """A hundred thousand customers."""
    draw = np.random.default_rng(0)
    copies = CUSTOMERS.iloc[draw.integers(0, len(CUSTOMERS), MANY)].reset_index(drop=True)
    return copies.assign(
        id=[f"{i:06d}" for i in range(MANY)],
        total_amount=copies["total_amount"] * draw.gamma(2.0, 0.5, MANY),
        clv=copies["clv"] * draw.gamma(2.0, 0.5, MANY),
        days_since_last=draw.integers(0, 700, MANY),
    )


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """A page with each section, in three parts, and the page of many customers."""
    mpl.rcParams["svg.hashsalt"] = "crmkit"
    folder = tmp_path_factory.mktemp("pages")
    moved = _moved.movement(cohorts=MovementContent.from_log(None, _tagged.LOG).cohorts)
    offered = _offered.offers(bundles=_offered.BUNDLES, check=_offered.check(), n_sold=9)
    made = {
        "kinds": _tagged.report(
            movement=moved, profile=_tagged.profile(), unusual=_tagged.unusual()
        ),
        "churn": with_churn(OFFER, churn=churn(offer=OFFER, check=check())),
        "offers": _offered.with_offers(offers=offered),
        "many": content(many_customers()),
    }
    return {name: build_report(each, folder / f"{name}.html") for name, each in made.items()}
