"""The layout shows the architecture: rooms, sizes, public names, and a test file for each."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import crmkit
from tests.test_docstrings import MADE
from tests.test_imports import PACKAGES

SOURCE = Path(crmkit.__file__).parent
TESTS = Path(__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
MOST_LINES, MOST_CODE, LONGEST_FUNCTION = 600, 300, 45  # as formatted, from the first statement on
MOST_RECIPE = 120  # lines of code of a recipe that is copied out and changed
RECIPES = ("_clean_then_value", "_customer_value", "_daily_scoring", "_next_offer")
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib"}
# Tests of more than one file: a subject, a data set, a contract.
WIDER = {
    "churn/test_together",
    "cleaning/normal/test_hard_values",
    "cleaning/test_bad_input",
    "clv/test_one_interface",
    "datasets/test_recovery",
    "recommend/contract/test_contract",
    "recommend/test_knn",
    "recommend/test_real_data",
    "report/test_kinds_of_frames",
    "segment/contract/test_contract",
}
ROOMS_OF_TESTS = {"browser", "contracts", "frames", "oracles", "service"}  # without a namesake


def named(path):
    """A file inside the package, as text."""
    return path.relative_to(SOURCE).as_posix()


def mirror(module):
    """The test file of a module named in full."""
    *rooms, name = (part.strip("_") for part in module.split(".")[1:])
    return TESTS.joinpath(*rooms, f"test_{name}.py")


def text_lines(tree):
    """Lines that docstrings take."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(getattr(first.value, "value", None), str):
            yield from range(first.lineno, first.end_lineno + 1)


def code_lines(path):
    """The tree of a file, its number of lines, and those that are code."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    told, lines = set(text_lines(tree)), text.splitlines()
    code = {
        number
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#") and number not in told
    }
    return tree, len(lines), code


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_short_and_says_what_it_holds(path):
    tree, n_lines, code = code_lines(path)
    assert ast.get_docstring(tree), "the first line says what the file holds"
    assert n_lines <= MOST_LINES
    assert len(code) <= MOST_CODE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            own = sum(node.body[0].lineno <= line <= node.end_lineno for line in code)
            assert own <= LONGEST_FUNCTION, f"{node.name} has {own} lines of code"


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_is_short_enough_to_copy_out(recipe):
    *_, code = code_lines(SOURCE / "pipelines" / f"{recipe}.py")
    assert len(code) < MOST_RECIPE


def test_a_name_says_more_than_a_drawer_does():
    names = {part.strip("_") for path in FILES for part in path.relative_to(SOURCE).parts}
    assert not DRAWERS & {name.removesuffix(".py") for name in names}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_a_list_of_its_names(package):
    path = SOURCE / package / "__init__.py"
    if not path.exists():
        return
    docstring, *rest = ast.parse(path.read_text("utf-8")).body
    assert isinstance(docstring, ast.Expr)
    *imports, names = rest
    assert all(isinstance(node, ast.ImportFrom) for node in imports)
    assert names.targets[0].id == "__all__"
    brought = {alias.asname or alias.name for node in imports for alias in node.names}
    listed = importlib.import_module(f"crmkit.{package}").__all__
    assert brought == set(listed)
    assert listed == sorted(listed, key=as_the_linter_sorts)


def as_the_linter_sorts(name):
    """Constants, then classes, then functions."""
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return rank, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def public_objects():
    """Full name and object of everything public, but for results that a function makes."""
    for package in PACKAGES:
        module = importlib.import_module(f"crmkit.{package}")
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing) and name not in MADE and not name.endswith("Content"):
                yield pytest.param(thing, id=f"{package}.{name}")


PUBLIC = list(public_objects())
FITTED = [each for each in PUBLIC if hasattr(each.values[0], "fit")]


@pytest.mark.parametrize("thing", PUBLIC)
def test_a_public_name_has_a_test_file_of_the_same_name(thing):
    beside = mirror(thing.__module__)
    tested = beside.exists() or any(
        f"{beside.parent.name}/{wider.split('/')[-1]}" in wider
        and re.search(rf"\b{thing.__name__}\b", (TESTS / f"{wider}.py").read_text("utf-8"))
        for wider in WIDER
    )
    assert tested, f"{thing.__module__} has no {beside.relative_to(TESTS)}"


@pytest.mark.parametrize(
    "path", sorted(TESTS.rglob("test_*.py")), ids=lambda path: path.relative_to(TESTS).as_posix()
)
def test_a_test_file_names_what_it_tests(path):
    rooms = path.relative_to(TESTS).parts[:-1]
    if not rooms or rooms[0] in ROOMS_OF_TESTS - {"frames"}:
        return
    if path.relative_to(TESTS).with_suffix("").as_posix() in WIDER:
        return
    told = path.stem.removeprefix("test_")
    folder = SOURCE
    for room in rooms:
        folder = next(f for f in (folder / room, folder / f"_{room}") if f.is_dir())
    stems = {file.stem.strip("_") for file in folder.glob("*.py")}
    stems |= {file.name.strip("_") for file in folder.iterdir() if file.is_dir()}
    assert any(told == stem or told.startswith(f"{stem}_") for stem in stems), (
        f"no file of {folder.relative_to(SOURCE.parent)} is called {told}"
    )


@pytest.mark.parametrize("thing", FITTED)
def test_the_tests_of_an_estimator_ask_its_contract(thing):
    """A suite of contracts, or at least copies by clone, pickle and skops."""
    room = mirror(thing.__module__).parent
    name = rf"\b{thing.__name__}\b"
    texts = [path.read_text("utf-8") for path in room.rglob("*.py")]
    asked = [text for text in texts if re.search(name, text)]
    assert any(
        "contract" in text or all(copied in text for copied in ("clone(", "pickle", "skops"))
        for text in asked
    ), f"no test file of {room.name} that asks a contract names {thing.__name__}"
