"""Keep chatter of C++ libraries away from terminals and notebooks."""

import contextlib
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Iterator

_lock = threading.RLock()  # two threads at once would put the descriptor back in the wrong order


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what is written to file descriptor 2 or logged as a warning meanwhile; errors still rise.

    A notebook shows what is logged in spite of the descriptor, because its `sys.stderr` is no file.
    """
    with _lock:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        # TensorFlow then keeps the memory of one step for the next, where asking the system for it again
        # took up to half of a training's time.
        os.environ.setdefault("TF_CPU_ALLOCATOR_USE_BFC", "true")
        sys.stderr.flush()
        kept, disabled = os.dup(2), logging.root.manager.disable
        logging.disable(logging.WARNING)
        with tempfile.TemporaryFile() as nowhere:
            os.dup2(nowhere.fileno(), 2)
            try:
                yield
            finally:
                logging.disable(disabled)
                sys.stderr.flush()
                os.dup2(kept, 2)
                os.close(kept)
