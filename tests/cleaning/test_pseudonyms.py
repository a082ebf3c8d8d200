"""pseudonymize: against HMAC itself, one id in many types and libraries, keys, event logs."""

import base64
import hashlib
import hmac
import uuid

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit as ck
from crmkit.cleaning import pseudonymize
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES, to_pandas

KEY = "a secret of many letters"
FRAME = pd.DataFrame(
    {"id": ["a1", "b2", None, "a1"], "x": [1, 2, 3, 4], "other": ["a1", "é", None, "e"]}
)


def oracle(text, key=KEY, purpose="", length=16):
    """RFC 2104, written out."""
    message = f"{purpose}\0{text}".encode()
    digest = hmac.new(key.encode(), message, hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:length]


@pytest.mark.parametrize("kind", FRAMES)
def test_ids_become_what_hmac_says_in_every_library(kind):
    given_frame = FRAMES[kind](FRAME)
    made = pseudonymize(given_frame, ["id", "other"], key=KEY)
    assert type(made) is type(given_frame)
    table = to_pandas(made)
    assert table.columns.tolist() == ["id", "x", "other"]
    assert table["id"].isna().tolist() == [False, False, True, False]
    assert table["id"].dropna().tolist() == [oracle("a1"), oracle("b2"), oracle("a1")]
    assert table["other"].tolist()[0] == oracle("a1")
    assert table["x"].tolist() == [1, 2, 3, 4]
    assert to_pandas(given_frame)["id"].tolist()[:2] == ["a1", "b2"]


SAME = [
    pd.Series([12, 7]),
    pd.Series(["12", " 7 "]),
    pd.Series([12.0, 7.0]),
    pd.Series([12, 7], dtype="UInt8"),
    pd.Series(["12", "7"], dtype="category"),
]


@pytest.mark.parametrize("ids", SAME, ids=lambda ids: str(ids.dtype))
def test_one_id_has_one_pseudonym_in_every_type(ids):
    made = pseudonymize(pd.DataFrame({"id": ids}), "id", key=KEY)
    assert made["id"].tolist() == [oracle("12"), oracle("7")]


def test_what_is_another_id():
    texts = ["é", "e\u0301", "É", "012", "12"]
    made = pseudonymize(pd.DataFrame({"id": texts}), "id", key=KEY)["id"]
    assert made[0] == made[1]
    assert made.nunique() == 4
    key = uuid.UUID(int=5)
    assert pseudonymize(pd.DataFrame({"id": [key]}), "id", key=KEY)["id"][0] == oracle(str(key))


def test_key_purpose_and_length_count():
    one = pd.DataFrame({"id": ["a1"]})
    told = {
        pseudonymize(one, "id", key=KEY)["id"][0],
        pseudonymize(one, "id", key=KEY + "!")["id"][0],
        pseudonymize(one, "id", key=KEY, purpose="bank")["id"][0],
    }
    assert len(told) == 3
    assert oracle("a1", purpose="bank") in told
    assert pseudonymize(one, "id", key=KEY.encode(), length=10)["id"][0] == oracle("a1")[:10]


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("ids", [["a", None, "b", "a"], [1, 2, 3, 1]], ids=["text", "numbers"])
def test_event_logs_keep_everything_but_their_ids(kind, ids):
    frame = pd.DataFrame(
        {"customer_id": ids, "timestamp": pd.date_range("2024-01-01", periods=4), "amount": 5.0}
    )
    log = ck.EventLog(FRAMES[kind](frame), returns="net")
    made = pseudonymize(log, key=KEY)
    assert made.returns == "net"
    assert type(made.data) is type(log.data)
    table = to_pandas(made.data).sort_values("timestamp")
    wanted = [None if i is None else oracle(i) for i in ids]
    assert table["customer_id"].astype(object).where(
        table["customer_id"].notna(), None
    ).tolist() == (wanted)
    assert table["amount"].sum() == 20.0


@settings(max_examples=50)
@given(st.lists(st.text(max_size=5) | st.integers(-50, 50), min_size=1, max_size=20))
def test_equal_ids_stay_equal_and_no_others_become_so(ids):
    text = pd.Series([str(i).strip() or "-" for i in ids], dtype=object)
    made = pseudonymize(pd.DataFrame({"id": text}), "id", key=KEY)["id"]
    normal = text.str.normalize("NFC")
    assert (made.map(dict(zip(made, normal, strict=True))) == normal).all()
    assert made.nunique() == normal.str.strip().nunique()


