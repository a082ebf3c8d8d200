"""Turn the examples into notebooks: python docs/notebooks.py [folder]

The scripts of the gallery have cells that begin with `# %%` and a comment in reStructuredText; here
jupytext makes cells of Markdown and of code of them. What saves pictures of a script stays behind.
"""

import re
import sys
from pathlib import Path

import jupytext
import nbformat

EXAMPLES = Path(__file__).parent.parent / "examples"
CELL = re.compile(r"^# %%$", re.MULTILINE)
SETTING = re.compile(r"^# sphinx_gallery_.*\n+", re.MULTILINE)
SCRIPT_ONLY = re.compile(r"\nAs a script it draws .+?(?=\n\"\"\")", re.DOTALL)
SAVING = "# %%\n# Run as a script, it keeps the pictures."
FORMAT = {"extension": ".py", "format_name": "sphinx", "rst2md": True}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for script in with_cells():
        nbformat.write(notebook(script), folder / f"{script.stem}.ipynb")


def with_cells() -> list[Path]:
    """Examples that have cells."""
    return [path for path in sorted(EXAMPLES.glob("*.py")) if CELL.search(path.read_text("utf-8"))]


def notebook(script: Path) -> nbformat.NotebookNode:
    """The notebook of an example."""
    text = SCRIPT_ONLY.sub("", script.read_text("utf-8").partition(SAVING)[0])
    made = jupytext.reads(CELL.sub("#" * 79, SETTING.sub("\n", text)), fmt=FORMAT)
    made.cells = [cell for cell in made.cells if cell.source != "%matplotlib inline"]
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "notebooks"))
