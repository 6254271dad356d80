"""Everything about digits: finding them in a photo, reading them, learning to. No line here knows of Telegram."""
