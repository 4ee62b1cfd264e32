"""The nouns everybody speaks: Artwork, Command, Reply, Glance, vectors, errors, topics."""
