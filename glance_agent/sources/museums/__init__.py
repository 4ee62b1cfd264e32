"""Museums and archives: one file for each that has an interface of its own."""
