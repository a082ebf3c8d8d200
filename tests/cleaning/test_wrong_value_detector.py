"""WrongValueDetector: finding and repairing, every library, what is kept, what is refused."""

import datetime
import pickle
import time

import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from crmkit.cleaning import WrongValueDetector
from crmkit.exceptions import DataError
from tests.contracts.frame_kinds import FRAMES, to_pandas

N = 300
WRONG = {(8, "city"): "Berlni", (70, "city"): "Minden", (30, "postcode"): "1o115"}


def records():
    """Records of shops in eight towns, with three wrong cells."""
    towns = ["Berlin", "Munich", "Cologne", "Hamburg", "Dresden", "Leipzig", "Bremen", "Minden"]
    codes = ["10115", "80331", "50667", "20095", "01067", "04103", "28195", "32423"]
    frame = pd.DataFrame(
        {
            "record_id": np.arange(N) + 1000,
            "shop": [f"Shop {n % 40}" for n in range(N)],
            "postcode": [codes[n % 40 % 8] for n in range(N)],
            "city": [towns[n % 40 % 8] for n in range(N)],
            "opened": pd.to_datetime("2020-01-01") + pd.to_timedelta(np.arange(N) % 90, unit="D"),
            "visits": np.arange(N) % 37 + 20,
        },
        index=np.arange(N)[::-1],
    )
    for (row, name), value in WRONG.items():
        frame.iloc[row, frame.columns.get_loc(name)] = value
    return frame


def fitted(frame=None, **parameters):
    return WrongValueDetector(record="record_id", **parameters).fit(
        records() if frame is None else frame
    )


def test_the_wrong_cells_are_found_and_no_others():
    found = fitted().detect(records())
    assert set(zip(found["row"], found["column"], strict=True)) == set(WRONG)
    assert found["value"].tolist() == ["Berlni", "1o115", "Minden"]
    assert found["suggestion"].tolist() == ["Berlin", "28195", "Bremen"]
    assert found["record_id"].tolist() == [1008, 1030, 1070]
    assert (found["confidence"] >= found["repair_confidence"]).all()


def test_repair_changes_what_changes_lists():
    frame, detector = records(), fitted()
    before = frame.copy()
    new, changes = detector.repair(frame), detector.changes(frame)
    pd.testing.assert_frame_equal(frame, before)
    differs = (new != frame).to_numpy()
    listed = {
        (r, list(frame).index(c)) for r, c in zip(changes["row"], changes["column"], strict=True)
    }
    assert listed == set(zip(*map(np.ndarray.tolist, np.nonzero(differs)), strict=True))
    assert [new.iloc[r][c] for r, c in WRONG] == ["Berlin", "Bremen", "28195"]
    alone = fitted(frame.drop(columns="shop"))  # Minden is a town as well: is the postcode wrong?
    assert alone.repair(frame)["city"].iloc[70] == "Minden"
    assert (new.dtypes == frame.dtypes).all()
    assert new.index.equals(frame.index)


def test_a_second_repair_finds_nothing_to_do():
    detector = fitted()
    assert len(detector.changes(detector.repair(records()))) == 0


