"""What every reader needs, imported once: readers are forks of a process that has it, so a new one is there at once.

All of it: once it is confined, a reader opens no more files.
"""

import os

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")  # a reader is one core's work

import numpy.ma
import numpy.polynomial  # noqa: F401 (else numpy imports these when they are used)
from PIL import Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401

import model.drawing.chart
import model.drawing.class_sheet
import model.drawing.confusion
import model.drawing.review
import model.drawing.tour
import model.reading.reader
import model.training.corrections  # noqa: F401
from model.reading.litert import Network
from model.versions.version import PRETRAINED

Image.preinit()  # the other formats
Network(PRETRAINED / "model.tflite")  # LiteRT asks once what the processor can do
