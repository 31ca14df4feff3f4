"""The contract: GraphQL types, selections, limits and errors. `schema.graphql` is what clients rely on."""
