"""StrongGeneralisation: strangers stay strangers, first items first, ties, texts."""

import numpy as np
import pandas as pd
import pytest

from crmkit import EventLog
from crmkit.exceptions import DataError
from crmkit.model_selection import StrongGeneralisation
from tests.contracts.frame_kinds import to_pandas
from tests.model_selection._purchases import (
    START,
    check_any_split,
    events,
    log_of,
    purchases,
)


def test_what_holds_of_every_splitter():
    splits = check_any_split(StrongGeneralisation(n_given=[3, 1], n_customers=8))
    assert [split.n_given for split in splits] == [1, 3]


def test_strangers_are_in_no_row_of_what_is_known():
    for split in StrongGeneralisation(n_customers=8).split(log_of(events())):
        told = set(to_pandas(split.history.data)["customer_id"])
        assert len(told) == 8
        assert not told & set(to_pandas(split.known.data)["customer_id"])
        assert set(split.customers) <= told
        everybody = set(purchases(events())["customer_id"])
        assert set(to_pandas(split.known.data)["customer_id"]) == everybody - told


def test_the_customers_are_the_same_at_every_number():
    splits = list(StrongGeneralisation((1, 2, 5), 0.3).split(log_of(events())))
    asked = [set(to_pandas(split.history.data)["customer_id"]) for split in splits]
    assert asked[0] == asked[1] == asked[2]


def test_the_first_items_are_told_and_the_rest_is_relevant():
    frame = purchases(events())
    for split in StrongGeneralisation((2, 4), 10).split(log_of(events())):
        told = to_pandas(split.history.data)
        for who, own in frame[frame["customer_id"].isin(told["customer_id"])].groupby(
            "customer_id"
        ):
            met = own.groupby("item_id")["timestamp"].min().sort_values()
            first = set(met.index[: split.n_given])
            assert set(told.loc[told["customer_id"] == who, "item_id"]) == first
            rest = set(met.index) - first
            known_items = set(purchases(to_pandas(split.known.data))["item_id"])
            relevant = split.relevant[split.relevant["customer_id"] == who]
            assert set(relevant["item_id"]) == rest & known_items
            until = met.iloc[split.n_given - 1]
            assert (told.loc[told["customer_id"] == who, "timestamp"] <= until).all()


def tied(n=60):
    """Everybody buys the same four items at one instant."""
    who, what = np.divmod(np.arange(4 * n), 4)
    frame = pd.DataFrame({"customer_id": who, "item_id": what, "timestamp": START})
    return EventLog(frame, amount=None, item="item_id")


def test_ties_are_broken_by_one_drawn_order_of_items():
    def told(seed):
        splitter = StrongGeneralisation(2, 20, random_state=seed)
        (split,) = splitter.split(tied())
        table = split.history.data
        chosen = {tuple(sorted(own)) for _, own in table.groupby("customer_id")["item_id"]}
        assert len(chosen) == 1
        return chosen.pop()

    assert told(0) == told(0)
    assert len({told(seed) for seed in range(8)}) > 1


def test_a_seed_draws_the_customers():
    def asked(seed):
        split = next(StrongGeneralisation(1, 10, random_state=seed).split(log_of(events())))
        return tuple(split.customers)

    assert asked(0) == asked(0)
    assert asked(0) != asked(1)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"n_given": 0}, "n_given must be a whole number of at least 1"),
        ({"n_given": (1, 1)}, "n_given must be distinct"),
        ({"n_given": ()}, "n_given must be distinct"),
        ({"n_customers": 1.0}, "n_customers must be a number between 0 and 1"),
        ({"n_customers": 0}, "n_customers must be a whole number of at least 1"),
        ({"n_customers": 41}, "asks for 41 of the 4. customers with more than 5 items"),
        ({"n_given": 25}, "asks for 0 of the 0 customers with more than 25 items"),
        ({"random_state": -1}, "random_state must be a whole number"),
        ({"unseen_items": "no"}, "unseen_items must be one of"),
    ],
)
def test_faults_are_told(asked, text):
    with pytest.raises(DataError, match=text):
        next(StrongGeneralisation(**asked).split(log_of(events())))


def test_somebody_must_be_left_to_learn_from():
    with pytest.raises(DataError, match="one customer at least must be left"):
        next(StrongGeneralisation(1, 60).split(tied()))
