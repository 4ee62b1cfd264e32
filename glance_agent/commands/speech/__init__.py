"""What people say in their own words -> the command that they mean, by tables of phrases."""
