"""What `digitbot …` does, a module for each command."""
