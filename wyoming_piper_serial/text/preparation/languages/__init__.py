"""Language-specific rules, with one module per language. Each module is imported on first use of the language."""
