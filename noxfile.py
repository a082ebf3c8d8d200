"""The checks of crmkit as sessions: `nox -l` lists them, `nox -s lint types` runs two.

`nox` alone runs what a change must pass. The others are for the weekly look at the dependencies:
`oldest` takes the lowest versions that pyproject.toml allows, `nightly` what will be released next.
"""

import os
from pathlib import Path

import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "types", "tests", "docs"]

PYTHONS = ["3.11", "3.12", "3.13"]
NIGHTLY = "https://pypi.anaconda.org/scientific-python-nightly-wheels/simple"
PROJECT = nox.project.load_toml("pyproject.toml")
DEV = nox.project.dependency_groups(PROJECT, "dev")
DOCS = nox.project.dependency_groups(PROJECT, "docs")


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """Style, and who imports whom."""
    session.install("-e", ".", *DEV)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session(python="3.11")
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.install("-e", ".[test]", *DEV)
    session.run("mypy")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests on the newest releases; what follows `--` goes to pytest."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", *(session.posargs or ["-n", "auto"]))


@nox.session(python="3.11", venv_backend="uv")
def oldest(session: nox.Session) -> None:
    """The tests on the lowest versions that the dependencies of crmkit allow."""
    session.install("-e", ".[test]", "--resolution", "lowest-direct")
    # Old packages beside newer ones of others warn of what is not crmkit's.
    arguments = session.posargs or ["-n", "auto"]
    session.run("python", "-m", "pytest", "-W", "default", *arguments)


@nox.session(python="3.13")
def nightly(session: nox.Session) -> None:
    """The tests on tomorrow's numpy, scipy, pandas and scikit-learn."""
    session.install("-e", ".[test]")
    packages = ["numpy", "scipy", "pandas", "scikit-learn"]
    session.install("--pre", "--upgrade", "--extra-index-url", NIGHTLY, *packages)
    session.run("python", "-m", "pytest", *(session.posargs or ["-n", "auto"]))


@nox.session(python="3.11")
def coverage(session: nox.Session) -> None:
    """Lines and branches that the tests reach: at least 92 %."""
    session.install("-e", ".[test]", "pytest-cov")
    arguments = ["--cov=crmkit", "--cov-branch", "--cov-report=term-missing:skip-covered"]
    session.run("python", "-m", "pytest", "-n", "auto", *arguments, "--cov-fail-under=92")


@nox.session(python="3.11")
def mutants(session: nox.Session) -> None:
    """Faults planted in the core mathematics: how many do the tests find? Half an hour and more."""
    session.install("-e", ".[test]", "cosmic-ray>=8.3")
    session.run("python", "benchmarks/mutants.py", *session.posargs)


@nox.session(python="3.11")
def docs(session: nox.Session) -> None:
    """The documentation, warnings as errors, and its examples."""
    session.install("-e", ".[test]", *DOCS)
    build = ["-W", "--keep-going", "-b", "html", "docs", "docs/_build/html"]
    session.run("python", "-m", "sphinx", *build)
    session.run("python", "-m", "pytest", "docs", "--doctest-glob=*.rst")


@nox.session(python="3.11")
def links(session: nox.Session) -> None:
    """The links of the documentation that lead elsewhere; needs the network."""
    session.install("-e", ".[test]", *DOCS)
    session.run("python", "-m", "sphinx", "-b", "linkcheck", "docs", "docs/_build/links")


@nox.session(python="3.11")
def benchmarks(session: nox.Session) -> None:
    """One benchmark beside its peer: `nox -s benchmarks -- bench_clv.py`."""
    session.install("-e", ".[test]")
    script, *arguments = session.posargs or ["bench_summarize.py"]
    with session.chdir(Path("benchmarks")):
        session.run("python", script, *arguments, env={"PYTHONPATH": os.pathsep.join(["."])})
