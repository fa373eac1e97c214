"""The engine: pure numerics on TensorFlow. No files but the weights, no web, no database."""

from nst.runtime import tf as tf  # first of all: every module below finds TensorFlow imported, quietly
