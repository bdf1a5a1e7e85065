"""Work in the background steps back: it computes with what others leave over."""

from __future__ import annotations

import ctypes
import os
import sys
import threading

NICENESS = 10
"""On Linux, from -20 to 19: beside a visitor's run, such a thread gets a tenth of a core."""

_UTILITY = 0x11
"""macOS's QOS_CLASS_UTILITY, in sys/qos.h."""

_BELOW_NORMAL = -1
"""Windows' THREAD_PRIORITY_BELOW_NORMAL, in processthreadsapi.h."""


def step_back() -> bool:
    """Let the others go first from now on, on this thread and those that it starts.

    Returns:
        Whether the system can do it.
    """
    try:
        if sys.platform == "win32":
            kernel = ctypes.windll.kernel32
            return bool(kernel.SetThreadPriority(kernel.GetCurrentThread(), _BELOW_NORMAL))
        if sys.platform == "darwin":
            return ctypes.CDLL(None).pthread_set_qos_class_self_np(_UTILITY, 0) == 0
        if sys.platform != "linux":  # elsewhere this would be the whole process
            return False
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
    except (AttributeError, OSError):
        return False
    return True
