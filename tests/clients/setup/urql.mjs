import { Client, cacheExchange, fetchExchange, subscriptionExchange } from '@urql/core'
import { authExchange } from '@urql/exchange-auth'
import { follow, follower } from './follow.mjs'

export function urql(session, options = {}) {
  const events = follower(session)
  return new Client({
    url: session.url,
    exchanges: [
      cacheExchange,
      authExchange(async (utils) => ({
        addAuthToOperation: (operation) =>
          utils.appendHeaders(operation, { Authorization: `Bearer ${session.accessToken}` }),
        willAuthError: () => Date.now() >= session.replaceAt,
        didAuthError: (error) => error.response?.status === 401,
        refreshAuth: () => session.refresh(),
      })),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: follow(events, { query, variables }, sink) }),
        }),
      }),
    ],
    ...options,
  })
}
