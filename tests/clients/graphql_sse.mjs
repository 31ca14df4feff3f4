import assert from 'node:assert/strict'
import { follow, follower } from './setup/follow.mjs'
import { CHANGED, LOG, PAGE, WHO, anInteraction, checkFollowing, checkLogged, checkPages, signedIn } from './story.mjs'

// graphql-sse alone: queries and mutations come as a stream of one result, too.
const client = follower(await signedIn())
const once = async (query, variables) => {
  const results = []
  for await (const result of client.iterate({ query, variables })) results.push(result)
  assert.equal(results.length, 1)
  assert.equal(results[0].errors, undefined)
  return results[0].data
}

assert.equal((await once(WHO)).viewer.role, 'REP')
const first = (await once(PAGE, { first: 2 })).customers
const second = (await once(PAGE, { first: 2, after: first.pageInfo.endCursor })).customers
checkPages(first.edges, second.edges)

const customerId = first.edges[0].node.id
checkLogged((await once(LOG, { input: anInteraction(customerId) })).logInteraction, customerId)

await checkFollowing(
  (session, onChange) =>
    follow(follower(session), { query: CHANGED }, {
      next: ({ data }) => onChange(data.ticketChanged),
      error: assert.ifError,
      complete() {}, // by ourselves, when we stop
    }),
  customerId,
)
