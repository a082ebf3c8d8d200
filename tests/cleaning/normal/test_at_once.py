"""Forms of many plain values at once: the same as those of one value after the other."""

import random

import pytest

from crmkit.cleaning._normal import _forms
from crmkit.cleaning._normal._at_once import FEW, at_once
from crmkit.cleaning._normal._forms import normalised

PHONES = (
    "+49 170 1234567", "(02) 9123-4568", "0170.123.4567", "+1 (0) 30 123456", "999-999-9999",
    "1234567890", "+491234567890", "00491701234568", "123.0", "12346", "+12346", "+1 11111",
    "1e5", "555-0123 ext 4", "\t030 1238", "030 1238\t", "", "+", "++49123456", "49+1234567",
    "é123456", "+7 777777", "+861111111", "0001234567", "+1 1234567", " +49 30 11", "(0) 3012346",
    "0 3 0 . 0 1 2", "98765432", "0049 30 15", "001 5559 0139", "000155590139", "030 " + "1 2" * 20,
)  # fmt: skip
EMAILS = (
    "ann@shop.com", "A@B", "a@@b", "@x.com", "x@", "a_b@x.com", "a@x_y.com", "-a@x.com",
    "a-@x.com", "a@x-", "a@-x", "a@x.com.", "john.smith@gmail.com", "x.y@googlemail.com",
    "test@x.com", "none@x", "na@na.na", "tests@x.com", "a+tag@x.com", " a@b.c ", "a b@c.d",
    "é@x.com", "n/a", "", "@", "xxx@a.b", "no.email@x.y", "noreply@x", "_@x", "a@x", "<a@b.c>",
    "a@b.c;d@e.f", "mailto:a@b.c", "nobody@x.y", "?",
)  # fmt: skip
LETTERS = {"phone": "0123456789+ ().-0011299\tx?", "email": "ab@._-xn1@.@ +gmail.com?"}


@pytest.mark.parametrize(
    ("kind", "plain", "form"),
    [
        ("phone", "(02) 9123-4568", "0291234568"),
        ("phone", "+49 170 123458", "+49170123458"),
        ("phone", "0170.723.4569", "01707234569"),
        ("phone", "0049-170 7234569", "+491707234569"),
        ("email", "Ann.Lee_2@Shop-24.com", "ann.lee_2@shop-24.com"),
        ("email", "a@b", "a@b"),
    ],
)
def test_a_plain_value_has_its_form_at_once(kind: str, plain: str, form: str) -> None:
    found = at_once([plain] * FEW, kind)
    assert found is not None
    assert found.forms == [form] * FEW
    assert not found.hard.any()


@pytest.mark.parametrize(
    ("kind", "hard"),
    [("phone", each) for each in ("999-999-9999", "12345678", "+1 (0) 30 1", "12.0", "12", "é", "")]
    + [("email", each) for each in ("test@x.com", "a.b@gmail.com", "a@b@c", "a+b@c.d", "a@b_c")],
)
def test_a_value_that_is_not_plain_needs_a_closer_look(kind: str, hard: str) -> None:
    found = at_once([hard] * FEW, kind)
    assert found is not None
    assert found.hard.all()


@pytest.mark.parametrize(("kind", "words"), [("phone", PHONES), ("email", EMAILS)])
@pytest.mark.parametrize("seed", range(3))
def test_forms_are_those_of_one_after_the_other(
    kind: str, words: tuple[str, ...], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = [*words, *_slips(words, LETTERS[kind], random.Random(seed), 6_000)]
    found = at_once(values, kind)
    assert found is not None
    assert 0 < found.hard.sum() < len(values)
    together = normalised(values, kind)
    monkeypatch.setattr(_forms, "at_once", lambda *_: None)
    assert together == normalised(values, kind)


def test_other_kinds_and_values_are_left_to_the_steps() -> None:
    many = [f"+49 170 {n}" for n in range(1_000_000, 1_000_000 + FEW)]
    assert at_once(many, "phone") is not None
    assert at_once(many, "street") is None
    assert at_once(many[1:], "phone") is None
    assert at_once([*many, "1\n2"], "phone") is None
    forms = ["+491701000000", "+491701000001"]
    assert normalised([*many, None], "phone")[:2] == forms
    assert normalised([*many, None], "phone")[-1] is None
    assert normalised([*many, "1\n2"], "phone")[:2] == forms


def _slips(words: tuple[str, ...], letters: str, chance: random.Random, n: int) -> list[str]:
    """Words with up to three letters put in, taken out or put in the place of another."""
    made = set()
    for _ in range(n):
        word = list(chance.choice(words))
        for _ in range(chance.randrange(4)):
            place, end = chance.randrange(len(word) + 1), chance.randrange(2)
            word[place : place + end] = chance.choice(["", chance.choice(letters)])
        made.add("".join(word))
    return sorted(made)
