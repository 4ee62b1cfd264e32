"""A folder of people's own pictures as they really are, and what is to become of each file."""
