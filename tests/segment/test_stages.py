"""Stages: which rule comes first, names, rules and reasons in words."""

import numpy as np
import pytest

from crmkit.exceptions import DataError
from crmkit.segment._stages import (
    STAGES,
    counted,
    reasons,
    rule_texts,
    stage_names,
    stage_positions,
)

NAMES = np.array(STAGES["en"])


def test_the_first_rule_that_holds_decides():
    passed = np.array([3, 2, 1, 0, 0, 0, 0, 0])
    n_days = np.array([1, 9, 1, 1, 9, 3, 9, 9])
    back = np.array([0, 2, 0, 0, 1, 0, 0, 0])
    rising = np.array([1, 1, 1, 1, 1, 0, 1, 0], dtype=bool)
    got = NAMES[stage_positions(passed, n_days, back, rising, 4)].tolist()
    assert got == ["lost", "dormant", "at risk", "new", "reactivated", *["growing"] * 2, "loyal"]


def test_names():
    assert stage_names("zh", "test")[-1] == "流失客户"
    assert stage_names(list("abcdefg"), "test") == tuple("abcdefg")
    for wrong in ("fr", "abcdefg", list("abc"), list("aabcdef"), [1, 2, 3, 4, 5, 6, 7], None):
        with pytest.raises(DataError, match="test: stages must be one of"):
            stage_names(wrong, "test")


def test_rules_tell_what_was_learnt():
    texts = rule_texts(np.array([[1.0, 2.0, 4.0], [1.5, 3.0, 6.0]]), [0.5, 0.3, 0.15], 4, 90, 45)
    assert texts[4:] == [
        "silent for more than 1.5 own rhythms (1.0 after the first purchase)",
        "silent for more than 3.0 own rhythms (2.0 after the first purchase)",
        "silent for more than 6.0 own rhythms (4.0 after the first purchase)",
    ]
    by_model = rule_texts(None, [0.5, 0.3, 0.15], 4, 90, 45)
    assert by_model[5] == "chance of a purchase at most 30% of that at the last one"
    assert by_model[4].endswith(
        "at most 50% of that at the last one, or bought once, more than 45 days ago"
    )
    assert texts[3] == by_model[3] == "not at risk, one purchase day so far, at most 45 days ago"
    assert len(texts) == len(by_model) == 7


def test_reasons_in_words():
    evidence = {
        "days_since_last": np.array([1, 3, 5, 9, 40, 2, 60, 400]),
        "purchase_days": np.array([6, 9, 4, 1, 2, 2, 1, 2]),
        "rhythm": np.array([8.0, 8, 30, 10, 9, 9, 9, 9]),
        "recent": np.array([3, 7, 1, 0, 0, 1, 0, 0]),
        "before": np.array([3, 1, 0, 0, 1, 0, 0, 0]),
        "pause": np.array([np.nan, np.nan, 120, *[np.nan] * 5]),
        "chance_left": np.array([1.0, 1.0, 1.0, 0.9, 0.2, 0.9, 0.6, 0.59]),
    }
    assert reasons(np.array([0, 1, 2, 3, 5, 1, 4, 6]), evidence, 4, [0.5, 0.3, 0.15]) == [
        "6 purchase days, a rhythm of 8 days; the last 1 day ago",
        "7 purchase days lately after 1 in as long before",
        "back after a pause of 120 days; 4 purchase days, the last 5 days ago",
        "first purchase 9 days ago",
        "silent for 40 days after 2 purchase days and a rhythm of 9 days: 20% of the chance of a "
        "purchase is left",
        "2 purchase days of the 4 that make loyal, a rhythm of 9 days; the last 2 days ago",
        "bought once, 60 days ago, which is too long for a new customer",
        "silent for 400 days after 2 purchase days and a rhythm of 9 days: longer than the log can "
        "tell",
    ]
    assert counted(1, "day") == "1 day"
    assert (counted(1.3, "day"), counted(1.6, "day")) == ("1 day", "2 days")
