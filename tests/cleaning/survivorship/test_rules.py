"""Rules by column and kind, columns that stay together, and what is refused."""

import pytest

from crmkit.cleaning._survivorship._rules import parts_of
from crmkit.exceptions import DataError

KINDS = {
    "given": "first_name",
    "family": "last_name",
    "mail": "email",
    "street": "street",
    "town": "city",
    "born": "birth_date",
    "note": "text",
    "empty": "ignore",
}


def found(rules=None, together=None, kinds=KINDS, *, timed=False, trusted=False):
    parts = parts_of(kinds, rules, together, timed=timed, trusted=trusted, owner="Test")
    return {part.names: part.label for part in parts}


def test_what_is_usual():
    assert found() == {
        ("family", "given"): "most_frequent",
        ("mail",): "most_frequent",
        ("street", "town"): "most_frequent",
        ("born",): "most_frequent",
        ("note",): "longest",
        ("empty",): "most_complete",
    }
    timed = found(timed=True, trusted=True)
    assert timed[("mail",)] == timed[("street", "town")] == "most_recent"
    assert timed[("family", "given")] == timed[("born",)] == "most_frequent"
    trusted = found(trusted=True)
    assert trusted[("mail",)] == trusted[("street", "town")] == "most_trusted"


def test_rules_by_column_and_kind_the_column_first():
    got = found({"email": "longest", "city": "first", "born": "min"})
    assert got[("mail",)] == "longest"
    assert got[("street", "town")] == "first"
    assert got[("born",)] == "min"
    two = {"email": "email", "second": "email"}
    assert found({"email": "first"}, kinds=two) == {
        ("email",): "first",
        ("second",): "most_frequent",
    }


def test_one_rule_for_all_and_functions_by_their_name():
    assert set(found("longest", []).values()) == {"longest"}
    assert found({"mail": max})[("mail",)] == "max"


def test_what_stays_together_can_be_stated():
    assert ("mail", "born") in found(together=[["mail", "born"]])
    assert ("street",) in found(together=[["mail", "born"]])
    assert all(len(names) == 1 for names in found(together=[]))
    assert all(len(names) == 1 for names in found(kinds={"a": "street", "b": "street"}))


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"mial": "longest"}, "'mial' is neither a column nor a kind of column. Did you mean 'mai"),
        ({"mail": "qqq"}, "'qqq' of 'mail' is no rule; rules are most_recent, oldest, most"),
        ({"mail": "longst"}, "'longst' of 'mail' is no rule .did you mean 'longest'"),
        ({"mail": "most_recent"}, "rule 'most_recent' of 'mail' needs when="),
        ({"mail": "most_trusted"}, "rule 'most_trusted' of 'mail' needs source= and sources="),
        ({"mail": "max"}, "rule 'max' is for dates and numbers, but 'mail' is of kind 'email'"),
        ({"mail": 3}, "3 of 'mail' is no rule"),
        ([1], "rules must be a rule or a dict"),
        ({"street": "first", "town": "longest"}, "'street', 'town' come from one record, but have"),
        ({"street": max}, "come from one record, which .* cannot choose. Part them with"),
    ],
)
def test_wrong_rules_are_refused(rules, message):
    with pytest.raises(DataError, match=f"Test: .*{message}"):
        found(rules)


@pytest.mark.parametrize(
    ("together", "message"),
    [
        ("mail", "together must be a list of lists of columns"),
        (["mail"], "together must be a list of lists of columns, such as"),
        ([["mial"]], "column 'mial' not found. Did you mean together='mail'"),
        ([["mail"], ["mail", "born"]], "'mail' is in two groups"),
    ],
)
def test_wrong_groups_are_refused(together, message):
    with pytest.raises(DataError, match=message):
        found(together=together)
