"""A model of a small shop, saved for the service, and the modules of examples/service."""

import importlib.util
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("fastapi", reason='the service needs fastapi: pip install "crmkit[service]"')
pytest.importorskip("uvicorn", reason='the service needs uvicorn: pip install "crmkit[service]"')
pytest.importorskip("httpx", reason="the tests of the service need httpx")
with warnings.catch_warnings():  # newer versions ask for another package of the same kind
    warnings.simplefilter("ignore")
    import fastapi.testclient  # noqa: F401

import crmkit as ck
from crmkit.pipelines import CustomerValuePipeline
from tests.pipelines._quick import quick
from tests.pipelines._shop_of_items import neighbours, shop_of_items

FOLDER = Path(__file__).parents[2] / "examples" / "service"
MARK = "zqmarker"
CARD = {"not_for": ["credit"], "evaluation": {"purchases": {"scores": [{"prediction": "x"}]}}}


def module(name):
    """A file of examples/service as a module."""
    found = importlib.util.spec_from_file_location(
        f"examples_service_{name}", FOLDER / f"{name}.py"
    )
    made = importlib.util.module_from_spec(found)
    sys.modules[found.name] = made  # pydantic looks up annotations there
    found.loader.exec_module(made)
    return made


def frame():
    names = {"timestamp": "when"}
    made = shop_of_items().rename(columns=names)
    return made.assign(customer_id=MARK + made["customer_id"], order=range(len(made)))


@pytest.fixture(scope="session")
def service():
    return module("service")


@pytest.fixture(scope="session")
def load_test():
    return module("load_test")


@pytest.fixture(scope="session")
def train():
    return module("train")


@pytest.fixture(scope="session")
def shop():
    """The log, the fitted pipeline, and its file without customers."""
    log = ck.EventLog(frame(), when="when", order="order", item="item")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = CustomerValuePipeline(churn=quick(), recommender=neighbours()).fit(log)
    return SimpleNamespace(log=log, pipeline=pipeline, as_of=pipeline.as_of_[:10])


@pytest.fixture
def model(shop, tmp_path):
    """A file that a service can serve."""
    return ck.io.save(
        shop.pipeline.without_customers(), tmp_path / "m.crmkit", data=shop.log, card=CARD
    )


@pytest.fixture(scope="session")
def bodies(shop):
    """Requests for some customers of the shop, as strangers."""
    made = []
    table = shop.log.data
    for number, (_, rows) in enumerate(table.groupby("customer_id")):
        events = [
            {
                "when": row.when.isoformat(),
                "amount": row.amount,
                "order": row.order,
                "item": row.item,
            }
            for row in rows.itertuples()
        ]
        made.append({"customer_id": f"c{number}", "as_of": shop.as_of, "events": events})
    return made[:40]
