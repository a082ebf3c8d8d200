"""What the command shows at its end: tables for people, paths alone for machines."""

from pathlib import Path
from types import SimpleNamespace

from crmkit.cli._showing import printable, show
from tests.report._made import CUSTOMERS, content


def test_tables_and_paths_are_shown(capsys):
    show(SimpleNamespace(content=content(), paths=[Path("a.csv"), Path("b.html")]))
    shown = capsys.readouterr().out
    assert "Segments, best first" in shown
    assert shown.splitlines()[-2:] == ["a.csv", "b.html"]


def test_without_tables_paths_alone_are_shown(capsys):
    show(SimpleNamespace(content=content(), paths=[Path("a.csv")]), tables=False)
    assert capsys.readouterr().out == "a.csv\n"


def test_ids_do_not_steer_the_terminal(capsys):
    odd = CUSTOMERS.assign(id=["\x1b[31mred", *CUSTOMERS["id"][1:]])
    show(SimpleNamespace(content=content(odd), paths=[]))
    shown = capsys.readouterr().out
    assert "\x1b[31mred" not in shown
    assert "?[31mred" in shown


def test_what_can_be_printed_stays():
    assert printable("25\N{NO-BREAK SPACE}% 客户 [b]\x07\n") == "25\N{NO-BREAK SPACE}% 客户 [b]??"