def test_a_higher_confidence_changes_less():
    detector = fitted()
    sizes = [len(detector.changes(records(), confidence=c)) for c in (0.5, 0.9, 0.9999999)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 3
    assert sizes[-1] == 0


def test_predict_marks_the_cells_of_detect():
    mask = fitted().predict(records())
    names = list(records())
    assert mask.shape == (N, len(names))
    assert {(row, names[col]) for row, col in zip(*np.nonzero(mask), strict=True)} == set(WRONG)


def test_summary_counts():
    table = fitted().summary(records()).set_index("column")
    assert table["n_suspect"].to_dict() == {
        "shop": 0, "postcode": 1, "city": 2, "opened": 0, "visits": 0,
    }  # fmt: skip
    assert table["kind"]["city"] == "city"
    assert 0 < table["error_rate"]["city"] < 0.05


@pytest.mark.parametrize("kind", FRAMES)
def test_every_library(kind):
    frame = FRAMES[kind](records().reset_index(drop=True))
    detector = WrongValueDetector(record="record_id").fit(frame)
    found, new = detector.detect(frame), detector.repair(frame)
    assert type(found) is type(new) is type(frame)
    plain = fitted(records().reset_index(drop=True))
    want = plain.detect(records())
    assert to_pandas(found)["reason"].tolist() == want["reason"].tolist()
    assert to_pandas(found)["confidence"].tolist() == pytest.approx(want["confidence"].tolist())
    back = to_pandas(new)
    assert back["city"].tolist() == plain.repair(records())["city"].tolist()
    assert back["opened"].tolist() == records()["opened"].tolist()
    assert back["visits"].dtype == np.int64
    assert detector.predict(frame).sum() == 3
    assert len(to_pandas(detector.changes(frame))) == len(plain.changes(records()))
    assert len(to_pandas(detector.summary(frame))) == 5


def test_numbers_and_dates_keep_their_types():
    frame = records()
    frame["rate"] = np.array([2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5])[np.arange(N) % 40 % 8]
    frame.loc[frame.index[3], "rate"] = 77.0
    frame["day"] = pd.to_datetime("2021-01-01") + pd.to_timedelta(np.arange(N) % 40 % 8, unit="D")
    frame.loc[frame.index[4], "day"] = pd.Timestamp("2021-01-09")
    new = fitted(frame).repair(frame, confidence=0.6)
    assert new["rate"].iloc[3] == 5.5
    assert new["day"].iloc[4] == pd.Timestamp("2021-01-05")
    assert (new.dtypes == frame.dtypes).all()


def test_the_order_of_rows_is_nothing():
    frame = records()
    order = np.random.default_rng(0).permutation(N)
    straight, mixed = fitted(), fitted(frame.iloc[order])
    pd.testing.assert_frame_equal(straight.detect(frame), mixed.detect(frame))
    assert straight.error_rates_ == mixed.error_rates_


@settings(max_examples=15)
@given(st.lists(st.sampled_from(["Ulm", "Umm", "Bonn", "N/A", "", None, "7"]), min_size=1))
def test_repairs_end(cities):
    frame = pd.DataFrame({"code": [f"c{n % 3}" for n in range(len(cities))], "city": cities})
    detector = WrongValueDetector(missing=True).fit(frame)
    for _ in range(4):
        changes, new = detector.changes(frame), detector.repair(frame)
        rows = set(changes["row"])
        same = [n for n in range(len(frame)) if n not in rows]
        assert new.iloc[same].astype(object).equals(frame.iloc[same].astype(object))
        frame = new
    assert len(detector.changes(frame)) == 0


def test_what_was_learnt_holds_for_new_rows():
    detector = fitted()
    new = records().iloc[:3].assign(city=["Bonn", "Munich", "Cologn"])
    found = detector.detect(new)
    assert found[["row", "suggestion"]].to_numpy().tolist() == [[0, "Berlin"], [2, "Cologne"]]
    alone = detector.detect(new.iloc[2:])
    assert alone["confidence"].tolist() == found["confidence"].tolist()[1:]


def test_ids_and_missing_values_are_left_alone_unless_told():
    frame = records().astype({"visits": float})
    frame.iloc[5, 3], frame.iloc[6, 3], frame.iloc[9, 5] = None, "N/A", np.nan
    assert len(fitted(frame).detect(frame)) == 3
    detector = fitted(frame, missing=True)
    missing = detector.detect(frame).query("detector == 'missing'")
    assert missing["row"].tolist() == [5, 6, 9]
    assert missing["suggestion"].tolist()[:2] == ["Leipzig", "Bremen"]
    new = detector.repair(frame)
    assert new["city"].iloc[5:7].tolist() == ["Leipzig", "Bremen"]
    assert np.isnan(new["visits"].iloc[9])


@pytest.mark.parametrize("kind", FRAMES)
def test_placeholders_become_missing_in_words_and_categories(kind):
    words = pd.DataFrame({"plain": ["a", "b", "N/A", "c"] * 30, "code": ["x", "y", "?", "z"] * 30})
    frame = FRAMES[kind](words.astype({"code": "category"}))
    new = to_pandas(WrongValueDetector(missing=True).fit(frame).repair(frame))
    assert (
        new["plain"].isna().tolist()
        == new["code"].isna().tolist()
        == [False, False, True, False] * 30
    )
    assert new["code"].dropna().tolist() == ["x", "y", "z"] * 30


def test_dates_and_births():
    frame = records()
    frame["birth_date"] = ["1980-05-05"] * (N - 2) + ["2030-01-01", "1830-01-01"]
    frame["closed"] = frame["opened"] + pd.to_timedelta(30, unit="D")
    frame.iloc[11, frame.columns.get_loc("closed")] = pd.Timestamp("1999-01-01")
    detector = fitted(frame, as_of="2021-06-01")
    assert ["opened", "closed"] in detector.date_pairs_
    found = detector.detect(frame).set_index(["row", "column"])["detector"]
    assert "order" in found[11, "closed"]
    assert "range" in found[N - 2, "birth_date"]
    assert "range" in found[N - 1, "birth_date"]


def test_one_gross_error_among_thousands():
    rng = np.random.default_rng(0)
    n = 5000
    clean = pd.DataFrame(
        {
            "orders": rng.poisson(3, n),
            "channel": rng.choice(["web", "shop", "phone", "app"], n, p=[0.6, 0.2, 0.15, 0.05]),
            "signup": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 1826, n), unit="D"),
            "balance": rng.normal(100, 30, n).round(2),
        }
    )
    assert len(WrongValueDetector().fit(clean).detect(clean)) == 0
    dirty = clean.copy()
    dirty.loc[[10, 20], "orders"] = [-5, 99_999]
    dirty.loc[30, "channel"] = "wbe"
    dirty.loc[[40, 50], "signup"] = [pd.Timestamp("1900-01-01"), pd.Timestamp("2099-01-01")]
    dirty.loc[60, "balance"] = 1e6
    found = WrongValueDetector().fit(dirty).detect(dirty)
    assert found["row"].tolist() == [10, 20, 30, 40, 50, 60]
    assert (found["confidence"] > 0.8).all()
    assert found["suggestion"].dropna().tolist() == ["web"]
    new = WrongValueDetector().fit(dirty).repair(dirty)
    assert new["signup"].iloc[40] == pd.Timestamp("1900-01-01")  # emptied on request alone


