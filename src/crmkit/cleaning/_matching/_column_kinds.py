"""What kind of thing a column holds: told by words in its name, else by its values."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

SAMPLE = 500
MOST = 0.8  # share of the values that a pattern must fit
FEW_VALUES = 50

NAMES: tuple[tuple[str, str], ...] = (
    ("email", r"e ?mail(?: ?addr(?:ess)?)?|mail|courriel|correo|邮箱|邮件"),
    ("phone", r"(?:(?:home|work|mobile|cell|business) )?(?:tele)?phone(?: ?(?:number|no|1))?|"
              r"mobile|telefon|tel|handy|fax|cell|telefono|电话|手机"),
    ("birth_date", r"dob|birth ?date|birthday|date of birth|born|geburtsdatum|geboren|"
                   r"date de naissance|fecha de nacimiento|出生日期|生日"),
    ("first_name", r"first ?name|given ?name|fore ?name|vorname|prenom|nombre|名"),
    ("last_name", r"last ?name|sur ?name|family ?name|nachname|familienname|nom de famille|"
                  r"apellidos?|姓"),
    ("company", r"company|firm|firma|organi[sz]ation|business|employer|unternehmen|empresa|公司"),
    ("postcode", r"post ?code(?: \w+)?|postal ?code|zip(?: ?code)?|plz|postleitzahl|code postal|"
                 r"codigo postal|邮编"),
    ("city", r"city|town|suburb|locality|birth ?place|ort|stadt|ville|ciudad|municipality|城市"),
    ("state", r"state|province|region|bundesland|county|provincia|省"),
    ("country", r"country|land|nation|pays|pais|国家"),
    ("category", r"(?:street|house) ?(?:number|no)|hausnummer|gender|sex|title|occupation|type|"
                 r"segment|geschlecht|性别"),
    ("street", r"street(?: ?name| ?address)?|addr(?:ess)?(?: ?(?:line)? ?1)?|strasse|straße|"
               r"adresse|rue|calle|direccion|地址|街道"),
    ("text", r"addr(?:ess)?(?: ?(?:line)? ?[2-9])|description|comment|notes?"),
    ("latitude", r"lat(?:itude)?"),
    ("longitude", r"lon|lng|long(?:itude)?"),
    ("id", r"(?:.* )?(?:id|ssn|soc sec|social security(?: number)?|tax number|passport)(?: .*)?|"
           r"身份证"),
    ("name", r"(?:full ?|customer ?|person ?)?name|姓名|first and sur ?name"),
)  # fmt: skip
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
DATE = re.compile(r"\d{4}\D\d{1,2}\D\d{1,2}.*|\d{1,2}[./-]\d{1,2}[./-]\d{4}.*")
PHONE = re.compile(r"\+?[\d\s()/.-]{9,20}")


def kind_of(name: str, values: Sequence[Any], n_known: int) -> str:
    """Kind of a column with these distinct values, `n_known` of them with repetition."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(name))
    words = " ".join(re.sub(r"[^\w]|_", " ", words).lower().split())
    for kind, pattern in NAMES:
        if re.fullmatch(pattern, words):
            many = kind == "category" and len(values) > FEW_VALUES and len(values) > n_known / 2
            return _by_values(values, n_known) if many else kind
    return _by_values(values, n_known)


def _by_values(values: Sequence[Any], n_known: int) -> str:
    if not len(values):
        return "ignore"
    if all(isinstance(value, (int, float, np.number)) for value in values[:SAMPLE]):
        return "category" if len(values) <= FEW_VALUES else "number"
    texts = [str(value).strip() for value in values[:SAMPLE]]
    for kind, pattern in (("email", EMAIL), ("date", DATE), ("phone", PHONE)):
        if sum(bool(pattern.fullmatch(text)) for text in texts) >= MOST * len(texts):
            return kind
    if len(values) == n_known and not any(" " in text for text in texts):
        return "id"
    words = sum(len(text.split()) for text in texts) / len(texts)
    if len(values) <= FEW_VALUES and len(values) < n_known / 2:
        return "category"
    return "text" if words > 1.5 else "category"
