"""The service: every answer, what it refuses and in which words, new models, threads, logs."""

import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import skops.io as sio
from fastapi.testclient import TestClient
from sklearn.base import BaseEstimator

import crmkit as ck
from crmkit._model_file import write_model_file
from crmkit.exceptions import ModelFileError
from tests.service.conftest import CARD, MARK


@pytest.fixture
def client(service, model):
    app = service.create_app(model, watch=3600.0)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def events(*changes):
    plain = {"when": "2024-09-01", "amount": 5.0, "order": 1, "item": 3}
    return [plain | change for change in changes]


def faults(answer, status=422):
    assert answer.status_code == status, answer.text
    return {fault["where"]: fault["message"] for fault in answer.json()["detail"]}


def as_json(value):
    return None if pd.isna(value) else value.isoformat() if hasattr(value, "year") else value


def test_a_customer_is_scored_as_the_pipeline_does(client, shop, bodies):
    frame = pd.DataFrame(bodies[0]["events"]).assign(customer_id=0)
    log = ck.EventLog(
        frame.assign(when=pd.to_datetime(frame["when"])), when="when", order="order", item="item"
    )
    wanted = shop.pipeline.without_customers().transform(log, as_of=shop.as_of).iloc[0]
    answer = client.post("/score", json=bodies[0]).json()
    assert answer["customer_id"] == "c0"
    scores = answer["scores"]
    expected = {name: as_json(value) for name, value in wanted.items()}
    assert scores == {n: v for n, v in expected.items() if n not in ("customer_id", "clv_rank")}
    assert scores["next_offer_source"] in ("fold-in", "popular")


def test_a_batch_has_the_answers_of_each_alone(client, shop, bodies):
    customers = [{k: v for k, v in body.items() if k != "as_of"} for body in bodies]
    made = client.post("/score/batch", json={"as_of": shop.as_of, "customers": customers}).json()
    assert [each["customer_id"] for each in made["customers"]] == [b["customer_id"] for b in bodies]
    ranks = [each["scores"].pop("clv_rank") for each in made["customers"]]
    assert min(ranks) == 1
    assert max(ranks) <= len(bodies)
    for body, each in list(zip(bodies, made["customers"], strict=True))[:5]:
        alone = client.post("/score", json=body).json()["scores"]
        assert {k: v for k, v in alone.items() if not isinstance(v, float)} == {
            k: v for k, v in each["scores"].items() if not isinstance(v, float)
        }
        for name, value in alone.items():
            if isinstance(value, float):
                assert each["scores"][name] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_offers_heed_what_is_asked(client, bodies):
    asked = bodies[0] | {"n": 3}
    made = client.post("/offers", json=asked).json()
    assert [offer["rank"] for offer in made["offers"]] == [1, 2, 3]
    first = made["offers"][0]["item"]
    again = client.post("/offers", json=asked | {"deny": [first]}).json()
    assert first not in [offer["item"] for offer in again["offers"]]
    only = client.post("/offers", json=asked | {"allow": [first]}).json()
    assert [offer["item"] for offer in only["offers"]] == [first]
    new = client.post("/offers", json=asked | {"n": 100, "exclude_seen": True}).json()
    bought = {event["item"] for event in bodies[0]["events"]}
    assert not bought & {offer["item"] for offer in new["offers"]}


def test_health_tells_the_age_of_the_model(client):
    assert client.get("/health/live").json() == {"alive": True}
    told = client.get("/health").json()
    assert (told["alive"], told["ready"], told["trouble"]) == (True, True, None)
    age = datetime.now(UTC) - datetime.fromisoformat(told["saved_at"])
    assert abs(age - timedelta(seconds=told["age_seconds"])) < timedelta(seconds=60)


def test_the_model_card_tells_where_it_comes_from_and_its_limits(client, shop):
    card = client.get("/model").json()
    assert card["card"] == CARD
    assert card["customers"] == []
    assert card["data"]["rows"] == len(shop.log.data)
    assert card["data"]["first_event"] == str(shop.log.first_event)
    assert "recommender" in card["parameters"]
    assert {"segment", "clv", "probability_churn", "next_offer"} <= set(card["answers"])
    assert MARK not in json.dumps(card)
    assert card["id"] == card["sha256"][:12] == client.get("/health").json()["model"]


