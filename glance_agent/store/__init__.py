"""What we keep: one SQLite file with artworks, vectors, reactions, showings and settings."""
