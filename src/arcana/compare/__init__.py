"""Other models on the same customers: what others would fit, and how each is judged."""
