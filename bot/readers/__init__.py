"""Photos read in processes of their own."""
