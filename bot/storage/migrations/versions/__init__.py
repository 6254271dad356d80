"""Each change of the schema: `0001_what.py`, and so on."""
