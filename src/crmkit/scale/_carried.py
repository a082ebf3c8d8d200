"""What travels to the workers: packed once, broadcast, and unpacked once by each worker process."""

import hashlib
from collections import OrderedDict
from typing import Any

from crmkit.scale._spark import SparkFrame, require_spark

MOST_HELD = 4
_held: OrderedDict[str, Any] = OrderedDict()


class Carried:
    """Something fitted, such as a model, for the workers of a session.

    Spark sends it once to each machine; a worker process unpacks it at its first batch and holds it
    for the batches and jobs to come.
    """

    def __init__(self, content: Any, frame: SparkFrame, owner: str) -> None:
        packed = require_spark("pyspark.cloudpickle", owner).dumps(content)
        self.key = hashlib.sha256(packed).hexdigest()
        context = getattr(frame.sparkSession, "_sc", None)  # none where Spark is a remote service
        self.packed = packed if context is None else context.broadcast(packed)

    def unpacked(self) -> Any:
        """What was packed: the same object at every call in a process."""
        if self.key not in _held:
            import pickle

            packed = self.packed if isinstance(self.packed, bytes) else self.packed.value
            while len(_held) >= MOST_HELD:
                _held.popitem(last=False)
            _held[self.key] = pickle.loads(packed)
        _held.move_to_end(self.key)
        return _held[self.key]
