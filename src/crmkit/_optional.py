"""Packages that only some users need: imported on use, with the command that installs them."""

import importlib
from types import ModuleType

from crmkit.exceptions import MissingExtraError


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an optional module, or say which extra of crmkit brings it.

    Parameters
    ----------
    module : str
        Name to import, such as "matplotlib.pyplot".
    extra : str
        The extra of crmkit that installs it.
    purpose : str
        What needs it, to open the message with.

    Raises
    ------
    MissingExtraError
        If the module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise MissingExtraError(
            f'{purpose} needs {package}, which is not installed: pip install "crmkit[{extra}]".'
        ) from error
