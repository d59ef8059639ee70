"""What the kernel can do for a process that holds keys: no core dump, no debugger, no swap."""

import ctypes
import os
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4  # prctl(2)
_MCL_ALL_ON_FAULT: Final = 1 | 2 | 4  # mlockall(2): now and later, each page once it is used


def harden() -> bool:
    """Refuse core dumps and debuggers of the same account; return whether memory is also kept out of swap.

    Memory is locked only without a limit (root, or LimitMEMLOCK=infinity): under a limit later allocations would fail.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if os.geteuid() != 0 and soft != resource.RLIM_INFINITY:
        return False
    return bool(libc.mlockall(_MCL_ALL_ON_FAULT) == 0)
