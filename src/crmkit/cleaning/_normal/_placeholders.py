"""Values that stand where nothing is known: "N/A", 999-999-9999, 1900-01-01, test@...

A value is a placeholder only where nobody could mean it: 1970-01-01 is a birthday. Words that
machines write and people mean as well (Null, Na, Nil) depend on their column: see `_doubtful`.
"""

import re

from crmkit.cleaning._normal._settings import NormalSettings

NOTHING = frozenset((
    "", "n a",
    "#n/a", "#na", "#null!", "<na>", "n.a.", "n. a.", "n/a", "n\\a", "n.v.", "(null)", "<null>",
    "[null]", "(none)", "missing", "unknown", "unknow", "not known", "unspecified",
    "not specified", "not available", "not applicable", "not provided", "not given", "undefined",
    "no data", "tbd", "tba", "to be defined", "unbekannt", "k.a.", "k. a.", "keine angabe",
    "nicht bekannt", "inconnu", "inconnue", "non renseigné", "néant", "desconocido", "desconocida",
    "sin datos", "no disponible", "sconosciuto", "无", "空", "未知", "不详", "暂无", "没有", "未填",
    "未填写", "不明", "なし",
))  # fmt: skip
TECHNICAL = frozenset(("na", "nan", "null", "none", "nil"))  # of machines, but of people as well
NO_PERSON = frozenset((
    "test", "tester", "testing", "dummy", "fake", "sample", "asdf", "qwerty", "no name", "noname",
    "first name", "last name", "firstname", "lastname", "anonymous", "测试", "匿名",
))  # fmt: skip
FAMILIES = frozenset(("sample", "tester", "fake"))  # of these, what is a family name as well
NO_MAILBOX = frozenset((
    "test", "tester", "testing", "none", "noemail", "no-email", "no.email", "nomail", "n/a",
    "null", "unknown", "noreply", "no-reply", "donotreply", "do-not-reply", "nobody", "dummy",
    "fake", "xxx", "asdf", "a@a",
))  # fmt: skip
NO_DATE = frozenset((
    "0001-01-01", "1111-11-11", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01",
    "2999-12-31", "9999-12-31", "9999-09-09",
))  # fmt: skip
COUNTED = ("12345678901234567890", "98765432109876543210")
RUNS = frozenset(run[:length] for run in COUNTED for length in range(6, 21))
MARKS = " -–—_.?!/\\*#,;:~+=()[]{}<>'\"`^|@$%&"
MARKS_OF_A_CATEGORY = " -–—_.?!/\\,;:~()[]{}'\"`|"  # the others tell categories apart
BORDERS = re.compile(r"[\s./:T-]+")
FEWEST_DIGITS_ALIKE = 6
TWO_DIGITS = (
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 "
    "65 66 81 82 84 86 90 91 92 93 94 95 98"
)
TWO_DIGIT_COUNTRIES = frozenset(TWO_DIGITS.split())


def is_nothing(text: str, settings: NormalSettings, marks: str = MARKS) -> bool:
    """Tell whether a text with single blanks says nothing, whatever its kind."""
    if settings.meant and text in settings.meant:
        return False
    small = text.casefold()
    bare = small.strip(MARKS)
    if not bare:
        return not small.strip(marks)
    return bare in TECHNICAL or small in NOTHING or small in settings.placeholders


def is_nothing_left(text: str, settings: NormalSettings) -> bool:
    """The same of a normal form, where nobody can see how NULL was written."""
    return text in NOTHING or text in settings.placeholders


def is_nobody(text: str, kind: str = "") -> bool:
    """Tell whether a name in small letters is nobody's: test, xxx; families are called Sample."""
    if kind == "last_name" and text in FAMILIES:
        return False
    return text in NO_PERSON or (len(text) > 1 and set(text) == {"x"})


def is_no_mailbox(address: str) -> bool:
    """Tell whether an address in small letters is nobody's: test@..., noreply@..., na@na.na."""
    local, _at, domain = address.partition("@")
    local = local.partition("+")[0]
    return local in NO_MAILBOX or (local in TECHNICAL and domain.partition(".")[0] == local)


def is_no_number(digits: str, *, with_country: bool = False) -> bool:
    """Tell whether digits are one alone repeated, or counted up or down: 999-999-9999.

    Digits that begin with the code of a country are looked at without it as well.
    """
    if len(set(digits)) < 2 or digits in RUNS or digits.lstrip("0") in RUNS:
        return True
    return with_country and is_no_number(digits[_country_digits(digits) :])


def is_zero_date(text: str) -> bool:
    """Tell whether a text is a date of zeros or nines: 0000-00-00, 99/99/9999."""
    digits = BORDERS.sub("", text)
    return digits[:8] in ("00000000", "99999999") and digits.isdigit()


def is_no_code(text: str) -> bool:
    """Tell whether a code is one of zeros or of nines: 000-00-0000."""
    return len(text) >= FEWEST_DIGITS_ALIKE and set(text) in ({"0"}, {"9"})


def _country_digits(digits: str) -> int:
    """Length of the code of the country that digits begin with."""
    if digits[:1] in ("1", "7"):
        return 1
    return 2 if digits[:2] in TWO_DIGIT_COUNTRIES else 3
