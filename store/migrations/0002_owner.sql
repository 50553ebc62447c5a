-- Who an instance belongs to in the dialects whose credentials are a tenant's and not an instance's; empty for nobody.
ALTER TABLE instances ADD COLUMN owner TEXT NOT NULL DEFAULT '';
