"""A local Bot API server with a chat page: the bot without Telegram, for `digitbot demo` and for the tests."""
