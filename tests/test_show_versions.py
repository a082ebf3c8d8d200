"""What show_versions prints: everything a fault may depend on, and nothing about anybody."""

import getpass
import os
from importlib import metadata
from pathlib import Path

import crmkit as ck
from crmkit import _show_versions


def test_versions_extras_threads_and_system_are_told(capsys):
    assert ck.show_versions() is None
    told = capsys.readouterr().out
    for name in ("numpy", "scikit-learn", "narwhals", "lightgbm"):
        assert f"{name} " in told
        assert f": {metadata.version(name)}" in told
    for heading in ("System", "Dependencies", "Extra service", "Extra plot", "Threads"):
        assert f"\n{heading}\n" in told
    assert f"crmkit : {ck.__version__}" in told
    assert "threads, version" in told


def test_nobody_is_named(capsys):
    ck.show_versions()
    told = capsys.readouterr().out
    assert str(Path.home()) not in told or str(Path.home()) == "/"
    assert str(Path.cwd()) not in told
    assert f"/{getpass.getuser()}" not in told
    assert os.sep + "site-packages" not in told


def test_what_is_not_installed_is_told(capsys, monkeypatch):
    def nothing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(_show_versions.metadata, "version", nothing)
    ck.show_versions()
    assert "not installed" in capsys.readouterr().out
    monkeypatch.setattr(_show_versions.metadata, "requires", nothing)
    ck.show_versions()
    assert "Dependencies" not in capsys.readouterr().out
