"""What is wrong or missing in records, and what would be right."""
