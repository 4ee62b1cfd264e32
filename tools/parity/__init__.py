"""Our preprocessing, tokens and towers beside open_clip's own, on torch."""
