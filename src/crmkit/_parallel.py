"""Parts of an array on all cores: numpy lets other threads work while it does."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

BLOCK = 16_384  # rows that fit the cache


def blocks(n: int) -> list[slice]:
    """Rows in parts that fit the cache."""
    return [slice(first, first + BLOCK) for first in range(0, n, BLOCK)]


def each_apart(work: Callable[..., Any], parts: Iterable[Any]) -> list[Any]:
    """What `work` makes of each part, in their order; what it makes must depend on no other."""
    told = list(parts)
    threads = min(os.cpu_count() or 1, len(told))
    if threads < 2:
        return [work(part) for part in told]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, told))
