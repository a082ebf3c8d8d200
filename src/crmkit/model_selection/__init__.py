"""Splits of training data that know time."""

__all__: list[str] = []
