"""What the tables of "Coming from ..." name on the side of crmkit exists, with these arguments."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import crmkit

PAGES = sorted((Path(__file__).parent / "howto").glob("coming-from-*.rst"))
ROW = re.compile(r"^   \* - (.+?)\n     - (.+?)(?=\n   \* - |\n\n|\Z)", re.MULTILINE | re.DOTALL)
CALLED = re.compile(r"([A-Za-z_]\w*)\(")
NAMED = re.compile(r"[(,]\s*([A-Za-z_]\w*)=")
ATTRIBUTE = re.compile(r"\.([A-Za-z_]\w*)")
OF_OTHERS = {"crmkit", "ck", "io", "pipelines", "nunique", "columns"}


def public():
    """Names of everything public, of methods, properties and fitted attributes, of parameters."""
    names, parameters = {"EventLog", "summarize"}, set()
    for package in pkgutil.iter_modules(crmkit.__path__, "crmkit."):
        if package.name.startswith(("crmkit._", "crmkit.cli")):
            continue
        module = importlib.import_module(package.name)
        for name in getattr(module, "__all__", []):
            found = getattr(module, name)
            names.add(name)
            parameters |= parameters_of(found)
            if inspect.isclass(found):
                names |= {member for member in dir(found) if not member.startswith("_")}
                names |= set(re.findall(r"\b([a-z]\w*_)\b", inspect.getdoc(found) or ""))
                for _, method in inspect.getmembers(found, callable):
                    parameters |= parameters_of(method)
    return names, parameters


def parameters_of(function):
    """Names of the parameters; none where there is no signature."""
    try:
        return set(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return set()


def ours(page):
    """Code in the columns of crmkit."""
    for row in ROW.finditer(page.read_text("utf-8")):
        yield from re.findall(r"``(.+?)``", row[2], re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_the_tables_name_exists(page):
    names, parameters = public()
    seen = 0
    for code in ours(page):
        plain = re.sub(r'"[^"]*"', '""', code)
        for name in CALLED.findall(plain):
            assert name in names, (name, code)
            seen += 1
        for name in ATTRIBUTE.findall(plain):
            assert name in names | OF_OTHERS, (name, code)
        for name in NAMED.findall(plain):
            assert name in parameters, (name, code)
            seen += 1
    assert seen >= 10
