"""Values that stand where nothing is known: "N/A", 999-999-9999, 1900-01-01, test@...

A value is a placeholder only where nobody could mean it: Null, Na and Nan are names of people when
they are written like names, and 1970-01-01 is a birthday.
"""

from crmkit.cleaning._normal._settings import NormalSettings

NOTHING = frozenset((
    "", "n a",
    "#n/a", "#na", "#null!", "<na>", "n.a.", "n. a.", "n/a", "n\\a", "n.v.", "(null)", "<null>",
    "[null]", "(none)", "none", "nil", "missing", "unknown", "unknow", "not known", "unspecified",
    "not specified", "not available", "not applicable", "not provided", "not given", "undefined",
    "no data", "tbd", "tba", "to be defined", "unbekannt", "k.a.", "k. a.", "keine angabe",
    "nicht bekannt", "inconnu", "inconnue", "non renseigné", "néant", "desconocido", "desconocida",
    "sin datos", "no disponible", "sconosciuto", "无", "空", "未知", "不详", "暂无", "没有", "未填",
    "未填写", "不明", "なし",
))  # fmt: skip
TECHNICAL = frozenset(("na", "nan", "null"))  # of machines, but names of people as well
NO_PERSON = frozenset((
    "test", "tester", "testing", "dummy", "fake", "sample", "asdf", "qwerty", "no name", "noname",
    "first name", "last name", "firstname", "lastname", "anonymous", "测试", "匿名",
))  # fmt: skip
NO_MAILBOX = frozenset((
    "test", "tester", "testing", "none", "noemail", "no-email", "no.email", "nomail", "na", "n/a",
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


def is_nothing(text: str, settings: NormalSettings) -> bool:
    """Tell whether a text with single blanks says nothing, whatever its kind."""
    small = text.casefold()
    if small in NOTHING or small in TECHNICAL or small in settings.placeholders:
        return True
    return _without_words(small)


def is_no_name(text: str, settings: NormalSettings) -> bool:
    """Tell whether a text is no name: like `is_nothing`, but Null, Na and Nan are names."""
    small = text.casefold()
    if small in TECHNICAL:
        return not text.istitle() or text == "NaN"
    return is_nothing(text, settings) or _is_nobody(small)


def is_no_name_left(text: str, settings: NormalSettings) -> bool:
    """The same of a name in normal form, where nobody can see how Null was written."""
    return text in NOTHING or text in settings.placeholders or _is_nobody(text)


def _is_nobody(small: str) -> bool:
    return small in NO_PERSON or (len(small) > 1 and set(small) == {"x"})


def is_no_mailbox(address: str) -> bool:
    """Tell whether an address in small letters is nobody's: test@..., noreply@..."""
    return address.partition("@")[0].partition("+")[0] in NO_MAILBOX


def is_no_number(digits: str) -> bool:
    """Tell whether digits are one alone repeated, or counted up or down: 999-999-9999."""
    return len(set(digits)) < 2 or digits in RUNS or digits.lstrip("0") in RUNS


def _without_words(text: str) -> bool:
    """Tell whether a text is marks alone, such as "-", "???" or "..."."""
    return not text.strip(MARKS)
