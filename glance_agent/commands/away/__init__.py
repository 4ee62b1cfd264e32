"""While the library cannot be reached: what is said is kept, displays go on, all is taken in."""
