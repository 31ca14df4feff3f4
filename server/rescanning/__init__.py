"""Going again through texts that were written before, with what is detected in free text today."""
