"""Pictures from folders: listed, described by what lies beside and in them, watched."""
