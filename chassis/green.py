"""Import this first in a Nameko process: it makes blocking calls cooperative before anything else is loaded."""

import os
import warnings

# Set before psycopg is imported anywhere: its default wait function blocks eventlet's hub.
os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_selector")

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import eventlet

    eventlet.monkey_patch()
