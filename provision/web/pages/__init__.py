"""The pages: each takes an `Ask` and answers it."""
