"""What the model inside a file says of itself, before anything is built of it.

skops reads every array of a file and follows every reference before it tells what types there are.
A forged file makes much of little there: arrays that are packed a thousandfold, one array that is
read a thousand times, references that double at every level. `save` writes none of these.
"""

import io
import json
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crmkit.exceptions import ModelFileError

State = dict[str, Any]
TREE = "sklearn.tree._tree.Tree"
OWN_LOADERS = {"scipy.sparse": "SparseMatrixNode", TREE: "TreeNode"}
"""What compiled code follows comes in one way only, whose numbers are checked."""


class ForgedError(ValueError):
    """Something that `save` does not write."""


def check_state(written: bytes, most: int, where: str, owner: str) -> None:
    """Refuse a model that takes more than so many bytes to read, or that nobody saved like this."""
    try:
        with zipfile.ZipFile(io.BytesIO(written)) as archive:
            size = sum(each.file_size for each in archive.infolist())
            if any(each.compress_type != zipfile.ZIP_STORED for each in archive.infolist()):
                raise ForgedError("its parts are packed twice")
            state = Walk(archive)
            state.follow(json.loads(archive.read("schema.json")))
            state.settle()
            size += state.unpacked
        if size > most:
            raise ForgedError(f"it takes {size:,} bytes of memory, more than its file can need")
    except RecursionError:
        raise _told("its parts lie too deep in one another", where, owner) from None
    except Exception as error:  # whatever a forged file makes zipfile and json stumble over
        why = str(error) if isinstance(error, ForgedError) else f"{type(error).__name__}: {error}"
        raise _told(why, where, owner) from error


def _told(why: str, where: str, owner: str) -> ModelFileError:
    return ModelFileError(
        f"{owner}: {where} is damaged or was tampered with: {why}. Nothing was built."
    )


@dataclass
class Walk:
    """A walk through the state of a model: which parts there are, and which files they read."""

    archive: zipfile.ZipFile
    signs: dict[int, int] = field(default_factory=dict)
    seen: Counter[int] = field(default_factory=Counter)
    files: dict[str, int] = field(default_factory=dict)
    once: list[int] = field(default_factory=list)
    unpacked: int = 0

    def follow(self, part: Any) -> int:
        """Check a part and those inside: a sign that parts have in common if they are alike."""
        if isinstance(part, list):
            return hash(tuple([self.follow(each) for each in part]))
        if not isinstance(part, dict):
            return hash(part)
        inside = [(name, self.follow(each)) for name, each in part.items() if name not in NAMES]
        if not isinstance(part.get("__loader__"), str):
            if not isinstance(part.get("__id__", {}), dict):
                raise ForgedError("a part is named and not told")
            return hash(tuple(inside))
        sign = hash((part["__loader__"], part["__module__"], part["__class__"], *inside))
        self._meet(part, sign)
        return sign

    def _meet(self, part: State, sign: int) -> None:
        kind, loader = f"{part['__module__']}.{part['__class__']}", part["__loader__"]
        for begin, only in OWN_LOADERS.items():
            if kind.startswith(begin) and loader != only:
                raise ForgedError(f"a {kind} is not told as one")
        own = part.get("__id__")
        if own is not None and (type(own) is not int or own < 1):
            raise ForgedError("a part has a name that is no number")
        if own is not None:
            self.seen[own] += 1
            if self.signs.setdefault(own, sign) != sign:
                raise ForgedError("two parts have one name")
        if isinstance(part.get("file"), str):
            if own is None or self.files.setdefault(part["file"], own) != own:
                raise ForgedError("one array is read for several parts")
            self._weigh(part["file"], loader)
        if loader == "TreeNode":
            self._check_tree(part["__reduce__"]["args"])

    def _weigh(self, name: str, loader: str) -> None:
        """Sparse matrices are packed once more."""
        if loader == "SparseMatrixNode":
            with zipfile.ZipFile(self.archive.open(name)) as packed:
                self.unpacked += sum(each.file_size for each in packed.infolist())

    def _check_tree(self, told: State) -> None:
        """A tree is made of its numbers of columns, of classes and of outputs."""
        columns, classes, outputs = told["content"]
        if {columns["__loader__"], outputs["__loader__"]} != {"JsonNode"}:
            raise ForgedError("a tree does not tell its outputs")
        n_outputs, n_columns = json.loads(outputs["content"]), json.loads(columns["content"])
        array = np.load(io.BytesIO(self.archive.read(classes["file"])), allow_pickle=False)
        is_good = type(n_outputs) is int and type(n_columns) is int and n_columns >= 0
        if not is_good or array.shape != (n_outputs,) or array.dtype.kind != "i" or not array.all():
            raise ForgedError("a tree has another number of outputs than it says")
        self.once += [told["__id__"], classes["__id__"]]

    def settle(self) -> None:
        """Check that what a tree is made of is nothing else."""
        if any(self.seen[each] > 1 for each in self.once):
            raise ForgedError("two trees are made of one array")


NAMES = ("__id__", "file")
