"""Which Java is found, what is said where none serves, and the script that stands in for one."""

import os
import subprocess

import pytest

from crmkit.exceptions import DataError
from crmkit.scale import _java

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the Javas of these tests are scripts")


@pytest.fixture
def javas(tmp_path, monkeypatch):
    """Make Javas of any version; none is set, on the path, or installed."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(_java.shutil, "which", lambda name: None)
    monkeypatch.setattr(_java, "find_spec", lambda name: None)

    def make(name, version, modules=(_java.VECTORS,)):
        java = tmp_path / name / "bin" / "java"
        java.parent.mkdir(parents=True)
        told = [f"{module}@{version}.0.1" for module in ("java.base", *modules)]
        list_them = "exit 1" if version < 9 else f"printf '%s\\n' {' '.join(told)}"
        echo = '''printf '<%s>' "$@"'''
        java.write_text(f'#!/bin/sh\nif [ "$1" = "--list-modules" ]; then {list_them}\n'
                        f"else {echo}; fi\n")  # fmt: skip
        java.chmod(0o755)
        return java

    return make


def test_what_is_set_comes_before_what_is_on_the_path(javas, monkeypatch):
    one, other = javas("one", 21), javas("other", 17)
    monkeypatch.setattr(_java.shutil, "which", lambda name: str(other))
    assert _java.usable_java("me") == (other, 17, True)
    monkeypatch.setenv("JAVA_HOME", str(one.parent.parent))
    assert _java.usable_java("me") == (one, 21, True)
    with _java.java_home("me") as home:
        assert home == str(one.parent.parent)


@pytest.mark.parametrize("version", [8, 11])
def test_what_is_too_old_is_passed_over(javas, monkeypatch, version):
    old, other = javas("old", version), javas("other", 17)
    monkeypatch.setenv("JAVA_HOME", str(old.parent.parent))
    monkeypatch.setattr(_java.shutil, "which", lambda name: str(other))
    assert _java.usable_java("me") == (other, 17, True)


def test_where_none_serves_the_message_says_what_was_found(javas, monkeypatch):
    old = javas("old", 11)
    with pytest.raises(DataError, match=r"^me: Spark needs Java of at least 17\. Set JAVA_HOME"):
        _java.usable_java("me")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setattr(_java.shutil, "which", lambda name: str(old))
    with pytest.raises(DataError) as told:
        _java.usable_java("me")
    assert "that of JAVA_HOME (/nowhere/bin/java) does not start or is older than 17" in str(
        told.value
    )
    assert f"that on the PATH ({old}) is Java 11." in str(told.value)
    assert 'pip install "crmkit[spark]"' in str(told.value)


def test_a_java_without_vectors_is_not_asked_for_them(javas, monkeypatch):
    bare = javas("bare", 25, modules=())
    monkeypatch.setenv("JAVA_HOME", str(bare.parent.parent))
    given = ["-Xmx1g", f"--add-modules={_java.VECTORS}", "-cp", "a b:c*", "$HOME", "", "Main"]
    with _java.java_home("me") as home:
        assert home != str(bare.parent.parent)
        got = subprocess.run([f"{home}/bin/java", *given], capture_output=True, text=True)
    assert got.stdout == "<-Xmx1g><-cp><a b:c*><$HOME><><Main>"
    assert not os.path.exists(home)


def test_windows_has_no_such_script(javas, monkeypatch):
    bare = javas("bare", 25, modules=())
    monkeypatch.setattr(_java, "usable_java", lambda owner: (bare, 25, False))
    monkeypatch.setattr(_java.os, "name", "nt")
    with pytest.raises(DataError, match=r"Java 25 .* lacks the module jdk\.incubator\.vector"):
        _java.java_home("me").__enter__()
