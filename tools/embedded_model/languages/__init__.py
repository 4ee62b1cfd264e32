"""How the text tower learns to read ten languages: words by hand, a teacher, one small pupil."""
