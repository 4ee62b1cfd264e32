"""How the model inside the package was made: prepare, teach, train, export, evaluate. Never
needed at run time.
"""