def test_rules_of_ones_own():
    frame = records()
    rules = {"few": "visits < 50", "known": (lambda data: data["shop"] != "Shop 3", "shop")}
    found = fitted(frame, rules=rules).detect(frame)
    broken = found[found["detector"].str.contains("rule")]
    assert (broken["column"] == "visits").sum() == (frame["visits"] >= 50).sum()
    assert (broken["column"] == "shop").sum() == (frame["shop"] == "Shop 3").sum()
    assert "breaks the rule 'few'" in set(broken["reason"])
    assert (broken["confidence"] > 0.9).all()


def test_rows_about_one_thing_agree():
    sites = [f"site {n % 6}" for n in range(120)]
    flights = [f"F{n // 6}" for n in range(120)]
    times = [f"{n // 6 + 1}:10" for n in range(120)]
    times[13] = "9:59"
    frame = pd.DataFrame({"site": sites, "flight": flights, "time": times})
    detector = WrongValueDetector(together="flight").fit(frame)
    first = detector.dependencies_[0]
    assert (first["left"], first["right"]) == (["flight"], "time")
    found = detector.detect(frame)
    assert found[["row", "column", "suggestion"]].to_numpy().tolist() == [[13, "time", "3:10"]]


def test_kinds_can_be_told():
    frame = pd.DataFrame({"size": ["12 oz", "16 oz"] * 50, "left": ["x"] * 99 + ["y"]})
    found = WrongValueDetector(kinds={"size": "number", "left": "ignore"}).fit(frame).detect(frame)
    assert set(found["column"]) == {"size"}
    assert set(found["suggestion"]) == {"12", "16"}
    assert len(found) == 100


