"""A library that PostgreSQL keeps, for houses of many machines; needs the extra `postgres`."""
