"""Columns of a segmentation: kinds, levels and codes by hand, rare and unseen levels."""

import warnings

import numpy as np
import pandas as pd
import pytest

from crmkit._mixed_columns import read_columns
from crmkit.exceptions import DataWarning
from crmkit.segment import BehaviourSegmenter
from crmkit.segment._segment_columns import OTHER, Wanted, learn_columns, read_values, used
from tests.segment._behaviour import CUSTOMERS

WANTED = Wanted(["word"], "error", 0.1, "Model")


def learnt(words):
    return learn_columns(pd.DataFrame({"word": words}), WANTED)


def test_levels_are_numbered_in_alphabetical_order():
    (column,), x = learnt(["web", "shop", "shop", "web", "phone"])
    assert column["kind"] == "category"
    assert column["levels"] == ["phone", "shop", "web"]
    assert x[:, 0].tolist() == [3, 2, 2, 3, 1]


def test_levels_rarer_than_a_segment_share_one_code():
    (column,), x = learnt(["web"] * 9 + ["shop"] * 9 + ["fax", "telex"])
    assert column["levels"] == ["shop", "web", OTHER]
    assert column["rare"] == ["fax", "telex"]
    assert x[-3:, 0].tolist() == [1, 3, 3]


def test_what_is_rare_altogether_lies_at_the_mean_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        columns, x = learnt(["web"] * 10 + ["shop"] * 10 + [None])
    assert columns[0]["levels"] == ["shop", "web"]
    assert columns[0]["rare"] == ["(missing)"]
    assert x[-1, 0] == 0.0
    later = read_columns(pd.DataFrame({"word": [None, "web", "fax"]}), None, "Model")
    with pytest.warns(DataWarning, match="'word' has 1 customers of unseen levels, such as 'fax'"):
        assert read_values(later, used(columns), "Model")[:, 0].tolist() == [0, 2, 0]


def test_one_missing_word_changes_no_segment_of_the_others():
    gap = CUSTOMERS.copy()
    gap.loc[7, "channel"] = None
    whole, one = (BehaviourSegmenter(n_segments=4).fit(table) for table in (CUSTOMERS, gap))
    assert one.shares_.min() > 0.05
    assert (np.delete(whole.predict(CUSTOMERS) == one.predict(gap), 7)).mean() > 0.99
