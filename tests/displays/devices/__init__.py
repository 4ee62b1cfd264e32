"""Devices that ask for their pictures, as far as servers can tell them from real ones."""
