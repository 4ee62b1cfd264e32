"""Pictures as strangers may send them, and what they cost the process that decodes them."""
