"""Factors fitted by `implicit`, whose native code trusts its input: checked, alone, repeatable.

Every fit has an object of its own, one thread and a whole number as seed; the matrix holds sold
items and customers with purchases only.
"""

from contextlib import suppress
from typing import Any

import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from crmkit._optional import require
from crmkit._progress import Progress
from crmkit._validation import generator
from crmkit.exceptions import DataError
from crmkit.recommend._top_items import Scores


def native_factors(
    module: str,
    kind: str,
    bought: sp.csr_matrix,
    random_state: Any,
    progress: Progress,
    cure: str,
    **parameters: Any,
) -> tuple[Scores, Scores]:
    """Factors of customers and items: a matrix of ones in, one row of each per row and column out.

    A customer or item without an entry has zeros. `cure` is what to do where the fit diverges.
    `progress` tells the turns, and who asked.
    """
    owner = progress.owner
    library: Any = require(f"implicit.cpu.{module}", extra="recommend", purpose=owner)
    base: Any = require("implicit.recommender_base", extra="recommend", purpose=owner)
    seed = int(generator(random_state, owner).integers(2**31 - 1))
    rows = np.flatnonzero(np.diff(bought.indptr))
    columns = np.flatnonzero(np.bincount(bought.indices, minlength=bought.shape[1]))
    dense = checked(bought[rows][:, columns])
    turns = progress.over(range(parameters["iterations"]), "turn")
    next(turns)
    with threadpool_limits(1, "blas"):
        model = getattr(library, kind)(num_threads=1, random_state=seed, **parameters)
        # it raises an error of its own for NaN after the last turn: told below, infinity too
        with suppress(base.ModelFitError):
            model.fit(dense, show_progress=False, callback=lambda *_: next(turns, None))
    found = np.asarray(model.user_factors), np.asarray(model.item_factors)
    if not all(np.isfinite(part).all() for part in found):
        raise DataError(f"{owner}: the factors grew without bound. {cure}")
    progress.step(f"fitted factors to {dense.nnz:,} purchases of {len(rows):,} customers")
    return spread(found[0], rows, bought.shape[0]), spread(found[1], columns, bought.shape[1])


def checked(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """The matrix as the native code reads it: sorted, float32, places that fit 32 bits."""
    if max(*matrix.shape, matrix.nnz) > np.iinfo(np.int32).max:
        raise DataError(
            f"implicit: {matrix.nnz:,} purchases are more than its 32 bits count. Use PureSVD."
        )
    made = sp.csr_matrix(matrix, dtype=np.float32, copy=True)
    made.sort_indices()
    made.indices, made.indptr = made.indices.astype(np.int32), made.indptr.astype(np.int32)
    return made


def spread(factors: Scores, places: Any, n: int) -> Scores:
    """Rows at their places among n, zeros elsewhere."""
    whole = np.zeros((n, factors.shape[1]), dtype=np.float32)
    whole[places] = factors
    return whole
