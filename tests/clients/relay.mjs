import assert from 'node:assert/strict'
import runtime from 'relay-runtime'
import changed from './relay/__generated__/documentsChangedSubscription.graphql.js'
import log from './relay/__generated__/documentsLogMutation.graphql.js'
import owners from './relay/__generated__/documentsOwnersQuery.graphql.js'
import page from './relay/__generated__/documentsPageQuery.graphql.js'
import { relay } from './setup/relay.mjs'
import { anInteraction, checkFollowing, checkLogged, checkPages, signedIn } from './story.mjs'

const { commitMutation, fetchQuery, requestSubscription } = runtime

const environment = relay(await signedIn())
const ask = (query, variables) => fetchQuery(environment, query, variables).toPromise()

const first = await ask(page, { first: 2 })
assert.equal(first.viewer.role, 'REP')
const second = await ask(page, { first: 2, after: first.customers.pageInfo.endCursor })
checkPages(first.customers.edges, second.customers.edges)

// Two pages with `viewer` and `owner`: one person, two records of two types, and neither loses a field to the other.
const other = await ask(owners, {})
const records = environment.getStore().getSource()
const me = first.viewer.staffMember.id
assert.notEqual(first.viewer.id, me)
assert.equal(records.get(first.viewer.id).__typename, 'Viewer')
assert.equal(records.get(me).__typename, 'StaffMember')
assert.equal(records.get(me).role, 'REP')
assert.equal(other.viewer.name, first.viewer.name)
for (const { node } of other.customers.edges) assert.equal(node.owner.id, me)
const again = environment.lookup(runtime.createOperationDescriptor(page, { first: 2 }).fragment)
assert.equal(again.isMissingData, false)

const customerId = first.customers.edges[0].node.id
const { logInteraction } = await new Promise((onCompleted, onError) =>
  commitMutation(environment, { mutation: log, variables: { input: anInteraction(customerId) }, onCompleted, onError }),
)
checkLogged(logInteraction, customerId)

await checkFollowing((session, onChange) => {
  const config = { subscription: changed, variables: {}, onNext: ({ ticketChanged }) => onChange(ticketChanged) }
  return requestSubscription(relay(session), config).dispose
}, customerId)
