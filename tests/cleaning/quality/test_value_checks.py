"""Judging values: by hand for each kind, and plain values pass by the same verdict as others."""

import datetime
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmkit.cleaning._normal._kinds import KINDS
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._quality import _value_checks
from crmkit.cleaning._quality._value_checks import as_days, plain_test, value_flags, within

JUDGED = {
    "email": {
        "fine": ["ann@post.example", "Ann Lee <ann.lee@post.example>", "ann+x@post.co.uk"],
        "placeholder": ["test@post.example", "N/A", "-", "noreply@x.example"],
        "unreadable": [
            "ann",
            "ann@post",
            "a@b@c.example",
            "ann@post..example",
            "a..b@post.example",
        ],
    },
    "phone": {
        "fine": ["(212) 736-5000", "+44 20 7946 0958", 2127365000, "0171/123456 ext. 5"],
        "placeholder": ["999-999-9999", "0000000000", "123456789", "unknown"],
        "unreadable": ["12", "call me", "2127365000212736500"],
    },
    "first_name": {
        "fine": ["Ann", "José", "王小明", "Null", "Jean-Luc", "O'Neil", "X Æ A-12"],
        "placeholder": ["n/a", "test", "xxx", "NULL", "??"],
        "unreadable": ["12345", "😀"],
    },
    "birth_date": {
        "fine": ["1980-12-31", "31.12.1980", datetime.date(1980, 1, 1), 19801231, "3 May 1980"],
        "placeholder": ["1900-01-01", "9999-12-31", datetime.datetime(1900, 1, 1)],
        "unreadable": ["1980-02-30", "soon", "80-1-1", 7],
    },
    "number": {
        "fine": ["1,200.50", "$ 5", 3, 2.5, True, "-1e3"],
        "placeholder": ["N/A", "none"],
        "unreadable": ["many", math.inf, "1.2.3"],
    },
    "latitude": {"fine": [90, "-12.5"], "placeholder": ["-"], "unreadable": [91, "120"]},
    "longitude": {"fine": [180.0, "-120"], "placeholder": [], "unreadable": [181]},
    "postcode": {
        "fine": ["10001", "SW1A 1AA", 10001, "01234-5678"],
        "placeholder": ["00000", "99999", "none"],
        "unreadable": [],
    },
    "category": {"fine": ["a", 5, True, "?a"], "placeholder": ["unknown", "??"], "unreadable": []},
    "text": {"fine": ["no", "nothing to say", "😀"], "placeholder": ["n/a"], "unreadable": []},
    "ignore": {"fine": [("a", "b"), "x"], "placeholder": ["N/A"], "unreadable": []},
    "city": {"fine": ["York", "上海"], "placeholder": ["未知"], "unreadable": ["123"]},
}


@pytest.mark.parametrize("kind", JUDGED)
def test_by_hand(kind):
    for verdict, values in JUDGED[kind].items():
        for value in values:
            flags = value_flags([value], kind, NormalSettings())
            told = {n: bool(getattr(flags, n)[0]) for n in ("blank", "placeholder", "unreadable")}
            assert told == {
                "blank": False,
                "placeholder": verdict == "placeholder",
                "unreadable": verdict == "unreadable",
            }, value


@pytest.mark.parametrize("kind", KINDS)
def test_empty_text_is_blank_whatever_the_kind(kind):
    flags = value_flags(["", "  ", "\t\n", "\u3000"], kind, NormalSettings())
    assert flags.blank.tolist() == [True] * 4
    assert not (flags.placeholder | flags.bad).any()
    assert len(value_flags([], kind, NormalSettings()).blank) == 0


def test_a_date_of_two_readings_is_unclear_unless_the_order_is_known():
    values = ["03/04/2020"]
    assert value_flags(values, "date", NormalSettings()).unclear.tolist() == [True]
    known = value_flags(["03/04/2020", "13/04/2020"], "date", NormalSettings())
    assert not known.unclear.any()
    stated = value_flags(values, "date", NormalSettings(date_order="DMY"))
    assert not stated.unclear.any()


def test_own_placeholders_are_found_in_every_kind():
    own = NormalSettings(placeholders=frozenset(["walk-in", "777", "none@post.example"]))
    for kind, value in (("first_name", "Walk-In"), ("phone", "777"), ("number", 777), ("id", 777)):
        assert value_flags([value], kind, own).placeholder.tolist() == [True], kind
    assert value_flags(["none@post.example"], "email", own).placeholder.tolist() == [True]


def test_a_doubtful_word_means_what_its_column_says():
    names = [
        "MILLER",
        "SMITH",
        "JONES",
        "BROWN",
        "CLARK",
        "ADAMS",
        "BAKER",
        "EVANS",
        "WHITE",
        "NULL",
    ]
    rare = np.array([100] * 9 + [1])
    flags = value_flags(names, "last_name", NormalSettings(), None, rare)
    assert not flags.placeholder.any()
    often = np.array([100] * 9 + [500])
    flags = value_flags(names, "last_name", NormalSettings(), None, often)
    assert np.flatnonzero(flags.placeholder).tolist() == [9]


WORDS = st.text("aAnN/.-'x0159 @é王", max_size=12)
PHRASES = st.sampled_from(
    ["N/A", "not known", "Mr. N/A", "first name", "xxx", "No, Name", "00000", "to be defined"]
)


@settings(max_examples=50)
@given(st.one_of(WORDS, PHRASES, st.integers(), st.floats(allow_nan=False)))
@example("no name")
@example("Unknown, The")
@example("n'a")
def test_plain_values_are_those_that_the_long_way_finds_nothing_in(value):
    for kind in KINDS:
        own = "text" if kind == "ignore" else kind
        if not plain_test(own, NormalSettings())(value):
            continue
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_value_checks, "plain_test", lambda *_: lambda _: False)
            flags = value_flags([value], kind, NormalSettings())
        assert not (flags.blank | flags.placeholder | flags.unreadable).any(), (kind, value)


def test_bounds_are_of_numbers_or_of_dates():
    settings_ = NormalSettings()
    assert within(["1,000", 5, "x"], 5, 1000, settings_).tolist() == [True, True, False]
    dates = ["2020-01-01", datetime.date(2021, 1, 1), "31/12/2019", "x"]
    assert within(dates, "2020-01-01", None, settings_).tolist() == [True, True, False, False]


def test_days_of_text_and_of_types_agree():
    texts = ["2020-01-05", "2020-02-29 10:00:00", "1900-01-01", "x"]
    typed = [
        datetime.date(2020, 1, 5),
        datetime.datetime(2020, 2, 29, 10),
        datetime.date(1900, 1, 1),
    ]
    days = as_days(texts, NormalSettings())
    assert np.isnat(days).tolist() == [False, False, True, True]
    assert np.array_equal(days[:3], as_days(typed, NormalSettings()), equal_nan=True)
    aware = datetime.datetime(2020, 1, 5, 23, tzinfo=datetime.UTC)
    assert as_days([aware], NormalSettings()).tolist() == [datetime.date(2020, 1, 5)]
