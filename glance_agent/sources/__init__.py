"""Where pictures come from: a folder, and one file per museum."""
