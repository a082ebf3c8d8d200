"""Formats: what cannot be read, rare shapes, a usual value with something added."""

import pytest

from crmkit.cleaning._quality._formats import (
    RARE_SHAPE,
    UNREADABLE,
    format_signs,
    is_readable,
    learn_shapes,
)
from tests.cleaning.quality.columns import column, hint_for, level_of

TIMES = [f"{hour}:{minute:02d} p.m." for hour in range(1, 9) for minute in range(0, 50, 10)]


def signs_on(made):
    return format_signs(made, learn_shapes(made))


def test_what_cannot_be_read_as_its_kind():
    made = column("age", "number", ["31", "twelve", "12 years", "N/A"])
    signs = signs_on(made)
    assert level_of(signs, made, "twelve") == UNREADABLE
    assert level_of(signs, made, "31") == level_of(signs, made, "N/A") == 0
    assert hint_for(signs, made, "12 years") == "12"
    assert "read as number" in signs.reasons[made.texts.index("twelve")]


@pytest.mark.parametrize("text", ["2021-02-30", "2021-13-01", "soon"])
def test_impossible_dates(text):
    made = column("born", "birth_date", ["2021-02-03", text])
    assert level_of(signs_on(made), made, text) == UNREADABLE


def test_readable():
    assert is_readable("a@b.org", "a@b.org", "email")
    assert not is_readable("a@b@c", None, "email")
    assert is_readable("Ulm", "ulm", "city")


def test_a_rare_shape_among_codes():
    made = column("zip", "postcode", [f"{n:05d}" for n in range(10_000, 10_200)] + ["9xx62"])
    signs = signs_on(made)
    assert level_of(signs, made, "9xx62") == RARE_SHAPE
    assert signs.levels.sum() == RARE_SHAPE


def test_few_rows_and_free_text_have_no_shapes():
    assert learn_shapes(column("zip", "postcode", ["1", "2", "x"])) == {}
    made = column("note", "text", [f"He said so {'!' * n}" for n in range(50)])
    assert not signs_on(made).levels.any()


def test_where_shapes_are_many_a_rare_one_is_no_sign():
    sizes = [f"{n % 40 + 1} OZ" for n in range(1400)] + [f"{n / 10} OZ" for n in range(401, 841)]
    rare = ["{} PK/{} Z", "{} X{} IN", "{}/{} GAL", "{} - {} CT", "{}+{}", "{}-{}LB", "{}({})"]
    rare += ["{}, {} G", "{} {}", "A{}-{}", "{}A{}B", "B/{}/{}", "{}:{}", "#{}#{}", "{}={} L"]
    legal = [form.format(n, n + 3) for form in rare for n in range(2, 6)]
    made = column("package_size", "text", sizes + legal)
    assert not signs_on(made).levels.any()
    few = column("package_size", "text", sizes + legal[:8] + ["12 PK/x"])
    assert level_of(signs_on(few), few, "12 PK/x") >= RARE_SHAPE


def test_a_known_value_with_something_added_is_taken_out():
    made = column("at", "text", TIMES * 3 + ["12/02/2011 7:10 p.m.", "(7:10 p.m.)"])
    signs = signs_on(made)
    assert hint_for(signs, made, "12/02/2011 7:10 p.m.") == "7:10 p.m."
    assert hint_for(signs, made, "(7:10 p.m.)") == "7:10 p.m."
    assert level_of(signs, made, "7:10 p.m.") == 0


def test_a_writing_of_many_values_is_found_however_frequent():
    rates = [f"0.0{n}" for n in range(10, 60)]
    made = column("rate", "category", rates * 3 + [f"{rate}%" for rate in rates])
    signs = signs_on(made)
    assert all(level_of(signs, made, f"{rate}%") == UNREADABLE for rate in rates)
    assert hint_for(signs, made, "0.012%") == "0.012"


def test_dates_and_phones_in_another_writing():
    days = [f"2020-01-{n:02d}" for n in range(1, 29)] * 3
    made = column("born", "birth_date", [*days, "31/12/2019"])
    assert hint_for(signs_on(made), made, "31/12/2019") == "2019-12-31"
    made = column(
        "phone", "phone", [f"555{n}" for n in range(3_000_000, 3_000_060)] + ["555-300 0001"]
    )
    assert hint_for(signs_on(made), made, "555-300 0001") == "5553000001"


def test_ids_are_left_alone():
    made = column("no", "id", [str(n) for n in range(100)] + ["x"])
    assert learn_shapes(made) == {}
    assert not signs_on(made).levels.any()


def test_new_values_are_judged_by_what_was_learnt():
    model = learn_shapes(column("zip", "postcode", [f"{n:05d}" for n in range(10_000, 10_200)]))
    new = column("zip", "postcode", ["12x45", "12345"])
    assert format_signs(new, model).levels.tolist() == [0, RARE_SHAPE]
