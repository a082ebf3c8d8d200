"""The directive `picture`: runs the page's code down to its place and shows the figure it drew.

The code is that of the doctest blocks above the directive, all of one page in one namespace, so
the picture is what a reader gets who runs the page. The body of the directive is the caption::

    .. picture:: What the picture shows, for those who cannot see it.

       A caption.

A translation names the page that it translates and shows its pictures, by their order. That page
has to be read before, as it is where its name comes first in the alphabet; nothing runs again::

    .. picture:: The same in another language.
       :of: tutorial

       The same.
"""

import contextlib
import doctest
import io
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

STYLE = {
    "svg.hashsalt": "crmkit",
    "figure.figsize": (7.0, 4.2),
    "figure.constrained_layout.use": True,
}


class Picture(SphinxDirective):
    """Show the figure that the code above has drawn."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = {"of": directives.unchanged_required}  # noqa: RUF012
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Save the figure, unless another page has, and give it with its caption."""
        state = self.env.temp_data.setdefault("pictures", {"done": 0, "names": {}, "shown": 0})
        state["shown"] += 1
        page = self.options.get("of", self.env.docname)
        name = f"{page.replace('/', '-')}-{state['shown']}.svg"
        path = Path(self.env.srcdir) / "_build" / "pictures" / name
        if page == self.env.docname:
            self.draw(path, state)
        elif not path.exists():
            raise self.error(f"picture: {page} has drawn no {name}.")
        self.env.note_dependency(str(self.env.doc2path(page)))
        return [self.figure(f"/_build/pictures/{name}")]

    def draw(self, path: Path, state: dict[str, Any]) -> None:
        """Run what has not run yet, and save the figure."""
        from matplotlib import pyplot as plt

        lines = Path(self.env.doc2path(self.env.docname)).read_text("utf-8").splitlines()
        examples = code_of("\n".join(lines[: self.lineno - 1]))
        with matplotlib.rc_context(STYLE):
            run(examples[state["done"] :], state["names"])
            state["done"] = len(examples)
            if not plt.get_fignums():
                raise self.error("picture: the code above draws no figure.")
            path.parent.mkdir(parents=True, exist_ok=True)
            plt.savefig(path, metadata={"Date": None})
            plt.close("all")

    def figure(self, uri: str) -> nodes.figure:
        """Image with alternative text and caption."""
        figure = nodes.figure("", nodes.image(uri=uri, alt=self.arguments[0]))
        figure["classes"].append("picture")
        caption, _ = self.parse_inline(" ".join(self.content), lineno=self.lineno)
        figure += nodes.caption("", "", *caption)
        return figure


def code_of(text: str) -> list[doctest.Example]:
    """Examples of a page, in order."""
    return doctest.DocTestParser().get_examples(text)


def run(examples: list[doctest.Example], names: dict[str, Any]) -> None:
    """Run examples in a folder of their own; an error that the page announces is none."""
    names.setdefault("__name__", "__main__")
    with scratch_folder(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tests of the pages judge warnings
        for example in examples:
            announced = (Exception,) if example.exc_msg else ()
            with contextlib.suppress(*announced):
                exec(compile(example.source, "<page>", "single"), names)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Work in an empty folder, and come back."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(here)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    matplotlib.use("svg")
    app.add_directive("picture", Picture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
