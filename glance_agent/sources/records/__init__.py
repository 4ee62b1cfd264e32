"""What all sources say of a picture, made one: plain text, years, licences, facts."""
