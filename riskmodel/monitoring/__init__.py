"""What changed since the model was trained."""
