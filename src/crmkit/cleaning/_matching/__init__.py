"""Which records are one person: from columns in normal form to entities."""