WRONG = [
    ({"key": ""}, "the key has 0 bytes, at least 16 are needed"),
    ({"key": "short"}, "the key has 5 bytes, at least 16 are needed.*secrets.token_bytes"),
    ({"key": "a" * 40}, "the key has 1 different bytes, at least 5 are needed"),
    ({"key": None}, "key must be bytes or text, got NoneType"),
    ({"key": KEY, "length": 9}, "length must be a whole number of at least 10, got 9"),
    ({"key": KEY, "length": 52}, "length must be at most 51, got 52"),
    ({"key": KEY, "purpose": None}, "purpose must be text, got None"),
    ({"key": KEY, "purpose": "x\0b"}, "purpose must hold no NUL character, got 'x.x00b'"),
    ({"key": KEY, "columns": None}, "columns= names no column"),
    ({"key": KEY, "columns": []}, "columns= names no column"),
    ({"key": KEY, "columns": "idd"}, "column 'idd' not found. Did you mean 'id'"),
]


@pytest.mark.parametrize(("parameters", "message"), WRONG)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(DataError, match=f"pseudonymize: {message}"):
        pseudonymize(FRAME, **({"columns": "id"} | parameters))


@pytest.mark.parametrize("value", [1.5, True, pd.Timestamp("2024-01-01"), ("a",), np.inf])
def test_what_is_no_id_is_refused(value):
    frame = pd.DataFrame({"id": pd.Series([value])})
    wanted = rf"'id' holds a value of type {type(value).__name__} that is no id: ids are text"
    with pytest.raises(DataError, match=wanted):
        pseudonymize(frame, "id", key=KEY)


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize(
    ("dtype", "first"), [("float64", 2**53), ("float64", 2**60), ("float32", 2**24)]
)
def test_floats_that_may_be_two_ids_are_refused(kind, dtype, first):
    large = pd.DataFrame({"id": pd.Series([first, -first, None], dtype=dtype)})
    with pytest.raises(DataError, match=r"'id' holds floats of [\d,]+ or more.*as text"):
        pseudonymize(FRAMES[kind](large), "id", key=KEY)
    last = min(first, 2**53) - 1
    known = pd.DataFrame({"id": pd.Series([last, None], dtype=dtype)})
    made = to_pandas(pseudonymize(FRAMES[kind](known), "id", key=KEY))["id"]
    assert made.tolist()[0] == oracle(str(last))


@pytest.mark.parametrize("kind", FRAMES)
def test_blank_ids_are_missing(kind):
    frame = pd.DataFrame({"id": ["", "  ", None, "a1", "\t"]})
    made = to_pandas(pseudonymize(FRAMES[kind](frame), "id", key=KEY))["id"]
    assert made.isna().tolist() == [True, True, True, False, True]
    assert made.tolist()[3] == oracle("a1")


def test_blank_customers_of_a_log_stay_blank():
    frame = pd.DataFrame(
        {"customer_id": ["", "a"], "timestamp": [pd.Timestamp("2024-01-01")] * 2, "amount": 1.0}
    )
    made = pseudonymize(ck.EventLog(frame), key=KEY)
    assert made.data["customer_id"].tolist() == ["", oracle("a")]


def test_no_message_tells_the_key():
    with pytest.raises(DataError) as caught:
        pseudonymize(FRAME, "id", key="hunter2")
    assert "hunter2" not in str(caught.value)


def test_of_a_log_only_customers_change():
    log = ck.EventLog(
        pd.DataFrame({"customer_id": ["a"], "timestamp": [pd.Timestamp("2024-01-01")], "amount": 1})
    )
    with pytest.raises(DataError, match="of an event log the customers change"):
        pseudonymize(log, "amount", key=KEY)


def test_two_ids_with_one_pseudonym_are_refused(monkeypatch):
    from crmkit.cleaning import _pseudonyms

    monkeypatch.setattr(_pseudonyms, "_pseudonym", lambda *_: "same")
    with pytest.raises(DataError, match="two ids of 'id' would have one pseudonym of 16 letters"):
        pseudonymize(FRAME, "id", key=KEY)
