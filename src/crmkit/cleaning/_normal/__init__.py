"""Kinds of columns, and the one form that all spellings of a value share."""
