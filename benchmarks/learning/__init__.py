"""What trainings give and cost, from nothing and from corrections."""
