"""How a version learns: networks, lessons, the loop and the export; fine-tuning, and whether the result may serve."""
