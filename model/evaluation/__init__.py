"""How good a version is: its figures, the exam that it sits, and the model card that tells of both."""
