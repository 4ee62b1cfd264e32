"""Encoders on other machines, behind the same questions as those of this one."""
