"""What comes in and what goes out: who sent it, whether the bot is asked, the picture in it; replies, buttons."""
