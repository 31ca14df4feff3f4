// Follows a subscription over server-sent events. When the connection ends (the token ended, the server was stopped, the
// network failed), graphql-sse connects again, with a fresh token and with the cursor of the last change it was given.
import { createClient } from 'graphql-sse'

export function follower(session) {
  return createClient({
    url: session.url,
    headers: async () => ({ authorization: `Bearer ${await session.token()}` }),
    retryAttempts: Infinity,
    retry: (tries) => new Promise((done) => setTimeout(done, Math.min(30_000, 250 * 2 ** tries) * (0.5 + Math.random()))),
  })
}

// `sink` is { next, error, complete }; returns a function that stops.
export function follow(client, { query, operationName, variables }, sink) {
  const request = { query, operationName, variables: { ...variables } }
  return client.subscribe(request, {
    error: (error) => sink.error(error),
    complete: () => sink.complete(),
    next(result) {
      if (result.errors?.[0].extensions?.code === 'UNAUTHENTICATED') return // it connects again by itself
      const [change] = Object.values(result.data ?? {})
      if (change?.cursor) request.variables.after = change.cursor
      sink.next(result)
    },
  })
}
