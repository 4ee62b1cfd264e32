"""A source's items -> works of the library; embedding again; changing the model."""
