"""How the finder learns: windows onto generated pages, the truth about them, the network, the loop, the export."""
