"""Logs, metrics, and alarms to the admins."""
