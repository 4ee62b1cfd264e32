"""How the model inside the package was made. Never needed at run time."""
