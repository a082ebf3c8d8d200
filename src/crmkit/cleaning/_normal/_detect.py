"""What kind of thing each column holds: told by its name where the values agree, else by values.

Names are read in English, German, French, Spanish and Chinese, with or without a word such as
"billing" before them. What is found depends on the set of values alone, never on their order.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmkit.cleaning._normal._address import SHORT_WORDS
from crmkit.cleaning._normal._company import LEGAL, LEGAL_WORDS
from crmkit.cleaning._normal._countries import CODE_OF
from crmkit.cleaning._normal._date import EIGHT_DIGITS, YEAR_FIRST, YEAR_LAST
from crmkit.cleaning._normal._forms import normalised
from crmkit.cleaning._normal._kinds import IGNORE
from crmkit.cleaning._normal._phone import FEWEST_DIGITS
from crmkit.cleaning._normal._settings import NormalSettings
from crmkit.cleaning._normal._text import no_accents

SAMPLE = 500  # distinct values that are looked at
MOST = 0.8  # share of the values that must look like a kind where the name says nothing
SOME = 0.3  # the same where the name says this kind
FEW_VALUES = 50
FIRST_LONG_NUMBER = 100_000
BEFORE = re.compile(
    r"(?:customer|client|cust|kunden?|contact|person|user|member|billing|shipping|delivery|"
    r"primary|main|home|work|business|office|private|rec|record|cliente?|default|mailing|card|"
    r"address ?\d?|addr|account|bill to|ship to|other|rechnungs|liefer|客户|联系|所在) ?(?=.)"
)

WORDS: tuple[tuple[str, str], ...] = (
    ("email", r"e ?mail(?: ?(?:addr|address|adresse))?|mail|courriel|correo(?: electronico)?|"
              r"电子邮件|电子邮箱|邮箱|邮件"),
    ("phone", r"(?:(?:mobile|cell|day|evening) ?)?(?:tele)?phone(?: ?(?:number|no|nr|num|1|2))?|"
              r"mobile(?: number)?|cell|telefon(?:nummer)?|tel|handy(?:nummer)?|fax|telefono|movil|"
              r"portable|电话|电话号码|联系电话|手机|手机号|手机号码"),
    ("birth_date", r"dob|birth ?date|birthday|date of birth|born|geburtsdatum|geburtstag|geboren|"
                   r"geb ?dat(?:um)?|date de naissance|fecha de nacimiento|出生日期|生日|出生"),
    ("first_name", r"(?:first|given|fore) ?names?|f ?name|vornamen?|prenoms?|"
                   r"nombres?|nombre de pila|名|名字"),
    ("last_name", r"(?:last|sur|family) ?name|l ?name|nachname|familienname|nom de famille|"
                  r"(?:primer |segundo )?apellidos?(?: paterno| materno)?|姓|姓氏"),
    ("company", r"company(?: name)?|firm|firma|firmenname|organi[sz]ation|business|employer|"
                r"unternehmen|entreprise|societe|empresa|raison sociale|razon social|"
                r"公司|公司名称|单位|企业"),
    ("postcode", r"post ?code(?: \w+)?|postal ?code|zip(?: ?code)?|plz|postleitzahl|code postal|"
                 r"codigo postal|cp|邮编|邮政编码"),
    ("city", r"city|town|suburb|locality|municipality|birth ?place|place of birth|ort|wohnort|"
             r"stadt|ville|commune|ciudad|localidad|poblacion|城市|市"),
    ("state", r"(?:state|province)(?: code)?|state (?:region|province)|"
              r"region|bundesland|county|provincia|departement|省|省份|州"),
    ("country", r"country(?: code)?|land|nation|pays|pais|国家|国籍"),
    ("category", r"(?:street|house) ?(?:number|no)|hausnummer|gender|sex|title|salutation|anrede|"
                 r"occupation|type|segment|geschlecht|sexe|sexo|beruf|source|status|性别|职业|类型"),
    ("street", r"street(?: ?name| ?address)?|addr(?:ess)?(?: ?(?:line)? ?1)?|strasse|"
               r"anschrift|adresse|rue|calle|direccion|domicilio|地址|街道|住址|详细地址"),
    ("text", r"addr(?:ess)?(?: ?(?:line)? ?[2-9])|description|comments?|notes?|remarks?|bemerkung|"
             r"备注"),
    ("latitude", r"lat(?:itude)?|breitengrad|纬度"),
    ("longitude", r"lon|lng|long(?:itude)?|langengrad|经度"),
    ("id", r"kundennummer|kd ?nr|numero client|account(?: number| no)?|sku|user ?name|"
           r"(?:.* )?(?:id|ssn|soc sec|social security(?: number)?|tax number|passport)(?: .*)?|"
           r"steuernummer|dni|nif|身份证|身份证号|编号"),
    ("name", r"(?:full ?)?name|vollstandiger name|nom|nom complet|nombre completo|"
             r"first and sur ?name|contact|customer|nombre y apellidos|姓名|全名|联系人|客户名称"),
)  # fmt: skip
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
PHONE = re.compile(r"\+?[\d\s()/.-]{9,20}")
INTERNET = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")  # an address of a machine
BRITISH = re.compile(r"[a-z]{1,2}\d[\da-z]? ?\d[a-z]{2}", re.IGNORECASE)
LONGEST_POSTCODE = 10
LONGEST = 200  # characters of a value that are looked at
STREETS = frozenset(SHORT_WORDS.values()) - {"n", "s", "e", "w", "c", "al", "way"}


class Values(NamedTuple):
    """Distinct values of a column, and how many rows have each."""

    values: Sequence[Any]
    counts: npt.NDArray[np.int64]


def detect_kinds(columns: Mapping[str, Values]) -> dict[str, str]:
    """Kind of each column by name and content; "ignore" for a column without a value."""
    return {name: kind_of(name, column) for name, column in columns.items()}


def kind_of(name: str, column: Values) -> str:
    """Kind of one column."""
    if not len(column.values):
        return IGNORE
    texts = _sample(column.values)
    said = kind_by_name(name)
    if said is not None and _agrees(said, texts, column):
        return said
    if all(isinstance(value, tuple) for value in column.values):
        return "set"
    return _by_content(texts, column)


def kind_by_name(name: str) -> str | None:
    """Kind that the name of a column says, None where it says none."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(name))
    words = no_accents(words.casefold(), NormalSettings())
    words = " ".join(re.sub(r"[\W_]+", " ", words).split())
    while words:
        for kind, pattern in WORDS:
            if re.fullmatch(pattern, words):
                return kind
        shorter = BEFORE.sub("", words, count=1) if BEFORE.match(words) else ""
        words = shorter.strip()
    return None


