"""Tables of suspects: columns, order, ids, counts."""

import pandas as pd

from crmkit.cleaning._quality._repair import Suspect
from crmkit.cleaning._quality._suspect_tables import counted, is_sure, listed, listed_changes

FRAME = pd.DataFrame({"id": [11, 12], "city": ["Ulm", "Umm"]})
FOUND = [Suspect(1, "city", "Umm", 0.95, "typo", "near", "Ulm", 0.92)]


def test_suspects_stand_beside_their_ids():
    table = listed(FOUND, FRAME, "id", "test")
    assert table.iloc[0].tolist() == [12, 1, "city", "Umm", "near", "typo", 0.95, "Ulm", 0.92]
    assert table["id"].dtype == FRAME["id"].dtype
    assert list(listed([], FRAME, None, "test").columns) == list(table.columns)[1:]


def test_changes():
    table = listed_changes(FOUND, FRAME, None, "test")
    assert table.iloc[0].tolist() == [1, "city", "Umm", "Ulm", "near", "typo", 0.92]


def test_counts():
    table = counted(FOUND, [], {"id": "id", "city": "city"}, {"city": 2}, {}, FRAME, "test")
    assert table.iloc[0, :5].tolist() == ["city", "city", 2, 1, 0]
    assert table["error_rate"].isna().all()


def test_only_sure_suggestions_are_applied():
    assert is_sure(FOUND[0], 0.9)
    assert not is_sure(FOUND[0], 0.93)
    assert not is_sure(FOUND[0]._replace(suggestion=None), 0.9)
    assert is_sure(FOUND[0]._replace(suggestion=None, detector="missing"), 0.9)
