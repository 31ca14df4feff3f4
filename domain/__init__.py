"""The business: customers, interactions, tiers, tickets, the nouns around them. Pure: no session, no viewer, no API."""
