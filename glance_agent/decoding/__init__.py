"""The process in which strangers' pictures are decoded, with limits on memory and time."""
