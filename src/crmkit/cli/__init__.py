"""The command line: `crmkit report` on a file, `crmkit demo` on example data."""

from crmkit.cli._app import app

__all__ = ["app"]
