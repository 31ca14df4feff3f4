import assert from 'node:assert/strict'
import { gql } from '@apollo/client'
import { apollo } from './setup/apollo.mjs'
import { CHANGED, LOG, PAGE, WHO, anInteraction, checkFollowing, checkLogged, checkPages, signedIn } from './story.mjs'

const client = apollo(await signedIn())

const { data: who } = await client.query({ query: gql(WHO) })
assert.equal(who.viewer.role, 'REP')

const pages = client.watchQuery({ query: gql(PAGE), variables: { first: 2 } })
const { data: first } = await pages.refetch()
const before = first.customers.edges
await pages.fetchMore({ variables: { after: first.customers.pageInfo.endCursor } })
const merged = pages.getCurrentResult().data.customers.edges
checkPages(before, merged.slice(2))

// Normalised by id: the viewer and the owner, who are one person, stay two objects of two types.
const cached = client.cache.extract()
const me = who.viewer.staffMember.id
assert.equal(cached[`Viewer:${who.viewer.id}`].__typename, 'Viewer')
assert.equal(cached[`StaffMember:${me}`].__typename, 'StaffMember')
assert.equal(merged[0].node.owner.id, me)

const customerId = merged[0].node.id
const { data } = await client.mutate({ mutation: gql(LOG), variables: { input: anInteraction(customerId) } })
checkLogged(data.logInteraction, customerId)

await checkFollowing((session, onChange) => {
  const stream = apollo(session).subscribe({ query: gql(CHANGED) })
  const subscription = stream.subscribe({ next: ({ data }) => onChange(data.ticketChanged) })
  return () => subscription.unsubscribe()
}, customerId)
