"""The command `crmkit`, also as `python -m crmkit`."""

import sys

from crmkit._optional import require
from crmkit.exceptions import MissingExtraError


def main() -> None:
    """Run the command; without typer, say in one line how to install it."""
    try:
        require("typer", extra="report", purpose="The crmkit command")
    except MissingExtraError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    from crmkit.cli import app

    app()


if __name__ == "__main__":
    main()
