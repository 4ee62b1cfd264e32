"""Picture and panel in, Frame out: laid out, toned, inked and encoded, each step by itself."""
