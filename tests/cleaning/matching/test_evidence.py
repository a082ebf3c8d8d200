"""Tables of pairs and of evidence."""

import numpy as np
import pytest

from crmkit.cleaning._matching._evidence import evidence_table, pair_table
from crmkit.cleaning._matching._scores import MatchModel
from tests.cleaning.build import units

NONE = np.empty(0)


def test_equal_rows_stand_beside_the_first_of_their_kind():
    pairs = {"left": np.array([0]), "right": np.array([1]), "log_odds": np.array([2.0])}
    pairs["household"] = np.array([0.1])
    rows = np.array([1, 0, 1, -1])
    table = pair_table(pairs, rows, np.array([0, 0]), np.array([True]))
    assert table["a"].tolist() == [0, 0]
    assert table["b"].tolist() == [2, 1]
    assert table["probability"] == pytest.approx([1.0, 1 / (1 + np.exp(-2.0))])
    assert table["household"].tolist() == [0.0, 0.1]
    assert "namesake" not in table


def test_a_waterfall_by_hand():
    made = units(a=("country", ["x", "y"]), b=("city", ["rome", None]))
    m = np.array([[1, 0.1, 0.9, 1], [1, 0.1, 0.1, 0.8]])
    u = np.array([[1, 0.8, 0.2, 1], [1, 0.9, 0.08, 0.02]])
    model = MatchModel(("country", "city"), m, u, 0.01, (), [], NONE, [])
    table = evidence_table(model, None, made, 0, 1)
    assert table["column"].tolist() == ["any two records", "a", "b"]
    assert table["agreement"].tolist() == ["", "different", "missing"]
    assert table["weight"] == pytest.approx([np.log(0.01 / 0.99), np.log(0.1 / 0.8), 0.0])
    assert table["b"].tolist() == ["", "y", ""]
