"""How a request is answered: from a document to a reply."""