def _sample(values: Sequence[Any]) -> list[str]:
    """Up to 500 of the values as text: the same ones in whatever order they come."""
    if len(values) <= SAMPLE:
        return sorted(_short(value) for value in values)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    keys = pd.util.hash_array(array, categorize=False)
    return sorted(_short(values[place]) for place in np.argpartition(keys, SAMPLE)[:SAMPLE])


def _short(value: Any) -> str:
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()[:10]
    return str(value)[:LONGEST].strip()


def _agrees(kind: str, texts: list[str], column: Values) -> bool:
    """Tell whether values can be what the name of their column says."""
    if kind == "category":
        many = len(column.values) > FEW_VALUES
        return not (many and len(column.values) > column.counts.sum() / 2)
    looks = LOOKS.get(kind)
    return looks is None or _share(texts, looks) >= SOME


def _by_content(texts: list[str], column: Values) -> str:
    """Kind by the values alone."""
    n_values, n_rows = len(column.values), int(column.counts.sum())
    if all(isinstance(v, (bool, int, float, np.number)) for v in column.values[:SAMPLE]):
        if any(len(text) == len("20201231") and _is_date(text) for text in texts) and (
            _share(texts, _is_date) >= MOST
        ):
            return "date"
        if n_values == n_rows and _numbers_of_rows(column.values):
            return "id"
        return "category" if n_values <= FEW_VALUES else "number"
    for kind, looks in CONTENTS.items():
        if _share(texts, looks) >= MOST:
            return kind
    if n_values == n_rows and not any(" " in text for text in texts):
        return "id"
    if n_values <= FEW_VALUES and n_values < n_rows / 2:
        return "category"
    return "text" if sum(len(text.split()) for text in texts) > 1.5 * len(texts) else "category"


