"""Trains a network and exports it as a version: a thin command line over model/training.py."""

from model.training import main

if __name__ == "__main__":
    raise SystemExit(main())
