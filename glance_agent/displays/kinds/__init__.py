"""The kinds of displays: a file each, with its settings, its examination and its delivery."""
