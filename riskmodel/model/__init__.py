"""The estimator, its baselines, its measures and its artefact."""
