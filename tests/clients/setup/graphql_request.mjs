import { GraphQLClient } from 'graphql-request'

export function graphqlRequest(session) {
  return new GraphQLClient(session.url, {
    requestMiddleware: async (request) => ({
      ...request,
      headers: { ...Object.fromEntries(new Headers(request.headers)), authorization: `Bearer ${await session.token()}` },
    }),
  })
}
