"""Who is leaving: snapshots of a log, calibrated risk with reasons, and what to do about it."""

__all__: list[str] = []
