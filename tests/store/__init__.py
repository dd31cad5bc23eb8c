"""The database: the ledger, its reports, and what the person writes."""
