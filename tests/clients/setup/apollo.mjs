import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client'
import { SetContextLink } from '@apollo/client/link/context'
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities'
import { print } from 'graphql'
import { follow, follower } from './follow.mjs'

export function apollo(session) {
  const authorized = new SetContextLink(async ({ headers }) => ({
    headers: { ...headers, authorization: `Bearer ${await session.token()}` },
  }))
  const events = follower(session)
  const streamed = new ApolloLink(
    ({ query, operationName, variables }) =>
      new Observable((sink) => follow(events, { query: print(query), operationName, variables }, sink)),
  )
  return new ApolloClient({
    link: ApolloLink.split(
      ({ query }) => getMainDefinition(query).operation === 'subscription',
      streamed,
      authorized.concat(new HttpLink({ uri: session.url })),
    ),
    cache: new InMemoryCache({
      possibleTypes: { Node: ['Customer', 'Interaction', 'StaffMember', 'Ticket', 'TicketStep', 'Tier'] },
      typePolicies: { Query: { fields: { customers: relayStylePagination(['where', 'orderBy']) } } },
    }),
  })
}
