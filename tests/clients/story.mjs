// What every client's story needs: where the server is, who signs in, and a stream whose token ends while it is open.
import assert from 'node:assert/strict'
import { Session } from './setup/session.mjs'

export const { ZHIKE_URL: url, ZHIKE_LOGIN: login, ZHIKE_PASSWORD: password } = process.env
const { ZHIKE_SHORT_TOKEN: shortToken, ZHIKE_SHORT_TOKEN_ENDS: shortTokenEnds } = process.env

export const WHO = `query Who { viewer { id name role staffMember { id name } } }`
export const PAGE = `query Page($first: Int, $after: String) {
  viewer { id name }
  customers(first: $first, after: $after) {
    edges { cursor node { id name { display sight } mobile { display sight } owner { id name } } }
    pageInfo { hasNextPage endCursor }
  }
}`
export const LOG = `mutation Log($input: LogInteractionInput!) {
  logInteraction(input: $input) {
    interaction { id channel summary { display } customer { id lastInteractionAt } }
    userErrors { code field message }
  }
}`
export const CHANGED = `subscription Changed($after: String) {
  ticketChanged(after: $after) { kind id cursor ticket { id subject status } }
}`
const OPEN = `mutation Open($input: OpenTicketInput!) {
  openTicket(input: $input) { ticket { id } userErrors { code field message } }
}`

export const signedIn = () => Session.signIn(url, login, password)

export function anInteraction(customerId) {
  const occurredAt = new Date(Date.now() - 60_000).toISOString()
  return { customerId, channel: 'PHONE', direction: 'OUTBOUND', occurredAt, summary: '周五回电，确认报价' }
}

export function checkPages(first, second) {
  const ids = [...first, ...second].map(({ node }) => node.id)
  assert.equal(ids.length, 4)
  assert.equal(new Set(ids).size, 4)
  for (const { node } of [...first, ...second]) {
    assert.equal(node.name.sight, 'CLEAR')
    assert.ok(['MASKED', 'CLEAR'].includes(node.mobile.sight))
    assert.doesNotMatch(node.mobile.display ?? '', /^1\d{10}$/)
  }
}

export function checkLogged({ interaction, userErrors }, customerId) {
  assert.deepEqual(userErrors, [])
  assert.equal(interaction.customer.id, customerId)
  assert.equal(interaction.summary.display, '周五回电，确认报价')
}

// `start(session, onChange)` follows and returns a function that stops. The token of the session ends while the stream is
// open; tickets are opened before and after that. Each must be seen exactly once.
export async function checkFollowing(start, customerId) {
  const other = await signedIn()
  const session = await signedIn()
  const fresh = session.accessToken
  Object.assign(session, { accessToken: shortToken, replaceAt: Date.parse(shortTokenEnds) })
  let refreshed = 0
  const refresh = session.refresh.bind(session)
  session.refresh = () => (refreshed++, refresh())
  const seen = []
  const stop = start(session, (change) => seen.push(change))
  const opened = []
  const opening = async (subject) => opened.push(await open(other, customerId, subject))
  // A stream tells of what happens after it began, and when that is nobody is told.
  for (let tries = 20; !seen.length; tries--) {
    assert.ok(tries, 'no change was told of')
    await opening('第一张')
    await pause(500)
  }
  await until(() => Date.now() > Date.parse(shortTokenEnds) + 300, 'the end of the token')
  await opening('第二张')
  await until(() => seen.some(({ id }) => id === opened.at(-1)), 'the change after the token ended')
  await pause(500)
  stop()
  const told = opened.slice(opened.indexOf(seen[0].id))
  assert.deepEqual(seen.map(({ id, kind }) => [id, kind]), told.map((id) => [id, 'CREATED']))
  assert.ok(refreshed >= 1 && session.accessToken !== fresh)
}

async function open(session, customerId, subject) {
  const input = { customerId, kind: 'COMPLAINT', priority: 'HIGH', subject, description: '到货破损，客户要求换货' }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await session.token()}` },
    body: JSON.stringify({ query: OPEN, variables: { input } }),
  })
  const { data, errors } = await response.json()
  assert.equal(errors, undefined)
  assert.deepEqual(data.openTicket.userErrors, [])
  return data.openTicket.ticket.id
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds))

async function until(holds, what) {
  for (let left = 600; !holds(); left--) {
    assert.ok(left, `waited in vain for ${what}`)
    await pause(50)
  }
}
