"""The way to Telegram and back: polling, webhook, limits, retries."""
