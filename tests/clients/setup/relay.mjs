import runtime from 'relay-runtime'
import { follow, follower } from './follow.mjs'

const { Environment, Network, Observable, RecordSource, Store } = runtime

export function relay(session) {
  const events = follower(session)
  const ask = async ({ text: query, name: operationName }, variables) => {
    const response = await fetch(session.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await session.token()}` },
      body: JSON.stringify({ query, operationName, variables }),
    })
    return response.json()
  }
  const subscribe = ({ text: query, name: operationName }, variables) =>
    Observable.create((sink) => follow(events, { query, operationName, variables }, sink))
  return new Environment({
    network: Network.create(ask, subscribe),
    store: new Store(new RecordSource()),
    // Relay keeps records by id alone, and a TicketChange carries the id of its ticket: it is no record of its own.
    getDataID: (record, type) => (type === 'TicketChange' ? undefined : record.id),
  })
}
