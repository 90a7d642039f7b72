"""What a model has to beat: the rules in use and the models that others would fit, alike."""