def test_the_schema_shows_requests_that_work(client):
    told = client.get("/openapi.json").json()
    assert set(told["paths"]) == {
        "/score", "/score/batch", "/offers", "/health", "/health/live", "/model",
    }  # fmt: skip
    one = told["components"]["schemas"]["One"]["properties"]
    asked = {"events": one["events"]["examples"][0], "as_of": one["as_of"]["examples"][0]}
    for path in ("/score", "/offers"):
        late = {**asked, "as_of": "2030-01-01"}  # the shop of the tests is of another year
        assert client.post(path, json=late).status_code == 200
    assert told["paths"]["/score"]["post"]["responses"]["422"]["content"]["application/json"][
        "schema"
    ]["$ref"].endswith("/Faults")
    assert client.get("/docs").status_code == 200


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        ({"as_of": None}, "as_of", "must be text in quotes"),
        ({"as_of": "soon"}, "as_of", 'is no time. Write it as ISO 8601, such as "2017-10-05"'),
        ({"events": []}, "events", "is empty. Nothing is known of a customer without events"),
        ({"events": {}}, "events", "must be a list"),
        ({"events": [3]}, "events[0]", "must be an object"),
        ({"event": []}, "event", "is not known. Did you mean 'events'? Fields here: customer_id"),
        ({"customer_id": 1.5}, "customer_id", "must be text in quotes or a whole number"),
        ({"events": events({"when": 17})}, "events[0].when", "must be text in quotes"),
        ({"events": events({"when": "1.2.24"})}, "events[0].when", "is no time"),
        ({"events": events({}, {"amount": "5,0"})}, "events[1].amount", "without quotes"),
        ({"events": events({"item": [1]})}, "events[0].item", "text in quotes or a whole number"),
        ({"events": events({"price": 1.0})}, "events[0].price", "Fields here: when, amount"),
        ({"events": events({}) * 5001}, "events", "is too long: at most 5,000. Split"),
    ],
)
def test_what_is_wrong_with_a_request_is_told(client, change, where, message):
    asked = {"as_of": "2024-10-20", "events": events({})} | change
    assert message in faults(client.post("/score", json=asked))[where]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (events({"amount": None}), "'amount' .*numbers|'amount' has 1 NaN or missing"),
        (events({"item": "tea 1"}), "'item' holds text.*fitted with whole numbers"),
        (events({"when": "2024-09-01T00:00+02:00"}), "timezone-aware"),
        (events({"when": "2025-09-01"}), "as_of=.* is not after the first event"),
        (events({"amount": -5.0}), "nobody bought before as_of.*only returns"),
    ],
)
def test_the_library_speaks_for_itself(client, shop, rows, message):
    told = faults(client.post("/score", json={"as_of": shop.as_of, "events": rows}))
    assert re.search(message, " ".join(told.values())), told


def test_several_faults_are_told_at_once(client, shop):
    asked = {"events": events({"amount": "x", "when": "y"}, {"colour": 1})}
    told = faults(client.post("/score", json=asked))
    assert set(told) == {"events[0].amount", "events[0].when", "events[1].colour", "as_of"}
    customers = [{"events": events({})}, {"events": events({"amount": None})}]
    customers += [{"events": events({"when": "2027-01-01"})}]
    told = faults(client.post("/score/batch", json={"as_of": shop.as_of, "customers": customers}))
    assert list(told) == ["customers[1]", "customers[2]"]


def test_offers_say_what_they_cannot_do(client, shop, bodies):
    early = bodies[0] | {"as_of": "2024-06-01"}
    assert "as_of" in faults(client.post("/offers", json=early))["body"]
    assert "n" in faults(client.post("/offers", json=bodies[0] | {"n": 0}))


def test_what_is_no_request_is_refused(client, service):
    kind = {"Content-Type": "application/json"}
    assert "is not JSON" in faults(client.post("/score", content=b"{", headers=kind))["body"]
    large = b" " * (service.MOST_BYTES + 1)
    answer = client.post("/score", content=large, headers=kind)
    assert "longer than 5,000,000 bytes" in faults(answer, 413)["body"]
    assert "What is served: /docs" in faults(client.get("/nowhere"), 404)["address"]
    assert faults(client.get("/score"), 405)


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"as_of": "\xff"}', b'{"customer_id": ' + b"1" * 5000 + b"}"]
)
def test_what_cannot_be_read_is_told_in_the_shape_of_other_faults(client, content):
    answer = client.post("/score", content=content, headers={"Content-Type": "application/json"})
    assert "is not JSON" in faults(answer, 400)["body"]


@pytest.mark.parametrize("when", ["0001-01-01T00:00+14:00", "1899-12-31", "9999-12-31"])
def test_times_that_no_calendar_of_purchases_has_are_refused(client, shop, when):
    asked = {"as_of": shop.as_of, "events": events({"when": when})}
    for path in ("/score", "/offers"):
        told = faults(client.post(path, json=asked))
        assert "years from 1900 to 2199" in told["events[0].when"]
    told = faults(client.post("/score", json={"as_of": when, "events": events({})}))
    assert "years from 1900 to 2199" in told["as_of"]


def test_every_status_of_an_answer_is_in_the_schema(client):
    told = client.get("/openapi.json").json()
    for path in ("/score", "/score/batch", "/offers"):
        told_of = told["paths"][path]["post"]["responses"]
        assert {"200", "400", "413", "422", "500"} <= set(told_of)


