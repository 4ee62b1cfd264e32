"""The asynchronous heart: commands one by one, displays supplied, learning beside them."""
