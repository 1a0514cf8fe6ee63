"""The endpoints under `/api/voices`, which list and manage voices."""
