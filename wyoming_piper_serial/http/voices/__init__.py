"""The endpoints under `/api/voices`: everything that people do with voices."""