def _numbers_of_rows(values: Sequence[Any]) -> bool:
    """Tell whether distinct numbers are such as are given out: one length, or one after another."""
    if len(values) <= FEW_VALUES or not all(isinstance(v, (int, np.integer)) for v in values):
        return False
    low, high = min(values), max(values)
    alike = low >= FIRST_LONG_NUMBER and len(str(low)) == len(str(high))
    return alike or bool(high - low < 2 * len(values))


def _share(texts: list[str], looks: Callable[[str], bool]) -> float:
    return sum(map(looks, texts)) / len(texts)


def _is_email(text: str) -> bool:
    return EMAIL.fullmatch(text) is not None


def _is_phone(text: str) -> bool:
    return PHONE.fullmatch(text) is not None and INTERNET.fullmatch(text) is None


def _is_date(text: str) -> bool:
    if EIGHT_DIGITS.fullmatch(text):
        return "1700" <= text[:4] < "2200" and text[4:6] <= "12" and text[6:] <= "31"
    return YEAR_FIRST.fullmatch(text) is not None or YEAR_LAST.fullmatch(text) is not None


def _is_country(text: str) -> bool:
    (form,) = normalised([text], "country")
    return form in COUNTRY_CODES


def _is_company(text: str) -> bool:
    words = re.sub(r"[^\w ]", "", text.casefold()).split()
    return (len(words) > 1 and words[-1] in LEGAL) or LEGAL_WORDS.search(text) is not None


def _is_street(text: str) -> bool:
    (form,) = normalised([text], "street")
    words = (form or "").split()
    if any("\u4e00" <= letter <= "\u9fff" for letter in text):
        return re.search(r"[路街巷道弄].*\d.*号", form or "") is not None
    return any(word[0].isdigit() for word in words) and any(
        word in STREETS or word.endswith("str") for word in words
    )


def _is_number(text: str) -> bool:
    return normalised([text], "number") != [None]


def _has_digits(text: str) -> bool:
    return sum(letter.isdecimal() for letter in text) >= FEWEST_DIGITS


def _has_letters(text: str) -> bool:
    """Tell whether a text has letters, at least as many as digits."""
    letters = sum(letter.isalpha() for letter in text)
    return letters > 0 and letters >= sum(letter.isdecimal() for letter in text)


def _is_postcode(text: str) -> bool:
    (form,) = normalised([text], "postcode")
    return form is not None and len(form) <= LONGEST_POSTCODE


COUNTRY_CODES = frozenset(CODE_OF.values())
LOOKS: dict[str, Callable[[str], bool]] = {
    "email": _is_email,
    "phone": _has_digits,
    "birth_date": lambda text: any(letter.isdecimal() for letter in text),
    "latitude": _is_number,
    "longitude": _is_number,
    "postcode": _is_postcode,
    **dict.fromkeys(("first_name", "last_name", "name", "city", "country"), _has_letters),
}
CONTENTS: dict[str, Callable[[str], bool]] = {
    "email": _is_email,
    "date": _is_date,
    "phone": _is_phone,
    "postcode": lambda text: BRITISH.fullmatch(text) is not None,
    "country": _is_country,
    "company": _is_company,
    "street": _is_street,
}
