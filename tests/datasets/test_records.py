"""Dirty records: labels tell the truth, moves stay, first records are mostly clean."""

import numpy as np
import pandas as pd
import pytest

from crmkit.datasets._names import NAMES
from crmkit.datasets._people import draw_people
from crmkit.datasets._records import COLUMNS, EXTRA, draw_records, record_of_order

N, DAYS = 4_000, 700.0


def drawn(language="en", duplicates=0.5, seed=0):
    rng = np.random.default_rng(seed)
    before = draw_people(rng, N, NAMES[language], pd.Timestamp("2023-01-01"))
    joined = np.sort(rng.random(N)) * 350
    records, after = draw_records(rng, before, joined, DAYS, duplicates, NAMES[language])
    return before, after, records, joined


@pytest.fixture(scope="module", params=["en", "zh"])
def case(request):
    before, after, records, joined = drawn(request.param)
    frame = pd.DataFrame(records.values).assign(
        customer=records.customer, day=records.day, errors=records.errors
    )
    truth = after.assign(birth_date=after["birth_date"].dt.strftime("%Y-%m-%d"))
    true = truth.loc[records.customer].reset_index(drop=True)
    first = ~frame["customer"].duplicated()
    return frame, true, first, before, after, joined


def test_numbers_and_days(case):
    frame, _, first, _, _, joined = case
    assert len(frame) == N + N // 2
    assert first.sum() == N
    np.testing.assert_array_equal(frame["day"][first], joined)
    assert (frame["day"] < DAYS).all()
    assert frame.groupby("customer")["day"].is_monotonic_increasing.all()


def test_a_record_without_label_is_right_in_every_cell(case):
    frame, true, _, before, after, _ = case
    same_home = (before["street"] == after["street"]).to_numpy()[frame["customer"]]
    clean = (frame["errors"] == "") & same_home
    assert clean.mean() > 0.4
    for name in COLUMNS:
        assert (frame[name][clean] == true[name][clean]).all()


def test_a_labelled_record_is_wrong_somewhere(case):
    frame, true, _, _, _, _ = case
    labelled = frame["errors"].str.replace("moved", "").str.strip("+") != ""
    wrong = pd.concat([frame[name] != true[name] for name in COLUMNS], axis=1).any(axis=1)
    assert wrong[labelled].all()


def test_labels_by_kind(case):
    frame, true, _, _, _, _ = case

    def only(kind):
        return frame["errors"] == kind

    missing = frame[only("missing")]
    assert missing.isna().any(axis=1).all()
    assert not frame[~frame["errors"].str.contains("missing")].isna().any(axis=None)
    assert (frame["email"] != true["email"])[only("new_email")].all()
    assert (frame["phone"] != true["phone"])[only("new_phone")].all()
    assert (frame["first_name"] != true["first_name"])[only("nickname")].all()
    swapped = only("swapped")
    assert (frame["first_name"] == true["last_name"])[swapped].all()
    typo = frame[only("typo")]
    changed = sum((typo[name] != true.loc[typo.index, name]).astype(int) for name in COLUMNS)
    assert (changed <= 4).all()
    assert (changed >= 1).all()


def test_kinds_come_in_their_shares(case):
    frame, _, first, _, _, _ = case
    extra = frame["errors"][~first]
    for kind in ("typo", "swapped", "format", "new_phone", "new_email"):
        assert abs(extra.str.contains(kind).mean() - EXTRA[kind]) < 0.04, kind
    assert extra.str.contains("nickname").mean() > 0.05
    plain = frame["errors"][first]
    assert set(plain) == {"", "format", "missing", "format+missing"}
    assert 0.1 < (plain != "").mean() < 0.2


def test_who_moved_stays_there(case):
    frame, true, _, before, after, _ = case
    moved = frame["errors"].str.contains("moved")
    for _, flags in moved.groupby(frame["customer"]):
        assert flags.is_monotonic_increasing
    gone = set(frame["customer"][moved])
    assert gone == set(np.flatnonzero((before["street"] != after["street"])
                                      | (before["city"] != after["city"])))  # fmt: skip
    only = frame["errors"] == "moved"
    assert (frame["street"] == true["street"])[only].all()
    assert (frame["postcode"] == true["postcode"])[only].all()


def test_no_duplicates_and_many():
    assert len(drawn(duplicates=0.0)[2].customer) == N
    records = drawn(duplicates=2.0)[2]
    counts = np.bincount(records.customer)
    assert (counts.sum(), counts.min()) == (3 * N, 1)
    assert counts.max() >= 6


def test_input_is_left_alone():
    rng = np.random.default_rng(0)
    people = draw_people(rng, 200, NAMES["en"], pd.Timestamp("2023-01-01"))
    copy = people.copy(deep=True)
    draw_records(rng, people, np.zeros(200), DAYS, 1.0, NAMES["en"])
    pd.testing.assert_frame_equal(people, copy)


def test_an_order_is_booked_under_a_record_of_its_customer_that_exists():
    _, _, records, joined = drawn(duplicates=2.0)
    rng = np.random.default_rng(1)
    customer = np.repeat(np.arange(N), 3)
    day = np.sort(joined[customer].reshape(N, 3) + rng.random((N, 3)) * 300, axis=1)
    day[:, 0] = joined
    chosen = record_of_order(rng, records, customer, day.ravel(), DAYS)
    np.testing.assert_array_equal(records.customer[chosen], customer)
    assert (records.day[chosen] <= day.ravel()).all()
    first = np.append(True, records.customer[1:] != records.customer[:-1])
    assert first[chosen.reshape(N, 3)[:, 0]].all()
    known = [
        np.searchsorted(records.day[records.customer == c], d, side="right")
        for c, d in zip(customer[:6_000].tolist(), day.ravel()[:6_000].tolist(), strict=True)
    ]
    for m in (1, 2, 3):
        of_m = first[chosen[:6_000]][np.array(known) == m]
        assert abs(of_m.mean() - 1 / m) < 4 / np.sqrt(len(of_m))


def test_a_swap_of_equal_names_is_no_mistake():
    rng = np.random.default_rng(0)
    people = draw_people(rng, 2_000, NAMES["en"], pd.Timestamp("2023-01-01"))
    people["first_name"] = people["last_name"] = "Thomas"
    records, _ = draw_records(rng, people, np.zeros(2_000), DAYS, 1.0, NAMES["en"])
    labels = pd.Series(records.errors)
    swapped = labels.str.contains("swapped")
    assert 0 < swapped.sum() < 60  # only where a typo or nickname made the names differ
    assert labels[swapped].str.contains("typo|nickname").all()
