"""The subcommands of `digitbot`, one module each."""
