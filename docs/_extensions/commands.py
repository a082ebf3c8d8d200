"""The directive `options`: a table of what a command of crmkit takes, read from the command."""

from typing import Any

import typer
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from crmkit.cli import app as crmkit_app


class Options(SphinxDirective):
    """List argument and options of the command that is named."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Give a table with a row for each parameter."""
        group: Any = typer.main.get_command(crmkit_app)
        rows = [row(parameter) for parameter in group.commands[self.arguments[0]].params]
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: 30 50 20", ""]
        for cells in [("parameter", "what it says", "default"), *rows]:
            lines += [f"   {'*' if i == 0 else ' '} - {cell}" for i, cell in enumerate(cells)]
        return self.parse_text_to_nodes("\n".join(lines))


def row(parameter: Any) -> tuple[str, str, str]:
    """Names, meaning and default of a parameter, as text of a table."""
    help_text = parameter.help or ""
    if parameter.param_type_name == "argument":
        return f"``{parameter.name}``", help_text, "required"
    names = " ".join(f"``{name}``" for name in (*parameter.opts, *parameter.secondary_opts))
    default = parameter.default
    if isinstance(default, bool):
        shown = f"``{(parameter.opts if default else parameter.secondary_opts)[0]}``"
    else:
        shown = "" if default is None else f"``{getattr(default, 'value', default)}``"
    return names, help_text, shown


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("options", Options)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
