"""E-mail addresses: one address for one mailbox.

A tag behind + goes everywhere; dots before the @ go only at the provider that ignores them. An
address with a slip of typing stays: it still says much about its owner. Of several addresses in a
cell the first counts. Only the first 1,000 characters of a cell are read.
"""

import re

from crmkit.cleaning._normal._placeholders import is_no_mailbox
from crmkit.cleaning._normal._settings import NormalSettings, Step
from crmkit.cleaning._normal._text import CASE, CONTROLS, PLACEHOLDER, WIDTH, no_blanks

IN_BRACKETS = re.compile(r"<([^<>]*)>")
ADDRESS = re.compile(r"[^@]+@[^@]+")
WITHOUT_DOTS = ("gmail.com", "googlemail.com")
AROUND = "<>()[]{}\"',;:."
COMMENT = re.compile(r"\([^()]*\)")
BETWEEN = re.compile(r"[;,|/\s]+")
QUOTED = re.compile(r'"[^"@]+"@[^@\s"]+')
MACHINE = re.compile(r"[^@\s\[\]]+@\[[^@\s\[\]]+\]")
MAILTO = "mailto:"
LONGEST = 1_000


def bare_address(text: str, _: NormalSettings) -> str:
    """The address alone, the first of several: no name or "mailto:" before it, no marks around."""
    text = text[:LONGEST]
    found = IN_BRACKETS.search(text)
    text = COMMENT.sub(" ", found[1] if found and "@" in found[1] else text).strip()
    if text.count("@") > 1:
        text = next((part for part in BETWEEN.split(text) if ADDRESS.fullmatch(part)), text)
    while not (QUOTED.fullmatch(text) or MACHINE.fullmatch(text)):
        bare = text.strip(AROUND).strip()
        if bare.startswith(MAILTO):
            bare = bare.removeprefix(MAILTO).partition("?")[0]
        if bare == text:
            break
        text = bare
    return text


def an_address(text: str, _: NormalSettings) -> str | None:
    """Nothing for what has no @ between two parts."""
    return text if ADDRESS.fullmatch(text) else None


def a_mailbox(text: str, _: NormalSettings) -> str | None:
    """Nothing for addresses that are nobody's."""
    return None if is_no_mailbox(text) else text


def no_tag(text: str, _: NormalSettings) -> str:
    """No tag behind +."""
    local, _at, domain = text.partition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def no_dots(text: str, _: NormalSettings) -> str:
    """No dots before the @ where the provider ignores them, and one name of the provider."""
    local, _at, domain = text.partition("@")
    if domain not in WITHOUT_DOTS:
        return text
    return f"{local.replace('.', '') or local}@{WITHOUT_DOTS[0]}"


EMAIL = (
    WIDTH,
    CONTROLS,
    PLACEHOLDER,
    CASE,
    Step("bare address", bare_address),
    Step("blanks", no_blanks),
    Step("no address", an_address),
    Step("tag", no_tag),
    Step("dots", no_dots),
    Step("placeholder", a_mailbox),
)
