"""An examination of everything the agent needs: one small file for each part of the body."""
