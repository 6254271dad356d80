"""Everything Telegram: the people's side of the digit reader."""
