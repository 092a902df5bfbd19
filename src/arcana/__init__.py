"""Arcana: from a vendor's raw extracts to a customer 360 and its personas."""

__version__ = "0.1.0"
