"""The directive `excerpt`: one table out of a file of tables that a script wrote.

The body is the title under which it is shown; without one, its own::

    .. excerpt:: guide/churn/cdnow.inc
       :table: Scores

       CDNOW: who will buy nothing in 90 days
"""

import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TABLE = re.compile(r"^\.\. csv-table:: (.+)\n((?:   .*\n|\n)+)", re.MULTILINE)


class Excerpt(SphinxDirective):
    """Show the table whose title begins with the text that is asked for."""

    required_arguments = 1
    option_spec = {"table": directives.unchanged_required}  # noqa: RUF012
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Parse the table anew; the page depends on the file."""
        path = Path(self.env.srcdir) / self.arguments[0]
        self.env.note_dependency(str(path))
        for title, body in TABLE.findall(path.read_text("utf-8")):
            if title.startswith(self.options["table"]):
                shown = " ".join(self.content) or title
                return self.parse_text_to_nodes(f".. csv-table:: {shown}\n{body}")
        raise self.error(f"excerpt: no table of {path.name} begins with {self.options['table']!r}.")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("excerpt", Excerpt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
