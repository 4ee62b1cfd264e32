"""The pages and their server: what is asked over HTTP, and what browsers are told."""
