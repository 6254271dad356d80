"""What is kept: the database, its schema, and what people are known by."""
