"""Pictures for people: explained readings, sheets, and the results of rounds and trainings."""
