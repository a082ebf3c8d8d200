"""How strong a re-ranker is: 0 leaves lists as they are, 1 looks at nothing but its own aim."""

from numbers import Real

from crmkit.exceptions import DataError


def check_strength(value: object, owner: str, name: str = "strength") -> None:
    """Refuse anything but a number from 0 to 1."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0.0 <= float(value) <= 1.0:
        raise DataError(f"{owner}: {name} must be a number from 0 to 1, got {value!r}.")
