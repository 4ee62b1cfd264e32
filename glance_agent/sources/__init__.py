"""Where pictures come from: folders, museums, photo servers; a file for each kind."""
