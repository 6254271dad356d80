"""The evaluation of versions: metrics, exam, model card."""
