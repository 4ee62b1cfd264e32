"""How the tables became what they are: small named steps, a file for each ten."""
