"""What every reader needs, imported once: readers are forks of a process that has it, so a new one is there at once."""

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")  # a reader is one core's work

import model.reading.reader  # noqa: F401