def test_logs_hold_no_customer(client, bodies, shop, caplog, monkeypatch, service):
    caplog.set_level(logging.DEBUG)
    secret = "zqsecret"
    client.post("/score", json=bodies[0] | {"customer_id": secret})
    client.post("/score", json=bodies[0] | {"customer_id": secret, "events": [{"when": secret}]})
    client.post(f"/score/{secret}", json={})

    def fail(*_, **__):
        raise RuntimeError(secret)

    monkeypatch.setattr(service.Served, "scored", fail)
    answer = client.post("/score", json=bodies[0])
    assert faults(answer, 500) == {"service": "failed; its log says where."}
    told = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    assert "POST /score 200" in told
    assert "POST unknown 404" in told
    assert "RuntimeError in" in told
    assert secret not in told
    assert secret not in "".join(r.exc_text or "" for r in caplog.records)


def test_eight_threads_get_equal_answers(client, bodies):
    def all_of(begin):
        order = bodies[begin:] + bodies[:begin]
        return {body["customer_id"]: client.post("/score", json=body).content for body in order}

    alone = all_of(0)
    with ThreadPoolExecutor(8) as pool:
        for made in pool.map(all_of, range(0, 40, 5)):
            assert made == alone


class Stranger(BaseEstimator):
    """A type that nobody vouched for."""

    def fit(self):
        self.done_ = True
        return self


def test_a_malicious_file_is_refused_at_the_start(service, tmp_path, capsys):
    path = tmp_path / "m.crmkit"
    write_model_file(path, {"versions": {}, "customers": []}, sio.dumps(Stranger().fit()))
    assert service.main(["--model", str(path)]) == 2
    told = capsys.readouterr().err
    assert "The service does not start." in told
    assert "does not vouch for" in told
    assert "Stranger" in told
    assert "Nothing was built" in told


def test_a_model_with_customers_is_refused(service, shop, tmp_path):
    path = ck.io.save(shop.pipeline, tmp_path / "m", customers=True)
    with pytest.raises(ModelFileError, match=r"holds data of single customers.*without_customers"):
        service.create_app(path)


def test_another_model_is_refused(service, shop, tmp_path):
    path = ck.io.save(shop.pipeline.value_, tmp_path / "m")
    with pytest.raises(ModelFileError, match="holds a CustomerLifetimeValue; a CustomerValuePip"):
        service.create_app(path)


def test_a_model_that_hides_its_customers_is_refused(service, shop, tmp_path):
    told = {"versions": {}, "customers": [], "saved_at": "2024-01-01T00:00:00+00:00"}
    write_model_file(tmp_path / "m", told, sio.dumps(shop.pipeline))
    with pytest.raises(ModelFileError, match=r"customers \(.*which its manifest does not tell"):
        service.create_app(tmp_path / "m")


@pytest.mark.parametrize("told", [{}, {"saved_at": "soon"}, {"saved_at": "2024-01-01T00:00:00"}])
def test_a_model_without_an_age_is_refused(service, shop, tmp_path, told):
    told = told | {"versions": ck.io._versions()}
    write_model_file(tmp_path / "m", told, sio.dumps(shop.pipeline.without_customers()))
    with pytest.raises(ModelFileError, match="does not tell when it was saved"):
        service.create_app(tmp_path / "m")


def test_a_model_that_is_replaced_while_it_is_read_is_not_served(
    client, shop, service, model, tmp_path, monkeypatch
):
    """Its manifest is that of the old file: the new one may hold customers."""
    watched, load = client.app.state.watched, ck.io.load
    old = client.get("/health").json()["model"]
    later = shop.pipeline.without_customers()
    later.n_customers_ += 1

    def replaced(path):
        ck.io.save(shop.pipeline, path, customers=True)
        return load(path)

    ck.io.save(later, model)
    with monkeypatch.context() as patch:
        patch.setattr(service.ck.io, "load", replaced)
        watched.refresh()
    told = client.get("/health").json()
    assert (told["model"], "was replaced while" in told["trouble"]) == (old, True)
    watched.refresh()
    assert "holds data of single customers" in client.get("/health").json()["trouble"]


def test_a_new_file_is_taken_up_and_a_damaged_one_is_not(client, shop, model, bodies):
    watched = client.app.state.watched
    old = client.get("/health").json()["model"]
    answer = client.post("/score", json=bodies[0]).json()
    content = model.read_bytes()
    model.write_bytes(content[: len(content) // 2])
    watched.refresh()
    told = client.get("/health").json()
    assert told["model"] == old
    assert "is no model" in told["trouble"]
    assert client.post("/score", json=bodies[0]).json() == answer
    model.unlink()
    watched.refresh()
    assert "there is no file" in client.get("/health").json()["trouble"]
    later = shop.pipeline.without_customers()
    later.n_customers_ += 1  # another model
    ck.io.save(later, model)
    watched.refresh()
    told = client.get("/health").json()
    assert told["model"] != old
    assert told["trouble"] is None
    assert client.post("/score", json=bodies[0]).json()["scores"] == answer["scores"]


def test_the_example_in_the_documentation_of_the_routes_can_be_answered(service):
    readme = Path(service.__file__).with_name("README.md").read_text("utf-8")
    as_of = re.search(r'"as_of": "([^"]+)"', readme)[1]
    assert service.One.model_fields["as_of"].examples == [as_of]
    assert service.Many.model_fields["as_of"].examples == [as_of]
    assert max(event["when"] for event in service.EVENTS) < as_of
