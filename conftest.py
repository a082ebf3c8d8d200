"""The cores, shared: each of several workers that test side by side gets an equal part of them.

Threads of BLAS and OpenMP beyond the cores wait for one another, and spin while they wait.
Read before any library is that asks for it.
"""

import os

if (workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))) > 1:
    share = max(1, (os.cpu_count() or 1) // workers)
    os.environ.setdefault("OMP_NUM_THREADS", str(share))
