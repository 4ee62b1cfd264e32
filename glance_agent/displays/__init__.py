"""Where pictures hang: one file per kind of display, each fed by a task of its own."""