DEGENERATE = {
    "one row": {"a": ["x"], "b": [1.0]},
    "no rows": {"a": pd.Series([], dtype="str"), "b": pd.Series([], dtype=float)},
    "constant": {"a": ["x"] * 100, "b": [3] * 100},
    "all missing": {"a": [None] * 50, "b": [np.nan] * 50},
    "all distinct": {"a": [f"v{n}" for n in range(300)], "b": np.arange(300)},
    "mixed types": {"a": [1, "1", 2.5, None, True, datetime.date(2020, 1, 1), (1, 2)] * 10},
    "infinite": {"amount": [1.5, np.inf, -np.inf, 2.25] * 30},
    "lists": {"a": [[1, 2], [3]] * 30},
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_nothing_to_say_about(case):
    frame = pd.DataFrame(DEGENERATE[case])
    detector = WrongValueDetector().fit(frame)
    assert len(detector.detect(frame)) == 0
    assert detector.predict(frame).shape == frame.shape
    pd.testing.assert_frame_equal(detector.repair(frame), frame)
    assert len(detector.summary(frame)) == frame.shape[1]


def test_cells_of_a_megabyte_take_no_time():
    frame = pd.DataFrame({"note": ["x" * 1_000_000] * 2 + ["y1 " * 300_000, "ok"] * 20})
    start = time.process_time()
    WrongValueDetector().fit(frame).detect(frame)
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"min_confidence": 1.5}, "min_confidence must be a number between 0 and 1"),
        ({"record": "recordid"}, "column 'recordid' not found. Did you mean record='record_id'"),
        ({"together": ["shopp"]}, "column 'shopp' not found. Did you mean together='shop'"),
        ({"kinds": {"city": "town"}}, "'town' of 'city' is no kind"),
        ({"as_of": "soon"}, "as_of must be an instant such as '2026-01-31', got 'soon'"),
        ({"missing": "yes"}, "missing must be True or False, got 'yes'"),
        ({"rules": {"r": "visit > 1"}}, "column 'visit' not found. Did you mean 'visits'"),
        ({"date_pairs": [("opened", "city")]}, "'city' is of kind 'city'"),
    ],
)
def test_wrong_parameters_are_refused_in_fit(parameters, message):
    detector = WrongValueDetector(**parameters)
    with pytest.raises(DataError, match=message):
        detector.fit(records())


def test_what_is_asked_too_early_or_of_other_columns():
    with pytest.raises(NotFittedError):
        WrongValueDetector().detect(records())
    with pytest.raises(DataError, match="column 'city' not found"):
        fitted().detect(records().drop(columns="city"))
    with pytest.raises(DataError, match="confidence must be a number between 0 and 1"):
        fitted().repair(records(), confidence=2)


def test_it_is_stored_and_cloned():
    detector = fitted(as_of="2021-01-01")
    want = detector.detect(records())
    again = pickle.loads(pickle.dumps(detector))
    blob = skops.io.dumps(detector)
    loaded = skops.io.loads(blob, trusted=skops.io.get_untrusted_types(data=blob))
    assert all("crmkit" in name for name in skops.io.get_untrusted_types(data=blob))
    for other in (again, loaded):
        pd.testing.assert_frame_equal(other.detect(records()), want)
    fresh = clone(detector)
    assert fresh.get_params() == detector.get_params()
    assert not hasattr(fresh, "kinds_")


def test_a_second_fit_forgets_the_first():
    detector = WrongValueDetector().fit(pd.DataFrame({"a": ["x"] * 50, "b": ["y"] * 50}))
    assert (
        detector.set_params(record="record_id").fit(records()).error_rates_ == fitted().error_rates_
    )
