import assert from 'node:assert/strict'
import { gql } from '@urql/core'
import { urql } from './setup/urql.mjs'
import { CHANGED, LOG, PAGE, WHO, anInteraction, checkFollowing, checkLogged, checkPages, signedIn } from './story.mjs'

const asked = []
const client = urql(await signedIn(), { fetch: (where, how) => (asked.push(how.method), fetch(where, how)) })

const who = await client.query(gql(WHO), {}).toPromise()
assert.equal(who.error, undefined)
assert.equal(who.data.viewer.role, 'REP')

const first = await client.query(gql(PAGE), { first: 2 }).toPromise()
const after = first.data.customers.pageInfo.endCursor
const second = await client.query(gql(PAGE), { first: 2, after }).toPromise()
checkPages(first.data.customers.edges, second.data.customers.edges)
assert.deepEqual(asked, ['GET', 'GET', 'GET'])

const customerId = first.data.customers.edges[0].node.id
const { data } = await client.mutation(gql(LOG), { input: anInteraction(customerId) }).toPromise()
checkLogged(data.logInteraction, customerId)

// A search is refused in an address, which proxies and browsers keep, and answered in a body.
const SEARCH = gql(`query Find($name: String) { customers(where: { search: $name }) { nodes { id } } }`)
const name = first.data.customers.edges[0].node.name.display
const refused = await client.query(SEARCH, { name }).toPromise()
assert.equal(refused.error.graphQLErrors[0].extensions.code, 'PERSONAL_DATA_IN_URL')
const found = await client.query(SEARCH, { name }, { preferGetMethod: false }).toPromise()
assert.ok(found.data.customers.nodes.some(({ id }) => id === customerId))

await checkFollowing((session, onChange) => {
  const stream = urql(session).subscription(gql(CHANGED), {})
  return stream.subscribe(({ data }) => data && onChange(data.ticketChanged)).unsubscribe
}, customerId)
