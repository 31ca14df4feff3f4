import assert from 'node:assert/strict'
import { follow, follower } from './setup/follow.mjs'
import { graphqlRequest } from './setup/graphql_request.mjs'
import { CHANGED, LOG, PAGE, WHO, anInteraction, checkFollowing, checkLogged, checkPages, signedIn } from './story.mjs'

const client = graphqlRequest(await signedIn())

const { viewer } = await client.request(WHO)
assert.equal(viewer.role, 'REP')

const first = (await client.request(PAGE, { first: 2 })).customers
const second = (await client.request(PAGE, { first: 2, after: first.pageInfo.endCursor })).customers
checkPages(first.edges, second.edges)

const customerId = first.edges[0].node.id
const { logInteraction } = await client.request(LOG, { input: anInteraction(customerId) })
checkLogged(logInteraction, customerId)

// It has no subscriptions of its own; graphql-sse follows beside it.
await checkFollowing(
  (session, onChange) =>
    follow(follower(session), { query: CHANGED }, {
      next: ({ data }) => onChange(data.ticketChanged),
      error: assert.ifError,
      complete() {}, // by ourselves, when we stop
    }),
  customerId,
)
