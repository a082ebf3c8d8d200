"""Values that are two things, or one thing written in two ways: what their forms must tell."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.cleaning._normal._forms import STEPS, normalised, traced
from crmkit.cleaning._normal._placeholders import TECHNICAL
from crmkit.cleaning._normal._settings import NormalSettings

FORMS = [
    ("phone", "2127365000", ["2127365000.0", 2127365000.0, "212 736 5000"]),
    ("phone", "+12127365000", ["tel:+1-212-736-5000", "[+1] 212 736 5000", "٠٠١٢١٢٧٣٦٥٠٠٠"]),
    ("phone", None, ["4.91512E+11", "+1 999 999 9999", "+1 123 456 7890", "+49 1234567890"]),
    ("phone", "+12123456789", ["+1 212 345 6789"]),
    ("phone", "00271828", ["00271828"]),  # too short to begin with the code of a country
    ("name", "maria garcia lopez", ["García López, María"]),
    ("birth_date", "2020-01-01", ["1. Jänner 2020"]),
    ("id", "123", ["123.0", 123.0, "123", "1٢3"]),
    ("id", None, ["4.91512E+11", "000-00-0000", "999-99-9999"]),
    ("id", "k", ["k´"]),
    ("company", "foo", ["Foo SA", "Foo S.A.", "Foo S.p.A.", "Foo SpA", "Foo s.r.o.", "Foo e.V.",
                        "Foo B.V.", "Foo L.L.C.", "Foo L.P.", "Foo A/S", "Foo S.A.R.L.",
                        "Foo Sp. z o.o.", "The Foo S.A. de C.V."]),
    ("company", "san diego zoo", ["San Diego Zoo", "San Diego Zoo, Inc."]),
    ("company", "lotus spa", ["Lotus Spa", "LOTUS SPA"]),
    ("company", "the limited", ["The Limited"]),
    ("company", "jp morgan", ["J.P. Morgan", "J. P. Morgan & Co."]),
    ("category", "a+", ["A+"]),
    ("category", "a-", ["A-", " a- "]),
    ("category", "<18", ["<18"]),
    ("category", "c++", ["C++"]),
    ("category", "c#", ["C#"]),
    ("category", "-5", ["-5"]),
    ("category", "$$", ["$$"]),
    ("category", "👍", ["👍"]),
    ("category", "self employed", ["Self-Employed", "self employed", "Self employed."]),
    ("category", None, ["-", "?", "n/a", "..."]),
    ("name", "anna van der berg", ["van der Berg, Anna", "Anna van der Berg"]),
    ("name", "john smith jr", ["Smith, John Jr", "Smith, Jr., John", "Smith Jr, John",
                               "Smith, John, Jr.", "John Smith Junior"]),
    ("name", "john smith iii", ["Smith, John III"]),
    ("name", "john v smith", ["Smith, John V."]),
    ("name", "v smith", ["Smith, V"]),
    ("name", "john smith", ["Dr. Smith, John", "Smith, John, PhD"]),
    ("name", "محمد علي", ["علي، محمد"]),
    ("name", "山田太郎", ["山田、太郎", "山田 太郎"]),
    ("name", "hans muller", ["Prof. Dr. med. Hans Müller", "Müller, Dr. rer. nat. Hans",
                             "Dipl.-Ing. Hans Müller", "Mag. Hans Müller"]),
    ("name", "phil collins", ["Dr. Phil Collins"]),
    ("name", "thomas duke of york 2nd", ["Thomas, Duke of York, 2nd"]),
    ("first_name", "ing marie", ["Ing-Marie"]),
    ("first_name", "nil", ["Nil"]),
    ("first_name", None, ["None", "Sample"]),
    ("last_name", "sample", ["Sample"]),
    ("last_name", "obrien", ["O´Brien", "O′Brien", "O'Brien", "O’Brien"]),
    ("street", "po box 12", ["PO Box 12", "P.O. Box 12", "POBox 12", "Post Office Box 12"]),
    ("street", "12 1 2 main st", ["12½ Main St", "12 1/2 Main Street"]),
    ("street", "rue ste catherine", ["Rue Ste Catherine", "Rue Sainte-Catherine"]),
    ("street", "12 oak st apt 200", ["12 Oak St Ste 200", "12 Oak St, Suite #200"]),
    ("street", "ne rd", ["North East Road", "Northeast Rd"]),
    ("state", "nsw", ["N.S.W.", "NSW"]),
    ("city", "москва", ["Москва City", "Москва"]),
    ("postcode", "12345", ["12345-6789", "12345 6789", "123456789", "12345.0"]),
    ("postcode", None, [1234.5]),
    ("country", "gb", ["GBR", "Northern Ireland", "GB"]),
    ("country", "tr", ["Turkey", "Türkiye", "TR"]),
    ("country", "gr", ["Greece", "GR", "Ελλάδα"]),
    ("email", "a@x.com", ["a@x.com; b@x.com", "a@x.com b@x.com", "a@x.com (work)",
                          "mailto:a@x.com?subject=hi", "Ann (old) <a@x.com>, Bob <b@x.com>"]),
    ("email", "john@[127.0.0.1]", ["john@[127.0.0.1]"]),
    ("email", "ibrahim@x.com", ["İbrahim@x.com"]),
    ("email", "na@firm.com", ["na@firm.com"]),
    ("email", None, ["na@na.com", "t.est@gmail.com"]),
    ("birth_date", "1980-03-01", ["1er mars 1980", "1980-Mar-01", "Sat Mar 1 1980",
                                  "1980-03-01+02:00", "Samstag, 1. März 1980"]),
    ("birth_date", "2020-06-05 to 2020-06-09", ["2020-06-05 to 2020-06-09"]),
    ("birth_date", None, ["0000-00-00", "00/00/0000", "99/99/9999", "0000-00-00 00:00:00"]),
    ("number", "-5", ["(5)", "−5", "-5.0", "(kr 5)"]),
    ("number", "5", ["kr 5", "5 kr"]),
    ("number", "1234567890123456789", ["1234567890123456789"]),
    ("set", "a, b", ["b; a", ("b", None, "a"), "a, n/a, b"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "form", "values"), FORMS)
def test_ways_of_writing_share_a_form(kind, form, values):
    assert [normalised([value], kind)[0] for value in values] == [form] * len(values)
    assert [traced([value], kind).forms[0] for value in values] == [form] * len(values)


def test_numbers_that_are_numbers_know_no_decimal_comma():
    comma = NormalSettings(decimal=",")
    values = [1.234, "1.234", "1,234", Decimal("1.234"), 12]
    assert normalised(values, "number", comma) == ["1.234", "1234", "1.234", "1.234", "12"]
    assert normalised([48.137], "latitude", comma) == ["48.137"]


def test_plus_and_minus_are_categories_together():
    assert normalised(["+", "-", "?"], "category") == ["+", "-", None]


NAMES = ["MILLER", "SMITH", "JONES", "BROWN", "DAVIS"]
MEANT = [
    ("last_name", [*NAMES, "NULL"], 1, "null"),  # all in capitals, and rare
    ("last_name", [*NAMES, "NULL"], 30, None),
    ("last_name", [name.title() for name in NAMES] + ["NULL"], 1, None),
    ("last_name", [name.title() for name in NAMES] + ["Null"], 1, "null"),
    ("last_name", [name.title() for name in NAMES] + ["Null"], 30, None),
    ("city", ["Rome", "Paris", "None"], 1, "none"),
    ("city", ["Rome", "Paris", "None"], 9, None),
    ("country", ["DE", "FR", "GB", "US", "AT", "NA"], 1, "na"),
    ("country", ["Germany", "France", "NA"], 1, None),
    ("state", ["MI", "RM", "TO", "BO", "FI", "NA"], 1, "na"),  # provinces of Italy
    ("state", ["CA", "FL", "NY", "TX", "OH", "NA"], 1, None),  # of a country without a state NA
    ("id", ["DE", "FR", "GB", "US", "AT", "NA"], 1, None),
]


@pytest.mark.parametrize(("kind", "values", "n", "form"), MEANT)
def test_the_column_tells_what_a_doubtful_word_means(kind, values, n, form):
    counts = np.array([20] * (len(values) - 1) + [n])
    assert normalised(values, kind, None, counts)[-1] == form
    assert traced(values, kind, None, counts).forms[-1] == form


PIECES = st.sampled_from(
    ["Dr.", "med.", "Ing.", "Jr", "PhD", "van", "Anna", "O´", "王", "先生", "Null", "None", "test",
     "The", "Inc", "S.p.A.", "Sp. z o.o.", "Co.", "公司", "有限公司", "㈱", "A/S", "No", "Ste",
     "#", "12", "½", "North", "East", "First", "PO Box", "strasse", "路", "市", "省", "Saint", "N.",
     "GBR", "9", "12345", "-", "6789", ".0", "E+11", "٣", "@", "x.com", "gmail.com", ";", "<", ">",
     "(w)", "mailto:", '"', "[", "]", "+", "(0)", "1980", "31", "/", "Mar", "rd", "99", "$", "kr",
     "(", ")", "−", "n/a", "👍", "*", ".", ",", " ", " ", "İ", "´", "_"]
)  # fmt: skip


@settings(max_examples=50)
@given(st.lists(PIECES, min_size=1, max_size=7).map("".join))
def test_a_form_made_of_hard_pieces_is_its_own_form(value):
    for kind in STEPS:
        (form,) = normalised([value], kind)
        assert traced([value], kind).forms == [form]
        if form is not None and form not in TECHNICAL:
            assert normalised([form], kind) == [form], kind
